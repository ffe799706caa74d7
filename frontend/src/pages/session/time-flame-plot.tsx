import { useEffect, useEffectEvent, useImperativeHandle, useMemo, useRef, useState } from "react";
import { OP_BOX, SESSION_BOX, timeFlame, TURN_BOX } from "../../core/flame-time";
import { drew } from "../../core/frames";
import { AXIS_PX, drawAxis, resize, tickTimes } from "../../core/paint-axis";
import { boxPlace, FLAME_ROW_PX, type FlameScene, hitBox, paintFlame } from "../../core/paint-flame";
import type { Canvas } from "../../core/paint-waterfall";
import { panTo, within } from "../../core/range";
import { rowOfSelection, selectionOf } from "../../core/selection";
import { TimeAxis } from "../../core/time-axis";
import { NONE } from "../../core/trace-columns";
import { OP_ROW, TURN_ROW } from "../../core/waterfall-rows";
import { formatClock } from "../../logic/time";
import { formatDuration } from "../../logic/units";
import { useSize } from "../../ui/use-size";
import { type Column, DataTable } from "./data-table";
import styles from "./flame-view.module.css";
import { HoverCard } from "./hover-card";
import { nameOf, opFacts } from "./row-figures";
import { useBenchState } from "./use-bench";
import { type Point, pointOf, usePlotPointer, useRedraw, useTimeWheel } from "./use-plot";
import type { ViewProps } from "./view-props";

const COLUMNS: readonly Column[] = [
  { text: "What", width: "minmax(200px, 1fr)" },
  { text: "Began", width: "80px", number: true },
  { text: "Time", width: "80px", number: true },
  { text: "Row", width: "48px", number: true, hint: "How many lie above it" },
];

interface TimeFlamePlotProps extends ViewProps {
  turns: boolean;
  alone: boolean;
  asTable: boolean;
}

