import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useState } from "react";
import styles from "./data-table.module.css";

const ROW_PX = 24;

export interface Column {
  text: string;
  hint?: string;
  /** CSS width of its column. */
  width: string;
  /** Numbers stand on the right. */
  number?: boolean;
  /** Sort by it; without it the table is not sorted by it. */
  onSort?: () => void;
  sorted?: "ascending" | "descending" | undefined;
}

interface DataTableProps {
  label: string;
  columns: readonly Column[];
  count: number;
  cell: (row: number, column: number) => React.ReactNode;
  /** How deep a row lies; where it is given the rows are a tree. */
  depth?: (row: number) => number;
  chosen: number;
  onChoose: (row: number) => void;
  onOpen?: (row: number) => void;
  /** The last row came into sight. */
  onEnd?: (() => void) | undefined;
  /** Whether the last row stays in sight as rows are added. */
  follow?: boolean;
  /** A name for tests. */
  rowKey?: (row: number) => string;
}

/** Rows and columns of which only those in sight exist; arrows choose among them. */
export function DataTable(props: DataTableProps) {
  const { label, columns, count, cell, depth, chosen, onChoose, onOpen, onEnd, follow, rowKey } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const show = useEffectEvent(() => {
    if (chosen !== -1) virtual.scrollToIndex(chosen, { align: "auto" });
  });
  useEffect(() => show(), [chosen, scroller]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const reachEnd = useEffectEvent((row: number) => {
    if (row >= 0 && row === count - 1) onEnd?.();
  });
  useEffect(() => reachEnd(last), [last, count]);
  const toEnd = useEffectEvent((rows: number) => {
    if (rows > 0) virtual.scrollToIndex(rows - 1, { align: "end" });
  });
  useEffect(() => {
    if (follow) toEnd(count);
  }, [follow, count]);
  const template = columns.map((column) => column.width).join(" ");
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to: Record<string, number> = {
      ArrowDown: Math.min(count - 1, chosen + 1),
      ArrowUp: Math.max(0, chosen - 1),
      PageDown: Math.min(count - 1, chosen + 20),
      PageUp: Math.max(0, chosen - 20),
      Home: 0,
      End: count - 1,
    };
    const next = to[event.key];
    if (next !== undefined && count > 0) {
      event.preventDefault();
      onChoose(next);
    } else if (event.key === "Enter" && chosen !== -1 && onOpen) {
      event.preventDefault();
      onOpen(chosen);
    }
  };
  const id = (row: number) => `${label.replace(/\W+/g, "-")}-${row}`;
  return (
    <div ref={setScroller} className={styles.scroller}>
      <div
        className={styles.table}
        role="treegrid"
        aria-label={label}
        aria-rowcount={count + 1}
        aria-colcount={columns.length}
        aria-activedescendant={chosen === -1 ? undefined : id(chosen)}
        tabIndex={0}
        style={{ "--columns": template } as React.CSSProperties}
        onKeyDown={onKeyDown}
      >
        <div className={styles.head} role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <span
              key={column.text}
              role="columnheader"
              aria-sort={column.sorted}
              className={column.number ? styles.number : styles.cell}
              title={column.hint}
            >
              {column.onSort ? (
                <button type="button" className={styles.sort} onClick={column.onSort}>
                  {column.text}
                  {column.sorted ? (column.sorted === "ascending" ? " ↑" : " ↓") : null}
                </button>
              ) : (
                column.text
              )}
            </span>
          ))}
        </div>
        <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            // The keyboard chooses in the grid as a whole; this is the pointer's way.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={item.key}
              id={id(item.index)}
              className={styles.row}
              role="row"
              aria-rowindex={item.index + 2}
              aria-level={depth ? depth(item.index) + 1 : undefined}
              aria-selected={item.index === chosen}
              data-key={rowKey?.(item.index)}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onChoose(item.index)}
              onDoubleClick={onOpen ? () => onOpen(item.index) : undefined}
            >
              {columns.map((column, place) => (
                <span
                  key={column.text}
                  role="gridcell"
                  className={column.number ? styles.number : styles.cell}
                  style={
                    place === 0 && depth ? { paddingLeft: Math.min(depth(item.index), 12) * 14 } : undefined
                  }
                >
                  {cell(item.index, place)}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
