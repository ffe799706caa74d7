import { useEffect, useMemo, useRef, useState } from "react";
import { contextOf, costSteps } from "../../core/figures";
import type { LaneCache } from "../../core/lanes";
import { OVERVIEW_PX, paintOverview } from "../../core/paint-overview";
import type { Palette } from "../../core/palette";
import { within } from "../../core/range";
import { rowOfSelection, selectionName, type Workbench } from "../../core/selection";
import { type Gap, TimeAxis } from "../../core/time-axis";
import { timeOf } from "../../core/waterfall-rows";
import { formatCost, formatCount, formatDuration } from "../../logic/units";
import { useSize } from "../../ui/use-size";
import styles from "./overview.module.css";
import { OverviewMarks } from "./overview-marks";
import { useBenchState } from "./use-bench";

/** How near to an edge of the brush one has to be to move it. */
const EDGE_PX = 5;
/** What is shorter was a click. */
const LEAST_DRAG_PX = 3;

interface OverviewProps {
  bench: Workbench;
  lanes: LaneCache;
  palette: Palette;
  whole: Gap;
  waits: readonly Gap[];
}

interface Drag {
  /** The end that stays, in pixels; for moving the whole brush where it was grabbed. */
  from: number;
  moving: { left: number; width: number } | null;
}

/** The whole session in a strip; dragging over it chooses the part that is looked at. */
export function Overview({ bench, lanes, palette, whole, waits }: OverviewProps) {
  const { trace } = lanes;
  const range = useBenchState(bench, (state) => state.range);
  const sel = useBenchState(bench, (state) => state.sel);
  const [plot, setPlot] = useState<HTMLDivElement | null>(null);
  const { width } = useSize(plot);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag | null>(null);
  const [preview, setPreview] = useState<Gap | null>(null);
  const context = useMemo(() => contextOf(trace), [trace]);
  const cost = useMemo(() => costSteps(trace), [trace]);
  const axis = useMemo(
    () => new TimeAxis(whole.start, whole.end, Math.max(1, width), waits),
    [whole, width, waits],
  );
  const chosen = sel ? timeOf(trace, rowOfSelection(trace, sel)) : undefined;
  const caret = chosen?.start ?? null;

  useEffect(() => {
    const canvas = canvasRef.current;
    const drawing = canvas?.getContext("2d");
    if (!canvas || !drawing || width < 2) return;
    const density = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(OVERVIEW_PX * density);
    paintOverview(drawing, { lanes, axis, context, cost, width, density, caret }, palette);
  }, [lanes, axis, context, cost, width, caret, palette]);

  const shown = preview ?? range;
  const edges = shown ? { left: axis.x(shown.start), right: axis.x(shown.end) } : null;
  const xOf = (event: React.PointerEvent) =>
    Math.max(0, Math.min(width, event.clientX - (plot?.getBoundingClientRect().left ?? 0)));
  const near = (x: number) =>
    edges && Math.abs(x - edges.left) <= EDGE_PX
      ? "left"
      : edges && Math.abs(x - edges.right) <= EDGE_PX
        ? "right"
        : null;

  const onPointerDown = (event: React.PointerEvent) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const x = xOf(event);
    const edge = near(x);
    const inside = edges && x > edges.left && x < edges.right;
    drag.current =
      edges && edge
        ? { from: edge === "left" ? edges.right : edges.left, moving: null }
        : { from: x, moving: edges && inside ? { left: edges.left, width: edges.right - edges.left } : null };
  };
  const rangeTo = (x: number): Gap | null => {
    const from = drag.current;
    if (!from) return null;
    if (!from.moving) return axis.range(from.from, x);
    const left = Math.max(0, Math.min(width - from.moving.width, from.moving.left + x - from.from));
    return axis.range(left, left + from.moving.width);
  };
  const onPointerMove = (event: React.PointerEvent<HTMLDivElement>) => {
    const x = xOf(event);
    event.currentTarget.style.cursor = near(x) ? "ew-resize" : "crosshair";
    if (drag.current && Math.abs(x - drag.current.from) >= LEAST_DRAG_PX) setPreview(rangeTo(x));
  };
  const onPointerUp = (event: React.PointerEvent) => {
    const chosenRange = drag.current && preview ? rangeTo(xOf(event)) : null;
    drag.current = null;
    setPreview(null);
    if (chosenRange) bench.settle(within(chosenRange, whole));
  };

  const last = context.steps.value.at(-1) ?? 0;
  const tree = cost.tree.value.at(-1) ?? 0;
  const own = cost.own.value.at(-1) ?? 0;
  return (
    <section
      className={styles.overview}
      aria-label="Overview"
      data-pane="overview"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <dl className={styles.labels}>
        <div className={styles.activity} title="How much happened; what the session did; what failed">
          <dt>Activity</dt>
        </div>
        <div className={styles.context} title={contextHint(context.compactions)}>
          <dt>Context</dt>
          <dd data-context={last} data-compactions={context.compactions.length}>
            {last > 0 ? formatCount(last) : "–"}
            {context.limit > 0 ? ` / ${formatCount(context.limit)}` : ""}
          </dd>
        </div>
        <div
          className={styles.cost}
          title={tree > own ? "The line: with sub-agents; filled: the session alone" : "Cost as it grew"}
        >
          <dt>Cost</dt>
          <dd data-cost={tree / 1e9} data-own={own / 1e9}>
            {tree > 0 ? formatCost(tree / 1e9) : "–"}
          </dd>
        </div>
      </dl>
      <div
        ref={setPlot}
        className={styles.plot}
        data-range={range ? `${Math.round(range.start)}-${Math.round(range.end)}` : undefined}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          drag.current = null;
          setPreview(null);
        }}
        onDoubleClick={() => bench.settle(null)}
      >
        <canvas ref={canvasRef} className={styles.canvas} aria-hidden="true" />
        {context.compactions.map(({ op, time, before, after }) => (
          <span
            key={op}
            className={styles.compaction}
            style={{ left: axis.x(time) - 8 }}
            title={compactionText(before, after)}
            data-compaction={compactionText(before, after)}
          />
        ))}
        {axis.gaps.map((gap) => (
          <span
            key={gap.start}
            className={styles.wait}
            style={{ left: axis.x(gap.start), width: axis.x(gap.end) - axis.x(gap.start) }}
            title={`Nothing happened for ${formatDuration(gap.end - gap.start)}`}
          />
        ))}
        <OverviewMarks axis={axis} lanes={lanes} />
        {edges ? (
          <>
            <span className={styles.outside} style={{ left: 0, width: Math.max(0, edges.left) }} />
            <span
              className={styles.brush}
              style={{ left: edges.left, width: Math.max(2, edges.right - edges.left) }}
            />
            <span className={styles.outside} style={{ left: edges.right, right: 0 }} />
          </>
        ) : null}
      </div>
    </section>
  );
}

function compactionText(before: number, after: number): string {
  return `Compacted: ${formatCount(before)} → ${after > 0 ? formatCount(after) : "–"}`;
}

function contextHint(compactions: readonly { before: number; after: number }[]): string {
  return [
    "What the last call was sent: fresh input, and read from and written to the cache",
    ...compactions.slice(0, 8).map(({ before, after }) => compactionText(before, after)),
  ].join("\n");
}
