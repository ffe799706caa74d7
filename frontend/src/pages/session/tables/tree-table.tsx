import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { forestRows } from "../../../core/forest";
import { CLOSED, LEAF, OPEN } from "../../../core/waterfall-rows";
import { Chevron, DownIcon, KindIcon, StandingIcon, UpIcon } from "../../../ui/icons";
import { EmptyState } from "../../../ui/states";
import type { TableModel } from "./model";
import styles from "./tree-table.module.css";

const ROW_PX = 24;
const NAME_PX = 200;

export interface Sort {
  key: string;
  descending: boolean;
}

interface TreeTableProps {
  label: string;
  model: TableModel;
  opened: ReadonlySet<string>;
  sort: Sort | null;
  /** The node that is chosen; -1: none is. */
  chosen: number;
  /** What is chosen was chosen elsewhere: it is brought into sight. */
  reveal: boolean;
  onSort: (sort: Sort | null) => void;
  onChoose: (node: number) => void;
  onOpen: (node: number) => void;
  onToggle: (name: string) => void;
}

/** Rows as many as there are, of which those in sight are drawn; a tree where the model is one. */
export function TreeTable(props: TreeTableProps) {
  const { label, model, opened, sort, chosen, reveal, onSort, onChoose, onOpen, onToggle } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const by = useMemo(
    () => sort ?? (model.order === null ? null : { key: model.order, descending: true }),
    [sort, model.order],
  );
  const rows = useMemo(() => {
    const column = model.columns.find(({ key }) => key === by?.key);
    const order =
      by?.key === "name"
        ? { value: (node: number) => model.label(node).text, descending: by.descending }
        : column && by
          ? { value: column.value, descending: by.descending }
          : null;
    return forestRows(model, opened, order);
  }, [model, opened, by]);
  const place = useMemo(() => (chosen === -1 ? -1 : rows.nodes.indexOf(chosen)), [rows, chosen]);
  const virtual = useVirtualizer({
    count: rows.nodes.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_PX,
    scrollPaddingStart: ROW_PX,
    scrollMargin: ROW_PX,
    overscan: 8,
  });
  const show = useEffectEvent(() => {
    if (place !== -1 && reveal) virtual.scrollToIndex(place, { align: "auto" });
  });
  useEffect(() => show(), [place, model]);

  // What has nothing below it stands in line with what has.
  const isTree = rows.state.some((state) => state !== LEAF);
  const cells = `minmax(${NAME_PX}px, 1fr) ${model.columns.map(({ width }) => `${width}px`).join(" ")}`;
  const least = NAME_PX + model.columns.reduce((sum, { width }) => sum + width, 0) + 16;
  const rowId = (index: number) => `${label}-${model.name(rows.nodes[index] ?? 0)}`.replace(/[^\w-]/g, "-");
  const go = (index: number) => {
    const node = rows.nodes[Math.max(0, Math.min(rows.nodes.length - 1, index))];
    if (node === undefined) return;
    onChoose(node);
    virtual.scrollToIndex(rows.nodes.indexOf(node), { align: "auto" });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor((virtual.scrollRect?.height ?? 0) / ROW_PX) - 2);
    const node = rows.nodes[place];
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(place + 1),
      ArrowUp: () => go(Math.max(0, place - 1)),
      PageDown: () => go(place + page),
      PageUp: () => go(place - page),
      Home: () => go(0),
      End: () => go(rows.nodes.length - 1),
      ArrowRight: () => {
        if (node !== undefined && rows.state[place] === CLOSED) onToggle(model.name(node));
        else go(place + 1);
      },
      ArrowLeft: () => {
        if (node !== undefined && rows.state[place] === OPEN) return onToggle(model.name(node));
        const depth = rows.depth[place] ?? 0;
        for (let row = place - 1; row >= 0; row--) if ((rows.depth[row] ?? 0) < depth) return go(row);
        return undefined;
      },
      Enter: () => {
        if (node !== undefined) onOpen(node);
      },
    };
    const act =
      event.ctrlKey || event.metaKey || event.altKey || event.shiftKey ? undefined : acts[event.key];
    if (!act || event.target !== event.currentTarget) return;
    event.preventDefault();
    act();
  };
  const sorted = (key: string) => (by?.key !== key ? "none" : by.descending ? "descending" : "ascending");
  const onHead = (key: string) => {
    const first = key !== "name" && key !== "start" && key !== "turn";
    if (by?.key !== key) onSort({ key, descending: first });
    else if (by.descending === first) onSort({ key, descending: !first });
    else onSort(null);
  };
  if (rows.nodes.length === 0) return <EmptyState title={model.empty} />;
  return (
    <div ref={setScroller} className={styles.scroller}>
      <div
        className={styles.grid}
        role="treegrid"
        aria-label={label}
        aria-rowcount={rows.nodes.length + 1}
        aria-colcount={model.columns.length + 1}
        aria-activedescendant={place === -1 ? undefined : rowId(place)}
        tabIndex={0}
        data-table={label}
        style={{ minWidth: least, "--cells": cells } as React.CSSProperties}
        onKeyDown={onKeyDown}
      >
        <div className={styles.head} role="row" aria-rowindex={1}>
          {[{ key: "name", title: model.what, hint: undefined }, ...model.columns].map((column) => (
            <span
              key={column.key}
              className={column.key === "name" ? styles.nameHead : styles.columnHead}
              role="columnheader"
              aria-sort={sorted(column.key)}
            >
              <button
                type="button"
                className={styles.sort}
                title={column.hint}
                tabIndex={-1}
                onClick={() => onHead(column.key)}
              >
                {column.title}
                {by?.key === column.key ? by.descending ? <DownIcon /> : <UpIcon /> : null}
              </button>
            </span>
          ))}
        </div>
        <div className={styles.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const node = rows.nodes[item.index] ?? 0;
            const state = rows.state[item.index] ?? LEAF;
            const name = model.name(node);
            const said = model.label(node);
            return (
              // The keyboard chooses in the grid as a whole; this is the pointer's way.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={name}
                id={rowId(item.index)}
                className={styles.row}
                role="row"
                aria-level={(rows.depth[item.index] ?? 0) + 1}
                aria-rowindex={item.index + 2}
                aria-expanded={state === LEAF ? undefined : state === OPEN}
                aria-selected={item.index === place}
                data-node={name}
                data-dimmed={model.dimmed(node) ? "" : undefined}
                style={{ transform: `translateY(${item.start - ROW_PX}px)` }}
                onClick={() => onChoose(node)}
                onDoubleClick={() => onOpen(node)}
              >
                <span
                  className={styles.name}
                  role="gridcell"
                  style={{ paddingLeft: 4 + Math.min(rows.depth[item.index] ?? 0, 12) * 12 }}
                >
                  {state === LEAF ? (
                    isTree ? (
                      <span className={styles.toggle} />
                    ) : null
                  ) : (
                    // Rows open and close by the arrow keys; this is the pointer's way.
                    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                    <span
                      className={styles.toggle}
                      aria-hidden="true"
                      onClick={(event) => {
                        event.stopPropagation();
                        onToggle(name);
                      }}
                    >
                      <Chevron open={state === OPEN} />
                    </span>
                  )}
                  {said.kind ? <KindIcon kind={said.kind} /> : null}
                  {said.failed ? <StandingIcon standing="failed" label="Failed" /> : null}
                  <span className={styles.text} title={said.note ?? said.text}>
                    {said.text}
                    {said.note ? <span className={styles.note}> {said.note}</span> : null}
                  </span>
                </span>
                {model.columns.map((column) => (
                  <span
                    key={column.key}
                    className={styles.cell}
                    role="gridcell"
                    data-column={column.key}
                    data-value={column.value(node)}
                    data-bad={column.bad && column.value(node) > 0 ? "" : undefined}
                  >
                    {column.text(node)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
