import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useChildren } from "../../api/queries";
import type { SessionRow } from "../../api/types";
import { treeRows } from "../../logic/session-list";
import { zoneName } from "../../logic/time";
import { useShortcuts } from "../../ui/shortcuts";
import { useToday } from "../../ui/today";
import { Row, rowId } from "./row";
import styles from "./sessions.module.css";

const ROW_HEIGHT = 28;
const ROWS_AHEAD = 20;

const COLUMNS: { key: string; text: string; hint?: string }[] = [
  { key: "standing", text: "" },
  { key: "title", text: "Session" },
  { key: "project", text: "Project", hint: "Folder and branch" },
  { key: "agent", text: "Agent", hint: "Role of a sub-agent, or the program" },
  { key: "model", text: "Model" },
  { key: "started", text: "Started" },
  {
    key: "wall",
    text: "Duration",
    hint: "From start to last activity; the bar is the share of it within turns",
  },
  { key: "turns", text: "Turns/ops", hint: "Turns, and the model calls, tool calls and other steps in them" },
  { key: "subs", text: "Subs", hint: "Sub-agents, however deep" },
  { key: "in", text: "In", hint: "Fresh input tokens" },
  { key: "out", text: "Out", hint: "Output tokens, reasoning included" },
  { key: "cache", text: "Cache", hint: "Tokens read from the cache" },
  { key: "cost", text: "Cost", hint: "Its own cost" },
  { key: "tree", text: "+ subs", hint: "Cost with its sub-agents" },
  { key: "context", text: "Context", hint: "Most tokens held in the model's context by one call" },
  { key: "fails", text: "Fails", hint: "Failed steps" },
  { key: "last", text: "Last", hint: "Last activity" },
];

interface Place {
  offset: number;
  expanded: ReadonlySet<string>;
  activePath: string | undefined;
}

/** Where each filter's list was left, for coming back from a session. */
const places = new Map<string, Place>();

interface SessionTableProps {
  sessions: readonly SessionRow[];
  total: number;
  filterKey: string;
  /** Told whether rows may move: the list is at its top and nothing is under the pointer. */
  onSettled: (settled: boolean) => void;
  onNearEnd: () => void;
  newAbove: React.ReactNode;
}

export function SessionTable({
  sessions,
  total,
  filterKey,
  onSettled,
  onNearEnd,
  newAbove,
}: SessionTableProps) {
  const [, navigate] = useLocation();
  const scroller = useRef<HTMLDivElement>(null);
  const [left] = useState(() => places.get(filterKey));
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(left?.expanded ?? new Set());
  const [activePath, setActivePath] = useState(left?.activePath);
  const [hovered, setHovered] = useState(false);
  const [atTop, setAtTop] = useState(true);
  const childrenOf = useChildren([...expanded]);
  const rows = treeRows(sessions, expanded, childrenOf);

  const today = useToday();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.path ?? index,
    overscan: 8,
    scrollPaddingStart: ROW_HEIGHT,
    initialOffset: left?.offset ?? 0,
  });
  const items = virtual.getVirtualItems();
  const nearEnd = (items.at(-1)?.index ?? 0) >= rows.length - ROWS_AHEAD;

  const askForMore = useEffectEvent(onNearEnd);
  useEffect(() => {
    if (nearEnd) askForMore();
  }, [nearEnd, rows.length]);
  const tellSettled = useEffectEvent(onSettled);
  useEffect(() => tellSettled(atTop && !hovered), [atTop, hovered]);
  const remember = useEffectEvent(() => {
    places.set(filterKey, { offset: virtual.scrollOffset ?? 0, expanded, activePath });
  });
  useEffect(() => () => remember(), []);

  const activeIndex = rows.findIndex((row) => row.path === activePath);
  const active = rows[activeIndex];

  const toggle = useCallback((id: string) => {
    setExpanded((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const moveTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setActivePath(row.path);
    virtual.scrollToIndex(rows.indexOf(row), { align: "auto" });
    scroller.current?.focus({ preventScroll: true });
  };
  const open = () => {
    if (active) navigate(`/s/${encodeURIComponent(active.session.id)}`);
  };
  const unfold = () => {
    if (!active) return;
    if (active.session.children > 0 && !active.expanded) toggle(active.session.id);
    else if (active.expanded) moveTo(activeIndex + 1);
  };
  const fold = () => {
    if (!active) return;
    if (active.expanded) toggle(active.session.id);
    else if (active.level > 1)
      moveTo(rows.findLastIndex((row, index) => index < activeIndex && row.level < active.level));
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
  useShortcuts({
    j: () => moveTo(activeIndex + 1),
    k: () => moveTo(activeIndex - 1),
    ArrowDown: () => moveTo(activeIndex + 1),
    ArrowUp: () => moveTo(activeIndex - 1),
    PageDown: () => moveTo(activeIndex + page()),
    PageUp: () => moveTo(activeIndex - page()),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
    ArrowRight: unfold,
    ArrowLeft: fold,
    Enter: open,
  });

  return (
    <div className={styles.region}>
      {newAbove}
      <div
        ref={scroller}
        className={styles.scroller}
        role="treegrid"
        aria-label="Sessions"
        aria-rowcount={Math.max(total, rows.length) + 1}
        aria-colcount={COLUMNS.length}
        aria-activedescendant={active ? rowId(active.path) : undefined}
        tabIndex={0}
        onFocus={(event) => {
          if (event.target === scroller.current && !active) setActivePath(rows[items[0]?.index ?? 0]?.path);
        }}
        onScroll={(event) => setAtTop(event.currentTarget.scrollTop === 0)}
        onPointerEnter={() => setHovered(true)}
        onPointerLeave={() => setHovered(false)}
      >
        <div className={styles.head} role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <div key={column.key} role="columnheader" className={styles[column.key]} title={column.hint}>
              {column.key === "standing" ? <span className="visually-hidden">Status</span> : column.text}
              {column.key === "started" ? <span className={styles.zone}> {zoneName(today)}</span> : null}
            </div>
          ))}
        </div>
        <div className={styles.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <Row
                key={item.key}
                {...row}
                index={item.index}
                top={item.start}
                active={row.path === activePath}
                onToggle={toggle}
                onActivate={setActivePath}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}
