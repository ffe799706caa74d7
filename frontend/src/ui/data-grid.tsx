/** A table of sums: one row for each of something, every column sortable. */

import styles from "./data-grid.module.css";
import { type Sorting, sorted } from "./sorting";

export interface GridColumn<Row> {
  key: string;
  /** Without one it is not sorted by. */
  label: string;
  hint?: string;
  /** What it is sorted by; numbers stand on the right. */
  value: (row: Row) => number | string | null;
  cell: (row: Row) => React.ReactNode;
  text?: boolean;
  /** Left out where there is little room. */
  minor?: boolean;
}

interface DataGridProps<Row> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly GridColumn<Row>[];
  sorting: Sorting;
}

export function DataGrid<Row>({ label, rows, rowKey, columns, sorting }: DataGridProps<Row>) {
  const column = columns.find((one) => one.key === sorting.key) ?? columns[1] ?? columns[0];
  const ordered = column ? sorted(rows, column.value, sorting.descending) : rows;
  return (
    // A table that scrolls has to be reachable without a pointer.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} role="region" aria-label={`${label}, row by row`} tabIndex={0}>
      <table className={styles.grid}>
        <thead>
          <tr>
            {columns.map((one) =>
              one.label === "" ? (
                <td key={one.key} aria-hidden="true" />
              ) : (
                <th
                  key={one.key}
                  scope="col"
                  className={one.text ? styles.text : styles.number}
                  data-minor={one.minor ? "" : undefined}
                  aria-sort={
                    one.key === column?.key ? (sorting.descending ? "descending" : "ascending") : undefined
                  }
                >
                  <button type="button" title={one.hint} onClick={() => sorting.by(one.key)}>
                    {one.label}
                    <span className={styles.arrow} aria-hidden="true">
                      {one.key === column?.key ? (sorting.descending ? "↓" : "↑") : ""}
                    </span>
                  </button>
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <tr key={rowKey(row)} data-row={rowKey(row)}>
              {columns.map((one) => (
                <td
                  key={one.key}
                  className={one.text ? styles.text : styles.number}
                  data-minor={one.minor ? "" : undefined}
                  data-column={one.key}
                >
                  {one.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A number with its share of the whole as a bar behind it. */
export function ShareCell({ share, children }: { share: number; children: React.ReactNode }) {
  return (
    <span className={styles.share}>
      <span className={styles.bar} style={{ inlineSize: `${Math.min(100, 100 * share)}%` }} />
      <span className={styles.over}>{children}</span>
    </span>
  );
}
