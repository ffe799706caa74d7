import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useImperativeHandle, useMemo, useRef, useState } from "react";
import { drew } from "../../core/frames";
import {
  atOnce,
  type LaneOrder,
  laneDepths,
  laneLinks,
  laneOrder,
  LaneRows,
  type LaneSums,
  laneSums,
} from "../../core/lane-rows";
import { AXIS_PX, drawAxis, resize, tickTimes } from "../../core/paint-axis";
import { drawAtOnce, STRIP_PX } from "../../core/paint-at-once";
import { hitLane, type LanesScene, laneTops, paintLanes, placeOfOp } from "../../core/paint-lanes";
import type { Canvas } from "../../core/paint-waterfall";
import { panTo } from "../../core/range";
import { rowOfSelection, selectionName, selectionOf } from "../../core/selection";
import { TimeAxis } from "../../core/time-axis";
import { NONE } from "../../core/trace-columns";
import { OP_ROW, timeOf } from "../../core/waterfall-rows";
import { plural } from "../../logic/units";
import { useSize } from "../../ui/use-size";
import { OpCard } from "./hover-card";
import { LaneHead } from "./lane-head";
import styles from "./lanes-view.module.css";
import { nameOf } from "./row-figures";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";
import { type Point, usePlotPointer, useRedraw, useTimeWheel } from "./use-plot";
import { BarButton, BarNote, Choices, ViewBar } from "./view-bar";
import type { ViewProps } from "./view-props";

const ORDERS: readonly (readonly [LaneOrder, string, string])[] = [
  ["spawn", "Started", "In the order in which they were started"],
  ["cost", "Cost", "The most expensive first"],
  ["duration", "Duration", "The longest first"],
];
const ORDER_NAMES = ORDERS.map(([order]) => order);
const ALONE: ReadonlySet<string> = new Set();

