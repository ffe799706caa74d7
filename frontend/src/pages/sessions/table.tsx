import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useChildren } from "../../api/queries";
import type { SessionRow } from "../../api/types";
import { grouped, type Heading, isHeading } from "../../logic/session-groups";
import { type TreeRow, treeRows } from "../../logic/session-list";
import { resumeCommand } from "../../logic/session-names";
import { zoneName } from "../../logic/time";
import { plural } from "../../logic/units";
import { useRowHeight } from "../../ui/density";
import { useShortcuts } from "../../ui/shortcuts";
import { useToday } from "../../ui/today";
import { COLUMNS, useHiddenColumns } from "./columns";
import { Preview } from "./preview";
import { Row, rowId } from "./row";
import styles from "./sessions.module.css";
import type { GroupBy } from "./view-menu";

const ROWS_AHEAD = 20;

interface Place {
  offset: number;
  expanded: ReadonlySet<string>;
  activePath: string | undefined;
}

/** Where each filter's list was left, for coming back from a session. */
const places = new Map<string, Place>();

interface SessionTableProps {
  sessions: readonly SessionRow[];
  group: GroupBy | undefined;
  wide: boolean;
  total: number;
  filterKey: string;
  /** Told whether rows may move: the list is at its top and nothing is under the pointer. */
  onSettled: (settled: boolean) => void;
  onNearEnd: () => void;
  newAbove: React.ReactNode;
}

export function SessionTable({
  sessions,
  group,
  wide,
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
  const rows = grouped(treeRows(sessions, expanded, childrenOf), group);
  const rowHeight = useRowHeight();
  const [hidden] = useHiddenColumns(wide);
  const columns = COLUMNS.filter((column) => !hidden.has(column.key));
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [previewed, setPreviewed] = useState(false);
  const [said, setSaid] = useState("");

  const today = useToday();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(rows[index]) ?? index,
    overscan: 8,
    scrollPaddingStart: rowHeight,
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

  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const activeIndex = rows.findIndex((row) => keyOf(row) === activePath);
  const found = rows[activeIndex];
  const active = isSession(found) ? found : undefined;

  const toggle = useCallback((id: string) => {
    setExpanded((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const moveTo = (index: number, by = 1) => {
    let to = Math.max(0, Math.min(rows.length - 1, index));
    // Headings are passed by; above the first session there is only its own.
    if (!isSession(rows[to])) to += to === 0 || by > 0 ? 1 : -1;
    const row = rows[to];
    if (!row || isHeading(row)) return;
    setActivePath(row.path);
    virtual.scrollToIndex(to, { align: "auto" });
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
      moveTo(
        rows.findLastIndex(
          (row, index) => index < activeIndex && !isHeading(row) && row.level < active.level,
        ),
      );
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
  const select = () => {
    if (!active) return;
    const { id } = active.session;
    setSelected((before) =>
      before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-2),
    );
  };
  const compare = () => {
    const [a, b] = selected.length === 2 || !active ? selected : [...selected, active.session.id];
    if (a === undefined || b === undefined || a === b) setSaid("Select two sessions with x to compare them.");
    else navigate(`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
  };
  const copy = () => {
    const command = active && resumeCommand(active.session);
    if (!command) setSaid("This session has no command to take it up again.");
    else
      navigator.clipboard.writeText(command).then(
        () => setSaid(`Copied: ${command}`),
        () => setSaid("Not copied: the browser refused."),
      );
  };
  useShortcuts({
    " ": () => setPreviewed(!previewed),
    x: select,
    c: compare,
    y: copy,
    Escape: () => (previewed ? setPreviewed(false) : setSelected([])),
    j: () => moveTo(activeIndex + 1),
    k: () => moveTo(activeIndex - 1, -1),
    ArrowDown: () => moveTo(activeIndex + 1),
    ArrowUp: () => moveTo(activeIndex - 1, -1),
    PageDown: () => moveTo(activeIndex + page()),
    PageUp: () => moveTo(activeIndex - page(), -1),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1, -1),
    ArrowRight: unfold,
    ArrowLeft: fold,
    Enter: open,
  });

  return (
    <div
      className={styles.region}
      style={
        {
          "--columns": columns.map((column) => column.width).join(" "),
          "--row": `${rowHeight}px`,
        } as React.CSSProperties
      }
      data-hide={[...hidden].join(" ")}
    >
      {newAbove}
      <p role="status" className={said || selected.length > 0 ? styles.said : "visually-hidden"}>
        {said || (selected.length > 0 ? `${plural(selected.length, "session")} selected` : "")}
        {selected.length === 2 ? (
          <button type="button" className={styles.compare} onClick={compare}>
            Compare
          </button>
        ) : null}
      </p>
      <div
        ref={scroller}
        className={styles.scroller}
        role="treegrid"
        aria-label="Sessions"
        aria-rowcount={Math.max(total, rows.length) + 1}
        aria-colcount={columns.length}
        aria-activedescendant={active ? rowId(active.path) : undefined}
        tabIndex={0}
        onFocus={(event) => {
          const first = rows.slice(items[0]?.index ?? 0).find((row) => !isHeading(row));
          if (event.target === scroller.current && !active) setActivePath(keyOf(first));
        }}
        onScroll={(event) => setAtTop(event.currentTarget.scrollTop === 0)}
        onPointerEnter={() => setHovered(true)}
        onPointerLeave={() => setHovered(false)}
      >
        <div className={styles.head} role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <div key={column.key} role="columnheader" className={styles[column.key]} title={column.hint}>
              {column.key === "standing" ? <span className="visually-hidden">Status</span> : column.text}
              {column.key === "started" ? <span className={styles.zone}> {zoneName(today)}</span> : null}
            </div>
          ))}
        </div>
        <div className={styles.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row && isHeading(row))
              return (
                <div
                  key={item.key}
                  className={styles.group}
                  role="row"
                  aria-rowindex={item.index + 2}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <div role="gridcell" aria-colspan={columns.length}>
                    {row.heading} <span className={styles.per}>{row.sessions}</span>
                  </div>
                </div>
              );
            return row ? (
              <Row
                key={item.key}
                {...row}
                index={item.index}
                top={item.start}
                active={row.path === activePath}
                selected={selected.includes(row.session.id)}
                onToggle={toggle}
                onActivate={setActivePath}
              />
            ) : null;
          })}
        </div>
      </div>
      {previewed && active ? <Preview session={active.session} onClose={() => setPreviewed(false)} /> : null}
    </div>
  );
}

function isSession(row: TreeRow | Heading | undefined): row is TreeRow {
  return row !== undefined && !isHeading(row);
}

function keyOf(row: TreeRow | Heading | undefined): string | undefined {
  if (!row) return undefined;
  return isHeading(row) ? `heading ${row.heading}` : row.path;
}
