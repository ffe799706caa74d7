/** A region with one picture of data: its states, the same as a table, as a file, and the sessions behind it. */

import { useId } from "react";
import { Link, useSearchParams } from "wouter";
import { type Cell, download, toCsv } from "../../logic/csv";
import { DownloadIcon, TableIcon } from "../icons";
import { EmptyState, ErrorState, Skeleton, StaleNote } from "../states";
import styles from "./panel.module.css";

/** What a panel shows, as a table: raw values for files, and how they are written. */
export interface Table {
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  /** Where a cell leads, if it is a number with rows behind it. */
  href?: (row: number, column: number) => string | null;
}

export interface Column {
  label: string;
  format?: (cell: Cell) => string;
  numeric?: boolean;
}

export interface Asked {
  data: unknown;
  isError: boolean;
  isRefetchError: boolean;
  isPlaceholderData: boolean;
  error: Error | null;
  dataUpdatedAt: number;
  refetch: () => Promise<unknown>;
}

interface PanelProps {
  /** Names its table and file, and the panel in the address. */
  name: string;
  title: string;
  hint?: string;
  asked: Asked;
  table?: Table | undefined;
  /** Why there is nothing to show, and what to do about it. */
  empty?: React.ReactNode;
  sessions?: { href: string; count?: number | undefined } | undefined;
  controls?: React.ReactNode;
  rows?: number;
  className?: string | undefined;
  children: React.ReactNode;
}

export function Panel(props: PanelProps) {
  const { name, title, hint, asked, table, empty, sessions, controls, rows = 6 } = props;
  const heading = useId();
  const [params, setParams] = useSearchParams();
  const asTables = (params.get("tables") ?? "").split(".").filter(Boolean);
  const asTable = asTables.includes(name);
  const toggle = () =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        const next = asTable ? asTables.filter((one) => one !== name) : [...asTables, name];
        if (next.length > 0) after.set("tables", next.join("."));
        else after.delete("tables");
        return after;
      },
      { replace: true },
    );
  return (
    <section
      className={props.className ? `${styles.panel} ${props.className}` : styles.panel}
      aria-labelledby={heading}
      data-panel={name}
      data-waiting={asked.isPlaceholderData ? "" : undefined}
    >
      <div className={styles.head}>
        <h2 id={heading} className={styles.title} title={hint}>
          {title}
        </h2>
        {asked.isRefetchError ? (
          <StaleNote since={asked.dataUpdatedAt} onRetry={() => void asked.refetch()} />
        ) : null}
        <span className={styles.spacer} />
        {controls}
        {sessions ? (
          <Link href={sessions.href} className={styles.sessions} data-count={sessions.count}>
            {sessions.count === undefined
              ? "Sessions"
              : `${sessions.count.toLocaleString("en-US")} ${sessions.count === 1 ? "session" : "sessions"}`}
          </Link>
        ) : null}
        {table && table.rows.length > 0 ? (
          <>
            <button
              type="button"
              className={styles.tool}
              aria-pressed={asTable}
              aria-label={`${title} as a table`}
              title="As a table"
              onClick={toggle}
            >
              <TableIcon />
            </button>
            <button
              type="button"
              className={styles.tool}
              aria-label={`${title} as a CSV file`}
              title="CSV"
              onClick={() =>
                download(
                  `ai-viewer-${name}.csv`,
                  toCsv(
                    table.columns.map((column) => column.label),
                    table.rows,
                  ),
                )
              }
            >
              <DownloadIcon />
            </button>
          </>
        ) : null}
      </div>
      {asked.data === undefined ? (
        asked.isError && asked.error ? (
          <div className={styles.state}>
            <ErrorState
              what="This could not be loaded."
              error={asked.error}
              onRetry={() => void asked.refetch()}
            />
          </div>
        ) : (
          <Skeleton rows={rows} label={`Loading: ${title}`} />
        )
      ) : empty ? (
        <div className={styles.state}>{typeof empty === "string" ? <EmptyState title={empty} /> : empty}</div>
      ) : asTable && table ? (
        <DataTable table={table} label={title} />
      ) : (
        props.children
      )}
    </section>
  );
}

/** All values, for those who read rather than look. */
export function DataTable({ table, label }: { table: Table; label: string }) {
  return (
    // A table that scrolls has to be reachable without a pointer.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={`${label}, row by row`}>
      <table className={styles.table}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.label} scope="col" className={column.numeric ? styles.number : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={row.map(String).join("\n")}>
              {row.map((cell, place) => {
                const column = table.columns[place];
                const text = column?.format ? column.format(cell) : String(cell ?? "–");
                const href = table.href?.(at, place);
                return (
                  <td key={column?.label ?? place} className={column?.numeric ? styles.number : undefined}>
                    {href ? <Link href={href}>{text}</Link> : text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