/** A session and all that it started, a lane each, on one axis of time. */
export default function LanesView(props: ViewProps) {
  const { bench, lanes, palette, whole, waits, live, mask, onOpenSession, handle } = props;
  const { trace } = lanes;
  const { sessions } = trace.head;
  const sel = useBenchState(bench, (state) => state.sel);
  const hover = useBenchState(bench, (state) => state.hover);
  const pinned = useBenchState(bench, (state) => state.pins);
  const hidden = useBenchState(bench, (state) => state.hidden);
  const scope = useBenchState(bench, (state) => state.scope);
  const [order, setOrder] = useAddressChoice("lanes", ORDER_NAMES);
  const [solo, setSolo] = useState<ReadonlySet<string>>(ALONE);
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [plot, setPlot] = useState<HTMLDivElement | null>(null);
  const size = useSize(scroller);
  const { width } = useSize(plot);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const headRef = useRef<HTMLCanvasElement>(null);
  const kept = useRef<Canvas | null>(null);
  const pointer = useRef<Point>({ x: 0, y: 0 });
  const grid = useRef<HTMLDivElement>(null);

  const sums = useMemo(() => laneSums(trace), [trace]);
  const depths = useMemo(() => laneDepths(trace), [trace]);
  const links = useMemo(() => laneLinks(trace, sums), [trace, sums]);
  const together = useMemo(() => atOnce(trace), [trace]);
  const rows = useMemo(() => new LaneRows(lanes, mask), [lanes, mask]);
  const shown = useMemo(
    () => (scope === "self" ? [0] : laneOrder(trace, sums, { order, pinned, hidden, solo })),
    [trace, sums, order, pinned, hidden, solo, scope],
  );
  const tops = useMemo(() => laneTops(rows, shown), [rows, shown]);
  const chosen = useMemo(() => (sel ? rowOfSelection(trace, sel) : { type: OP_ROW, ref: -1 }), [trace, sel]);
  const chosenOp = sel?.type === "op" ? chosen.ref : -1;
  const lane = useMemo(
    () =>
      sel === null || sel.type === "node" ? -1 : sessions.findIndex((session) => session.id === sel.session),
    [sessions, sel],
  );
  const place = shown.indexOf(lane);
  const child = hover === null ? NONE : (trace.ops.child[hover] ?? NONE);

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller,
    estimateSize: (index) => (tops[index + 1] ?? 0) - (tops[index] ?? 0),
    overscan: 4,
  });
  useEffect(() => virtual.measure(), [virtual, tops]);

  const makeAxis = () => {
    const range = bench.state.range ?? whole;
    return new TimeAxis(range.start, range.end, Math.max(1, width), waits);
  };
  const makeScene = (): LanesScene => {
    const axis = makeAxis();
    return {
      rows,
      order: shown,
      tops,
      links,
      axis,
      ticks: tickTimes(axis),
      scrollTop: scroller?.scrollTop ?? 0,
      width,
      height: size.height,
      density: window.devicePixelRatio || 1,
      lane,
      lit: child === NONE ? -1 : child,
      op: chosenOp,
      hover: bench.state.hover ?? -1,
      preview: bench.state.preview,
      live,
      until: whole.end,
      opName: (op) => nameOf(trace, op),
    };
  };
  const redraw = useRedraw(bench, () => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d", { alpha: false });
    const head = headRef.current?.getContext("2d");
    if (!canvas || !context || !head || !headRef.current || width < 2 || size.height < 2) return;
    const began = performance.now();
    const scene = makeScene();
    resize(canvas, width, size.height, scene.density);
    resize(headRef.current, width, AXIS_PX + STRIP_PX, scene.density);
    kept.current ??= { context, image: null };
    paintLanes(kept.current, scene, palette);
    drawAxis(head, scene.axis, scene.density, palette);
    drawAtOnce(head, scene.axis, together, AXIS_PX, palette);
    drew(began);
  });
  useTimeWheel({ bench, whole, scroller, plot, axis: makeAxis });

  // What is chosen elsewhere is brought into sight.
  const reveal = useEffectEvent(() => {
    if (!sel || bench.state.origin === "lanes" || width < 2) return;
    const time = timeOf(trace, chosen);
    if (time && bench.state.range) bench.set({ range: panTo(makeAxis(), whole, time) });
    if (place === -1 || !scroller) return;
    const spot = chosenOp === -1 ? null : placeOfOp(makeScene(), chosenOp);
    if (spot && spot.y > 0 && spot.y < size.height) return;
    if (spot) scroller.scrollBy(0, spot.y - size.height / 2);
    else virtual.scrollToIndex(place, { align: "auto" });
  });
  useEffect(() => reveal(), [sel, trace, place, size.height, width]);

  const chooseLane = (session: number) => {
    const { id } = sessions[session] ?? { id: "" };
    bench.set({ sel: { type: "sess", session: id }, origin: "lanes", follow: false });
  };
  const chooseOp = (op: number) =>
    bench.set({ sel: selectionOf(trace, OP_ROW, op), origin: "lanes", follow: false });
  /** The next op of the lane that is chosen, in order of time. */
  const stepInLane = (by: 1 | -1) => {
    if (lane === -1) return;
    const ops = rows.lanes
      .session(lane)
      .layers.flatMap((layer) => [...layer.order])
      .toSorted((one, other) => (trace.ops.start[one] ?? 0) - (trace.ops.start[other] ?? 0) || one - other);
    const at = ops.indexOf(chosenOp);
    const next = at === -1 ? (by === 1 ? ops[0] : ops.at(-1)) : ops[at + by];
    if (next === undefined) return;
    bench.set({ sel: selectionOf(trace, OP_ROW, next), origin: "keys", follow: false });
  };
  const goTo = (index: number) => {
    const session = shown[index];
    if (session === undefined) return;
    chooseLane(session);
    virtual.scrollToIndex(index, { align: "auto" });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const acts: Record<string, () => void> = {
      ArrowDown: () => goTo(place + 1),
      ArrowUp: () => goTo(Math.max(place, 1) - 1),
      Home: () => goTo(0),
      End: () => goTo(shown.length - 1),
      ArrowRight: () => stepInLane(1),
      ArrowLeft: () => stepInLane(-1),
      Enter: () => {
        const session = sessions[chosenOp === -1 ? lane : (trace.ops.child[chosenOp] ?? NONE)];
        if (session && lane !== -1 && session !== sessions[0]) onOpenSession(session.id);
      },
    };
    const act =
      event.ctrlKey || event.metaKey || event.altKey || event.shiftKey ? undefined : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  const pointing = usePlotPointer({
    bench,
    whole,
    axis: makeAxis,
    onHover: (at) => {
      pointer.current = at;
      const found = hitLane(makeScene(), at.x, at.y);
      bench.set({ hover: found && found.op !== -1 ? found.op : null });
    },
    onChoose: (at) => {
      const found = hitLane(makeScene(), at.x, at.y);
      if (found) {
        if (found.op === -1) chooseLane(found.session);
        else chooseOp(found.op);
      }
      grid.current?.focus({ preventScroll: true });
    },
  });
  useImperativeHandle(handle, () => ({
    axis: makeAxis,
    hit: (op: number) => {
      const spot = placeOfOp(makeScene(), op);
      const box = plot?.getBoundingClientRect();
      return spot && box ? { x: box.left + spot.x, y: box.top + spot.y } : null;
    },
  }));

  const laneId = sessions[lane]?.id ?? "";
  const own = lane <= 0;
  const most = useMemo(() => together.value.reduce((one, other) => Math.max(one, other), 0), [together]);
  return (
    <section
      className={styles.lanes}
      aria-label="Lanes"
      data-pane="lanes"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <ViewBar label="Lanes">
        <Choices label="Order" value={order} choices={ORDERS} onChoose={setOrder} />
        <BarButton
          disabled={own}
          pressed={!own && pinned.has(laneId)}
          hint="Keep the chosen lane on top"
          onClick={() => bench.set({ pins: toggled(pinned, laneId) })}
        >
          Pin
        </BarButton>
        <BarButton
          disabled={own}
          hint="Do not show the chosen lane"
          onClick={() => bench.set({ hidden: toggled(hidden, laneId) })}
        >
          Hide
        </BarButton>
        <BarButton
          disabled={own && solo.size === 0}
          pressed={solo.size > 0}
          hint="Show only the chosen lane beside the session's own"
          onClick={() => setSolo(solo.size > 0 ? ALONE : new Set([laneId]))}
        >
          Solo
        </BarButton>
        <BarButton disabled={own} hint="Open it as a session (Enter)" onClick={() => onOpenSession(laneId)}>
          Open
        </BarButton>
        {hidden.size > 0 ? (
          <BarButton hint="Show them again" onClick={() => bench.set({ hidden: ALONE })}>
            {plural(hidden.size, "hidden lane")}
          </BarButton>
        ) : null}
        <BarNote>
          {plural(shown.length, "lane")}
          {shown.length < sessions.length ? ` of ${sessions.length}` : ""}, at most {most} at work at once
        </BarNote>
      </ViewBar>
      <span role="status" className="visually-hidden">
        {sel && lane !== -1 ? spoken(trace, sums[lane], lane, chosenOp) : null}
      </span>
      <div className={styles.head} aria-hidden="true">
        <span>Agent</span>
        <span className={styles.atOnce} title={`How many sessions were at work at once, at most ${most}`}>
          At once
        </span>
        <canvas
          ref={headRef}
          className={styles.axis}
          style={{ width, height: AXIS_PX + STRIP_PX }}
          data-most={most}
        />
      </div>
      <div ref={setScroller} className={styles.scroller} onScroll={redraw}>
        <div className={styles.stage}>
          <div
            ref={setPlot}
            className={styles.plot}
            style={{ height: size.height }}
            aria-hidden="true"
            onDoubleClick={() => {
              const session = sessions[chosenOp === -1 ? NONE : (trace.ops.child[chosenOp] ?? NONE)];
              if (session) onOpenSession(session.id);
            }}
            {...pointing}
          >
            <canvas ref={canvasRef} className={styles.canvas} />
            <OpCard bench={bench} trace={trace} at={pointer} width={width} height={size.height} />
          </div>
        </div>
        <div
          ref={grid}
          className={styles.rows}
          role="treegrid"
          aria-label="Agents"
          aria-rowcount={shown.length}
          aria-activedescendant={place === -1 ? undefined : `lane-${lane}`}
          tabIndex={0}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
          onFocus={() => {
            if (place === -1 && shown.length > 0) chooseLane(shown[0] ?? 0);
          }}
        >
          {virtual.getVirtualItems().map((item) => {
            const session = shown[item.index] ?? 0;
            const sum = sums[session];
            return sum ? (
              <LaneHead
                key={session}
                trace={trace}
                session={session}
                sums={sum}
                depth={depths[session] ?? 0}
                index={item.index}
                top={tops[item.index] ?? 0}
                height={(tops[item.index + 1] ?? 0) - (tops[item.index] ?? 0)}
                live={live.has(session)}
                pinned={pinned.has(sessions[session]?.id ?? "")}
                chosen={session === lane}
                lit={session === child}
                onChoose={() => chooseLane(session)}
                onOpen={() => onOpenSession(sessions[session]?.id ?? "")}
              />
            ) : null;
          })}
        </div>
      </div>
    </section>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** What is chosen, in words. */
function spoken(
  trace: ViewProps["lanes"]["trace"],
  sums: LaneSums | undefined,
  lane: number,
  op: number,
): string {
  if (op !== -1) return nameOf(trace, op);
  const session = trace.head.sessions[lane];
  return `${session?.agent ?? "Session"}, ${plural(sums?.ops ?? 0, "op")}`;
}
