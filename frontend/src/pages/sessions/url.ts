/** The list's filters and the query string: one is the other. */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";
import type { SessionFilter } from "../../api/queries";
import { WORKED } from "../../logic/work-filter";

const STATUSES = ["running", "completed", "failed", "interrupted", "abandoned"] as const;

export function filterFromUrl(params: URLSearchParams): SessionFilter {
  const status = STATUSES.find((known) => known === params.get("status"));
  const worked = Object.fromEntries(
    WORKED.flatMap((name) => {
      const value = params.get(name);
      return value ? [[name, value] as const] : [];
    }),
  );
  return {
    ...(Object.keys(worked).length > 0 ? { worked } : {}),
    ...textOf(params, "q"),
    ...textOf(params, "format"),
    ...textOf(params, "project"),
    ...textOf(params, "range"),
    ...textOf(params, "model"),
    ...(status ? { status } : {}),
    ...(params.get("failed") === "true" ? { failed: true } : {}),
  };
}

function textOf<K extends "q" | "format" | "project" | "range" | "model">(
  params: URLSearchParams,
  key: K,
): { [P in K]?: string } {
  const value = params.get(key);
  return (value ? { [key]: value } : {}) as { [P in K]?: string };
}

export function filterToUrl(filter: SessionFilter): URLSearchParams {
  const params = new URLSearchParams();
  const { worked, ...own } = filter;
  for (const [key, value] of Object.entries({ ...own, ...worked })) {
    if (value !== undefined && value !== "" && value !== false) params.set(key, String(value));
  }
  return params;
}

export function useFilter(): [SessionFilter, (change: SessionFilter, replace?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filter = useMemo(() => filterFromUrl(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (part: SessionFilter, replace = false) =>
      setParams(
        (before) => {
          const after = filterToUrl({ ...filter, ...part });
          const group = before.get("group");
          if (group) after.set("group", group);
          return after;
        },
        { replace },
      ),
    [filter, setParams],
  );
  return [filter, change];
}