/** The session tree in time, each upon what it is a part of. */
export function TimeFlamePlot(props: TimeFlamePlotProps) {
  const { bench, lanes, palette, whole, waits, mask, handle, turns, alone, asTable } = props;
  const { trace } = lanes;
  const sel = useBenchState(bench, (state) => state.sel);
  const [hover, setHover] = useState(-1);
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const { width, height } = useSize(scroller);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const axisRef = useRef<HTMLCanvasElement>(null);
  const kept = useRef<Canvas | null>(null);
  const pointer = useRef<Point>({ x: 0, y: 0 });
  const flame = useMemo(() => timeFlame(lanes, { turns, alone, mask }), [lanes, turns, alone, mask]);
  const { boxes, type, ref, boxOfOp } = flame;

  const chosen = useMemo(() => {
    if (!sel || sel.type === "node") return -1;
    if (sel.type === "sess") {
      const session = trace.head.sessions.findIndex((one) => one.id === sel.session);
      return type.findIndex((one, box) => one === SESSION_BOX && ref[box] === session);
    }
    const found = rowOfSelection(trace, sel);
    if (found.ref === -1) return -1;
    if (found.type === TURN_ROW)
      return type.findIndex((one, box) => one === TURN_BOX && ref[box] === found.ref);
    const box = boxOfOp[found.ref] ?? NONE;
    return box === NONE ? -1 : box;
  }, [sel, trace, type, ref, boxOfOp]);

  const makeAxis = () => {
    const range = bench.state.range ?? whole;
    return new TimeAxis(range.start, range.end, Math.max(1, width), waits);
  };
  const nameOfBox = (box: number): string => {
    const row = ref[box] ?? 0;
    if (type[box] === OP_BOX) return nameOf(trace, row);
    if (type[box] === TURN_BOX)
      return trace.turns.turn[row] === 0 ? "Before the first prompt" : `Turn ${trace.turns.turn[row]}`;
    const session = trace.head.sessions[row];
    return session?.agent ?? session?.title ?? "main";
  };
  const failed = trace.head.statuses.indexOf("failed");
  const makeScene = (): FlameScene => {
    const axis = makeAxis();
    return {
      boxes,
      axis,
      ticks: tickTimes(axis),
      scrollTop: scroller?.scrollTop ?? 0,
      width,
      height,
      density: window.devicePixelRatio || 1,
      chosen,
      hover,
      preview: bench.state.preview,
      label: nameOfBox,
      isFailed: (box) => type[box] === OP_BOX && trace.ops.status[ref[box] ?? 0] === failed,
    };
  };
  const redraw = useRedraw(bench, () => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d", { alpha: false });
    const head = axisRef.current?.getContext("2d");
    if (!canvas || !context || !head || !axisRef.current || width < 2 || height < 2) return;
    const began = performance.now();
    const scene = makeScene();
    resize(canvas, width, height, scene.density);
    resize(axisRef.current, width, AXIS_PX, scene.density);
    if (kept.current?.context !== context) kept.current = { context, image: null };
    paintFlame(kept.current, scene, palette);
    drawAxis(head, scene.axis, scene.density, palette);
    drew(began);
  });
  useTimeWheel({ bench, whole, scroller, plot: scroller, axis: makeAxis });

  const reveal = useEffectEvent((box: number, high: number, wide: number) => {
    if (box === -1 || !scroller || wide < 2) return;
    const start = boxes.start[box] ?? 0;
    if (bench.state.origin !== "flame" && bench.state.range) {
      bench.set({
        range: panTo(makeAxis(), whole, { start, end: start + (boxes.duration[box] ?? 0) }),
      });
    }
    const { top } = boxPlace(makeScene(), box);
    if (top < 0) scroller.scrollBy(0, top - high / 3);
    else if (top + FLAME_ROW_PX > high) scroller.scrollBy(0, top - high / 2);
  });
  useEffect(() => reveal(chosen, height, width), [chosen, height, width]);

  const chooseBox = (box: number) => {
    const row = ref[box] ?? 0;
    const next =
      type[box] === SESSION_BOX
        ? ({ type: "sess", session: trace.head.sessions[row]?.id ?? "" } as const)
        : selectionOf(trace, type[box] === TURN_BOX ? TURN_ROW : OP_ROW, row);
    bench.set({ sel: next, origin: "flame", follow: false });
  };
  const pointing = usePlotPointer({
    bench,
    whole,
    axis: makeAxis,
    onHover: (at) => {
      pointer.current = at;
      const box = hitBox(makeScene(), at.x, at.y);
      setHover(box);
      bench.set({ hover: box !== -1 && type[box] === OP_BOX ? (ref[box] ?? null) : null });
    },
    onChoose: (at) => {
      const box = hitBox(makeScene(), at.x, at.y);
      if (box !== -1) chooseBox(box);
    },
  });
  useImperativeHandle(handle, () => ({
    axis: makeAxis,
    hit: (op: number) => {
      const box = boxOfOp[op] ?? NONE;
      const at = scroller?.getBoundingClientRect();
      if (box === NONE || !at) return null;
      const place = boxPlace(makeScene(), box);
      return { x: at.left + (place.left + place.right) / 2, y: at.top + place.top + FLAME_ROW_PX / 2 };
    },
  }));
  const listed = useMemo(
    () =>
      [...type.keys()].toSorted(
        (one, other) =>
          (boxes.start[one] ?? 0) - (boxes.start[other] ?? 0) ||
          (boxes.row[one] ?? 0) - (boxes.row[other] ?? 0),
      ),
    [type, boxes],
  );

  if (asTable) {
    return (
      <DataTable
        label="Flame graph as a table"
        columns={COLUMNS}
        count={listed.length}
        cell={(row, column) => {
          const box = listed[row] ?? 0;
          return [
            nameOfBox(box),
            formatClock(boxes.start[box] ?? 0),
            formatDuration(boxes.duration[box] ?? 0),
            boxes.row[box],
          ][column];
        }}
        depth={(row) => boxes.row[listed[row] ?? 0] ?? 0}
        chosen={listed.indexOf(chosen)}
        onChoose={(row) => chooseBox(listed[row] ?? 0)}
      />
    );
  }
  return (
    <>
      <div className={styles.axisRow} aria-hidden="true">
        <canvas ref={axisRef} style={{ width, height: AXIS_PX }} />
      </div>
      <div ref={setScroller} className={styles.scroller} onScroll={redraw}>
        <div className={styles.stage}>
          <div
            className={styles.plot}
            style={{ height }}
            aria-hidden="true"
            {...pointing}
            onPointerLeave={() => {
              setHover(-1);
              bench.set({ hover: null });
            }}
            onDoubleClick={(event) => {
              const { x, y } = pointOf(event);
              const box = hitBox(makeScene(), x, y);
              if (box === -1) return;
              const start = boxes.start[box] ?? 0;
              const long = Math.max(boxes.duration[box] ?? 0, 1000);
              bench.settle(within({ start: start - long * 0.02, end: start + long * 1.02 }, whole));
            }}
          >
            <canvas ref={canvasRef} className={styles.canvas} data-boxes={boxes.count} />
            {hover !== -1 && hover < boxes.count ? (
              <HoverCard
                title={nameOfBox(hover)}
                facts={
                  type[hover] === OP_BOX
                    ? opFacts(trace, ref[hover] ?? 0)
                    : [
                        `${formatClock(boxes.start[hover] ?? 0)}, ${formatDuration(boxes.duration[hover] ?? 0)}`,
                      ]
                }
                at={pointer}
                width={width}
                height={height}
              />
            ) : null}
          </div>
        </div>
        <div style={{ height: boxes.rows.length * FLAME_ROW_PX + 8 }} />
      </div>
    </>
  );
}
