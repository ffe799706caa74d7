/** A value of something one can filter by: a click filters, Alt excludes, Shift opens its own page. */

import { useLocation, useSearch } from "wouter";
import { type Field, OF_SESSIONS, type Vocabulary, withValue } from "../logic/filter";
import styles from "./dimension.module.css";

const CATALOGS: Partial<Record<Field, string>> = {
  tool: "/tools",
  name: "/tools",
  model: "/models",
  agent: "/agents",
  project: "/projects",
};

interface DimensionProps {
  field: Field;
  value: string;
  /** The page whose filter it is; if one is elsewhere, it leads there. */
  page?: string;
  vocabulary?: Vocabulary;
  /** Out of the way of the Tab key, in a table that has keys of its own. */
  passive?: boolean;
  className?: string | undefined;
  children: React.ReactNode;
}

export function Dimension({
  field,
  value,
  page = "/sessions",
  vocabulary = OF_SESSIONS,
  passive = false,
  className,
  children,
}: DimensionProps) {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const catalog = CATALOGS[field];
  const target = (negated: boolean) => {
    const params = new URLSearchParams(path === page ? search : "");
    params.set("q", withValue(params.get("q") ?? "", field, value, { negated, vocabulary }));
    return `${page}?${params.toString()}`;
  };
  return (
    <a
      href={target(false)}
      className={className ? `${styles.value} ${className}` : styles.value}
      title={`${value}\nClick: only this · Alt: without this${catalog ? " · Shift: all about it" : ""}`}
      tabIndex={passive ? -1 : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        if (event.shiftKey && catalog) navigate(`${catalog}/${encodeURIComponent(value)}`);
        else navigate(target(event.altKey));
      }}
    >
      {children}
    </a>
  );
}
