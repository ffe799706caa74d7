import { Suspense, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { SessionRow } from "../../api/types";
import { LaneCache } from "../../core/lanes";
import { pan, within, zoom } from "../../core/range";
import {
  placeInPage,
  rowOfSelection,
  type Selection,
  selectionOf,
  VIEWS,
  type Workbench,
} from "../../core/selection";
import { type Gap, TimeAxis } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { FLAGS } from "../../core/trace-columns";
import { stepDear, stepInLane, stepTurn } from "../../core/steps";
import { OP_ROW, timeOf, turnName } from "../../core/waterfall-rows";
import { areMost, extent, liveSessions, longWaits } from "../../core/waits";
import { useShortcuts } from "../../ui/shortcuts";
import { Splitter } from "../../ui/splitter";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { useMedia } from "../../ui/use-media";
import { usePalette } from "../../ui/use-palette";
import { useSize } from "../../ui/use-size";
import { Overview } from "./overview";
import { type Layout, Ribbon } from "./ribbon";
import { useBenchState } from "./use-bench";
import type { useTrace } from "./use-trace";
import { PreviewBar } from "./preview-bar";
import { RangeBar } from "./range-bar";
import { useMatches } from "./use-matches";
import { useTestHooks } from "./use-test-hooks";
import type { ViewHandle } from "./view-props";
import { VIEW_TABLE, viewNamed } from "./views";
import styles from "./workbench.module.css";

const LEAST_CONTENT_PX = 480;
const LEAST_VIEW_PX = 360;
/** Of the table at least the line that says what its range adds up to. */
const LEAST_TABLE_PX = 28;
/** Per cent of the height. */
const MOST_BELOW = 85;
const STEP_PX = 120;
const STEP_ZOOM = 1.5;
const NEAR_ZOOM = 6;
const NO_KINDS: readonly string[] = [];
const NO_WAITS: readonly Gap[] = [];
const NONE_LIVE: ReadonlySet<number> = new Set();

interface WorkbenchViewProps {
  bench: Workbench;
  id: string;
  session: SessionRow | undefined;
  traced: ReturnType<typeof useTrace>;
  prompts: ReadonlyMap<number, string>;
  /** The transcript. */
  content: React.ReactNode;
}

/** A session as a whole, as bars, and as text: three views of one selection. */
export function WorkbenchView({ bench, id, session, traced, prompts, content }: WorkbenchViewProps) {
  const { trace, query } = traced;
  const [, navigate] = useLocation();
  const [layout, setLayout] = useRemembered<Layout>("ai-viewer.layout", "inspect", isLayout);
  const [share, setShare] = useRemembered("ai-viewer.content-share", 42, isShare);
  const [tableShare, setTableShare] = useRemembered("ai-viewer.table-share", 36, isShare);
  const narrow = useMedia("(max-width: 1023px)");
  const [panes, setPanes] = useState<HTMLDivElement | null>(null);
  const { width } = useSize(panes);
  const [viewSide, setViewSide] = useState<HTMLDivElement | null>(null);
  const { height } = useSize(viewSide);
  const handle = useRef<ViewHandle>(null);
  const palette = usePalette(trace?.head.kinds ?? NO_KINDS);
  const matches = useMatches(bench, id, trace);
  const { mask } = matches;
  const lanes = useMemo(() => trace && new LaneCache(trace, mask), [trace, mask]);
  const whole = useMemo(() => trace && extent(trace), [trace]);
  const active = session?.active ?? false;
  const live = useMemo(() => (trace ? liveSessions(trace, active) : NONE_LIVE), [trace, active]);
  const waits = useMemo(
    () => (trace && whole ? longWaits(trace, whole, live) : NO_WAITS),
    [trace, whole, live],
  );
  const wanted = useBenchState(bench, (state) => state.gaps);
  const folded = wanted ?? (whole ? areMost(waits, whole) : false);
  const unfolded = useBenchState(bench, (state) => state.unfolded);
  const foldedWaits = useMemo(
    () => (folded ? waits.filter(({ start }) => !unfolded.has(start)) : NO_WAITS),
    [folded, waits, unfolded],
  );
  const view = viewNamed(useBenchState(bench, (state) => state.view));
  useTestHooks(trace, handle);
  const failures = useMemo(() => (trace ? failedOps(trace) : []), [trace]);

  // A session of one turn has nothing to show as long as that is closed.
  const openAlone = useEffectEvent(() => {
    if (trace && (trace.turnsFrom[1] ?? 0) === 1) bench.toggle(turnName(trace, 0), true);
  });
  const loaded = trace !== undefined;
  useEffect(() => {
    if (loaded) openAlone();
  }, [loaded]);

  const axis = () => {
    const range = bench.state.range ?? whole;
    return handle.current?.axis() ?? new TimeAxis(range?.start ?? 0, range?.end ?? 1, 1000, foldedWaits);
  };
  const move = (px: number) => {
    if (whole) bench.set({ range: pan(axis(), whole, px) });
  };
  const closer = (factor: number) => {
    if (!whole) return;
    const now = axis();
    bench.set({ range: zoom(now, whole, anchor(now), factor) });
  };
  /** Zooming by key holds what is chosen, if it is in sight, else the middle. */
  const anchor = (now: TimeAxis): number => {
    const time = chosenTime();
    const x = time ? now.x((time.start + time.end) / 2) : -1;
    return x >= 0 && x <= now.width ? x : now.width / 2;
  };
  const chosenTime = () =>
    lanes && bench.state.sel ? timeOf(lanes.trace, rowOfSelection(lanes.trace, bench.state.sel)) : undefined;
  const centre = () => {
    const time = chosenTime();
    if (!time || !whole) return;
    const now = axis();
    const [left, right] = [now.x(time.start), now.x(time.end)];
    const middle = (left + right) / 2;
    if (!bench.state.range) {
      const near = now.zoomed(middle, NEAR_ZOOM);
      const there = new TimeAxis(near.start, near.end, now.width, foldedWaits);
      bench.settle(pan(there, whole, there.x((time.start + time.end) / 2) - now.width / 2));
    } else if (
      Math.abs(middle - now.width / 2) >= 2 &&
      now.x(whole.end) > now.width &&
      now.x(whole.start) < 0
    ) {
      bench.set({ range: pan(now, whole, middle - now.width / 2) });
    } else {
      // What stands in the middle already is made to fit.
      const room = Math.max((time.end - time.start) * 0.1, 500);
      bench.settle(within({ start: time.start - room, end: time.end + room }, whole));
    }
  };
  const turnsOpened = (): ReadonlySet<string> => {
    const names = new Set(bench.state.opened);
    if (trace) for (let row = 0; row < (trace.turnsFrom[1] ?? 0); row++) names.add(turnName(trace, row));
    return names;
  };
  const nextFailure = (by: 1 | -1) => {
    if (!trace || failures.length === 0) return;
    const sel = bench.state.sel;
    const now = sel ? rowOfSelection(trace, sel) : undefined;
    const time = now && lanes ? (timeOf(trace, now)?.start ?? 0) : by === 1 ? -1 : Number.POSITIVE_INFINITY;
    const at = now?.type === OP_ROW ? failures.indexOf(now.ref) : -1;
    const next =
      at !== -1
        ? failures[at + by]
        : by === 1
          ? failures.find((op) => (trace.ops.start[op] ?? 0) >= time)
          : failures.findLast((op) => (trace.ops.start[op] ?? 0) < time);
    if (next !== undefined) bench.set({ sel: selectionOf(trace, OP_ROW, next), origin: "keys" });
  };
  const go = (sel: Selection | null) => {
    if (sel) bench.set({ sel, origin: "keys", follow: false });
  };
  const besideInLane = (by: 1 | -1) => (trace ? stepInLane(trace, bench.state.sel, by) : null);
  const nextTurn = (by: 1 | -1) => (trace ? stepTurn(trace, bench.state.sel, by) : null);
  const nextDear = () => (trace ? stepDear(trace, bench.state.sel) : null);
  // Before whatever has the focus: a range that was drawn is what one has just looked at.
  const onEnter = useEffectEvent((event: KeyboardEvent) => {
    const { preview } = bench.state;
    if (event.key !== "Enter" || !preview || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select, button, dialog"))
      return;
    event.preventDefault();
    event.stopPropagation();
    bench.commit(preview);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onEnter(event);
    document.addEventListener("keydown", listener, { capture: true });
    return () => document.removeEventListener("keydown", listener, { capture: true });
  }, []);
  useShortcuts({
    KeyW: () => closer(STEP_ZOOM),
    KeyS: () => closer(1 / STEP_ZOOM),
    KeyA: () => move(-STEP_PX),
    KeyD: () => move(STEP_PX),
    f: centre,
    "0": () => bench.leaveTo(0),
    z: () => bench.fold(!folded),
    p: () => bench.set({ path: !bench.state.path }),
    r: () => {
      const time = chosenTime();
      if (time && whole) bench.set({ preview: within(time, whole) });
    },
    ",": () => go(besideInLane(-1)),
    ".": () => go(besideInLane(1)),
    t: () => go(nextTurn(1)),
    J: () => go(nextTurn(1)),
    K: () => go(nextTurn(-1)),
    $: () => go(nextDear()),
    "]": () => bench.set({ opened: turnsOpened() }),
    "[": () => bench.set({ opened: new Set() }),
    l: () => bench.set({ follow: !bench.state.follow }),
    e: () => nextFailure(1),
    E: () => nextFailure(-1),
    Escape: () => {
      if (!document.querySelector(":popover-open")) bench.escape();
    },
    ...Object.fromEntries(
      VIEWS.flatMap((name, index) =>
        VIEW_TABLE[name] ? [[String(index + 1), () => bench.set({ view: name })]] : [],
      ),
    ),
    "Shift+Digit1": () => setLayout("inspect"),
    "Shift+Digit2": () => setLayout("read"),
    "Shift+Digit3": () => setLayout("trace"),
  });

  const least = width > 0 ? (100 * LEAST_CONTENT_PX) / width : 35;
  const most = width > 0 ? Math.max(least, 100 - (100 * LEAST_VIEW_PX) / width) : 70;
  const leastBelow = height > 0 ? (100 * LEAST_TABLE_PX) / height : 6;
  const below = Math.max(leastBelow, Math.min(MOST_BELOW, tableShare));
  const right = Math.max(least, Math.min(most, share));
  const shown: Layout = narrow && layout === "inspect" ? "trace" : layout;
  return (
    <>
      <Ribbon
        bench={bench}
        trace={trace}
        matches={matches}
        waits={waits}
        folded={folded}
        active={active}
        layout={shown}
        narrow={narrow}
        onLayout={setLayout}
      />
      {lanes && whole ? (
        <Overview bench={bench} lanes={lanes} palette={palette} whole={whole} waits={foldedWaits} />
      ) : query.isPending ? (
        <div className={styles.noOverview} />
      ) : null}
      <div
        ref={setPanes}
        className={styles.panes}
        data-layout={shown}
        data-narrow={narrow ? "" : undefined}
        style={{ "--content": `${right}%` } as React.CSSProperties}
      >
        <div ref={setViewSide} className={styles.view}>
          <div className={styles.canvas}>
            {lanes && whole && lanes.trace.turns.turn.length > 0 ? (
              <Suspense fallback={<Skeleton rows={14} label="Loading the view" />}>
                <view.Component
                  bench={bench}
                  lanes={lanes}
                  palette={palette}
                  whole={whole}
                  waits={foldedWaits}
                  live={live}
                  prompts={prompts}
                  mask={mask}
                  onOpenSession={(child) => navigate(`/s/${encodeURIComponent(child)}`)}
                  handle={handle}
                />
              </Suspense>
            ) : query.isError ? (
              <ErrorState
                what="The trace could not be loaded."
                error={query.error}
                onRetry={() => void query.refetch()}
              />
            ) : query.isPending ? (
              <Skeleton rows={14} label="Loading the trace" />
            ) : (
              <EmptyState title="There is nothing to draw in this session." />
            )}
            {trace && whole ? <PreviewBar bench={bench} trace={trace} whole={whole} /> : null}
          </div>
          {trace && whole && lanes ? (
            <>
              <Splitter
                value={below}
                lies="horizontal"
                least={leastBelow}
                most={MOST_BELOW}
                label="Height of the table"
                onChange={setTableShare}
              />
              <div className={styles.table} style={{ height: `${below}%` }}>
                <RangeBar bench={bench} trace={trace} whole={whole} />
              </div>
            </>
          ) : null}
        </div>
        {shown === "inspect" ? (
          <Splitter
            value={right}
            least={least}
            most={most}
            label="Width of the transcript"
            onChange={setShare}
          />
        ) : null}
        <div className={styles.content}>{content}</div>
      </div>
    </>
  );
}

/** What failed and is no copy, in order of time. */
function failedOps(trace: Trace): number[] {
  const failed = trace.head.statuses.indexOf("failed");
  const found: number[] = [];
  trace.ops.status.forEach((status, op) => {
    if (status === failed && !((trace.ops.flags[op] ?? 0) & FLAGS.replay)) found.push(op);
  });
  return found.toSorted((one, other) => (trace.ops.start[one] ?? 0) - (trace.ops.start[other] ?? 0));
}

const isLayout = (value: unknown): value is Layout =>
  value === "inspect" || value === "read" || value === "trace";
const isShare = (value: unknown): value is number => typeof value === "number" && value > 0 && value < 100;

/** A choice that is kept for the next visit. */
function useRemembered<T>(
  key: string,
  usual: T,
  isOne: (value: unknown) => value is T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
      return isOne(stored) ? stored : usual;
    } catch {
      // Storage is blocked, or holds what is not ours: as if nothing was chosen.
      return usual;
    }
  });
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch (error) {
        console.warn("The layout is not remembered: storage is blocked.", error);
      }
    },
  ];
}

/** Where in the page's own transcript the chosen thing is; `null`: nothing is chosen, or it is not known where. */
export function usePlace(bench: Workbench, trace: Trace | undefined) {
  const sel = useBenchState(bench, (state) => state.sel);
  return useMemo(() => (sel && trace ? placeInPage(trace, sel) : null), [sel, trace]);
}
