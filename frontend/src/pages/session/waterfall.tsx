import { useVirtualizer } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import type { OpKind } from "../../api/types";
import { drew } from "../../core/frames";
import type { LaneCache } from "../../core/lanes";
import { type Canvas, hit, paintWaterfall, ROW_PX, type WaterfallScene } from "../../core/paint-waterfall";
import type { Palette } from "../../core/palette";
import { pan, panTo, zoom } from "../../core/range";
import { rowOfSelection, selectionName, selectionOf, type Workbench } from "../../core/selection";
import { TimeAxis } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { NONE } from "../../core/trace-columns";
import {
  CLOSED,
  LEAF,
  OP_ROW,
  OPEN,
  openingsAbove,
  openingsTo,
  opName,
  timeOf,
  TURN_ROW,
  turnName,
  visibleRow,
  type WaterfallRows,
  waterfallRows,
} from "../../core/waterfall-rows";
import { tickLabel, waitLabel, zoneOffset } from "../../logic/axis-labels";
import { formatCount, formatDuration, formatTotalCost, groupThousands, MISSING } from "../../logic/units";
import { Chevron, KindIcon, StandingIcon } from "../../ui/icons";
import { useSize } from "../../ui/use-size";
import { nameOf, opFacts, type RowFigures, rowFigures } from "./row-figures";
import { useBenchState } from "./use-bench";
import type { ViewProps } from "./view-props";
import styles from "./waterfall.module.css";

const AXIS_PX = 32;
const TICK_SPACING_PX = 84;
const WHEEL_ZOOM = 1.0018;

export function Waterfall(props: ViewProps) {
  const { bench, lanes, palette, whole, waits, live, prompts, onOpenSession, handle } = props;
  const { trace } = lanes;
  const opened = useBenchState(bench, (state) => state.opened);
  const sel = useBenchState(bench, (state) => state.sel);
  const rows = useMemo(() => waterfallRows(trace, opened), [trace, opened]);
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [plot, setPlot] = useState<HTMLDivElement | null>(null);
  const size = useSize(scroller);
  const { width } = useSize(plot);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const axisRef = useRef<HTMLCanvasElement>(null);
  const kept = useRef<Canvas | null>(null);
  const pointer = useRef({ x: 0, y: 0 });
  const tree = useRef<HTMLDivElement>(null);

  const chosen = useMemo(() => (sel ? rowOfSelection(trace, sel) : { type: OP_ROW, ref: -1 }), [trace, sel]);
  const chosenRow = useMemo(() => visibleRow(trace, rows, chosen), [trace, rows, chosen]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });

  const makeAxis = () => {
    const range = bench.state.range ?? whole;
    return new TimeAxis(range.start, range.end, Math.max(1, width), waits);
  };
  const makeScene = (): WaterfallScene => {
    const axis = makeAxis();
    return {
      lanes,
      rows,
      axis,
      scrollTop: scroller?.scrollTop ?? 0,
      width,
      height: size.height,
      density: window.devicePixelRatio || 1,
      ticks: axis.ticks(TICK_SPACING_PX, zoneOffset(axis.start)).times,
      row: chosenRow,
      op: chosen.type === OP_ROW ? chosen.ref : -1,
      hover: bench.state.hover ?? -1,
      live,
      until: whole.end,
      opName: (op) => nameOf(trace, op),
    };
  };

  const draw = useEffectEvent(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d", { alpha: false });
    const header = axisRef.current?.getContext("2d");
    if (!canvas || !context || !header || !axisRef.current || width < 2 || size.height < 2) return;
    const began = performance.now();
    const scene = makeScene();
    resize(canvas, width, size.height, scene.density);
    resize(axisRef.current, width, AXIS_PX, scene.density);
    kept.current ??= { context, image: null };
    paintWaterfall(kept.current, scene, palette);
    drawAxis(header, scene, palette);
    drew(began);
  });
  const frame = useRef(0);
  const redraw = useCallback(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      draw();
    });
  }, []);
  useEffect(() => redraw());
  useEffect(() => bench.subscribe(redraw), [bench, redraw]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  // What is chosen elsewhere is opened, and brought into sight.
  const reveal = useEffectEvent(() => {
    if (!sel || chosen.ref === -1 || bench.state.origin === "waterfall") return;
    const names =
      chosen.type === OP_ROW
        ? openingsTo(trace, chosen.ref)
        : openingsAbove(trace, trace.turns.session[chosen.ref] ?? 0);
    if (names.some((name) => !opened.has(name))) bench.set({ opened: new Set([...opened, ...names]) });
    const time = timeOf(trace, chosen);
    if (time && bench.state.range) bench.set({ range: panTo(makeAxis(), whole, time) });
  });
  useEffect(() => reveal(), [sel, trace]);
  const show = useEffectEvent(() => {
    if (chosenRow !== -1) virtual.scrollToIndex(chosenRow, { align: "auto" });
  });
  useEffect(() => show(), [sel, chosenRow, size.height]);

  // Following, the end stays in sight; the last turn is open, for that is where things happen.
  const follow = useBenchState(bench, (state) => state.follow);
  const goToEnd = useEffectEvent(() => {
    const last = (trace.turnsFrom[1] ?? 0) - 1;
    if (last >= 0) bench.toggle(turnName(trace, last), true);
    if (bench.state.range) bench.set({ range: pan(makeAxis(), whole, Number.MAX_VALUE) });
    virtual.scrollToIndex(rows.length - 1, { align: "end" });
  });
  useEffect(() => {
    if (follow) goToEnd();
  }, [follow, trace, rows.length]);

  const choose = (row: number, op = -1) => {
    const type = op === -1 ? (rows.type[row] ?? TURN_ROW) : OP_ROW;
    const ref = op === -1 ? (rows.ref[row] ?? 0) : op;
    bench.set({ sel: selectionOf(trace, type, ref), origin: "waterfall", follow: false });
  };
  const rowName = (row: number) =>
    rows.type[row] === TURN_ROW ? turnName(trace, rows.ref[row] ?? 0) : opName(trace, rows.ref[row] ?? 0);
  const step = (by: 1 | -1) => {
    const next = chosenRow === -1 ? 0 : chosenRow + by;
    if (next >= 0 && next < rows.length) choose(next);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor(size.height / ROW_PX) - 2);
    const acts: Record<string, () => void> = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => choose(Math.min(rows.length - 1, Math.max(chosenRow, 0) + page)),
      PageUp: () => choose(Math.max(0, chosenRow - page)),
      Home: () => choose(0),
      End: () => choose(rows.length - 1),
      ArrowRight: () => {
        if (rows.state[chosenRow] === CLOSED) bench.toggle(rowName(chosenRow), true);
        else step(1);
      },
      ArrowLeft: () => {
        if (rows.state[chosenRow] === OPEN) bench.toggle(rowName(chosenRow), false);
        else {
          const depth = rows.depth[chosenRow] ?? 0;
          for (let row = chosenRow - 1; row >= 0; row--) {
            if ((rows.depth[row] ?? 0) < depth) return choose(row);
          }
        }
        return undefined;
      },
      Enter: () => {
        const child = chosen.type === OP_ROW ? (trace.ops.child[chosen.ref] ?? NONE) : NONE;
        const session = trace.head.sessions[child];
        if (session) onOpenSession(session.id);
        else if (rows.state[chosenRow] !== LEAF) bench.toggle(rowName(chosenRow));
      },
    };
    const act =
      event.ctrlKey || event.metaKey || event.altKey || event.shiftKey ? undefined : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  const hitOf = (op: number) => {
    const scene = makeScene();
    const row = visibleRow(trace, rows, { type: OP_ROW, ref: op });
    const time = timeOf(trace, { type: OP_ROW, ref: op });
    const box = plot?.getBoundingClientRect();
    if (row === -1 || !time || !box) return null;
    const [left, right] = [scene.axis.x(time.start), scene.axis.x(time.end)];
    return { x: box.left + (left + right) / 2, y: box.top + row * ROW_PX - scene.scrollTop + ROW_PX / 2 };
  };
  useImperativeHandle(handle, () => ({ axis: makeAxis, hit: hitOf }));

  // React's own wheel events cannot keep the page from zooming.
  const onWheel = useEffectEvent((event: WheelEvent) => {
    bench.set({ follow: false });
    const box = plot?.getBoundingClientRect();
    if (!box) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const x = Math.max(0, Math.min(width, event.clientX - box.left));
      bench.set({ range: zoom(makeAxis(), whole, x, WHEEL_ZOOM ** -event.deltaY) });
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      bench.set({ range: pan(makeAxis(), whole, event.deltaX || event.deltaY) });
    }
  });
  useEffect(() => {
    if (!scroller) return undefined;
    const listener = (event: WheelEvent) => onWheel(event);
    scroller.addEventListener("wheel", listener, { passive: false });
    return () => scroller.removeEventListener("wheel", listener);
  }, [scroller]);

  const onPointerMove = (event: React.PointerEvent) => {
    if (event.buttons === 4) return bench.set({ range: pan(makeAxis(), whole, -event.movementX) });
    pointer.current = pointOf(event);
    const found = hit(makeScene(), pointer.current.x, pointer.current.y);
    return bench.set({ hover: found && found.op !== -1 ? found.op : null });
  };

  return (
    <section
      className={styles.waterfall}
      aria-label="Waterfall"
      data-pane="waterfall"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <span role="status" className="visually-hidden">
        {sel && chosen.ref !== -1 ? spoken(trace, chosen.type, chosen.ref) : null}
      </span>
      <div className={styles.head} aria-hidden="true">
        <span>Step</span>
        <span className={styles.right}>Time</span>
        <span className={styles.right} title="Fresh input, output and cached tokens">
          Tokens
        </span>
        <span className={styles.right}>Cost</span>
        <canvas ref={axisRef} className={styles.axis} style={{ width }} />
      </div>
      <div ref={setScroller} className={styles.scroller} onScroll={redraw}>
        <div className={styles.stage}>
          <div
            ref={setPlot}
            className={styles.plot}
            style={{ height: size.height }}
            aria-hidden="true"
            onPointerMove={onPointerMove}
            onPointerLeave={() => bench.set({ hover: null })}
            onPointerDown={(event) => {
              if (event.button === 1) event.preventDefault();
            }}
            onClick={(event) => {
              const { x, y } = pointOf(event);
              const found = hit(makeScene(), x, y);
              if (found) choose(found.row, found.op);
              tree.current?.focus({ preventScroll: true });
            }}
            onDoubleClick={(event) => {
              const { x, y } = pointOf(event);
              const found = hit(makeScene(), x, y);
              if (found && rows.state[found.row] !== LEAF) bench.toggle(rowName(found.row));
            }}
          >
            <canvas ref={canvasRef} className={styles.canvas} />
            <HoverCard bench={bench} lanes={lanes} pointer={pointer} width={width} height={size.height} />
          </div>
        </div>
        <div
          ref={tree}
          className={styles.rows}
          role="treegrid"
          aria-label="Steps"
          aria-rowcount={rows.length}
          aria-colcount={4}
          aria-activedescendant={chosenRow === -1 ? undefined : rowId(rowName(chosenRow))}
          tabIndex={0}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
          onFocus={() => {
            if (chosenRow === -1 && rows.length > 0) choose(virtual.getVirtualItems()[0]?.index ?? 0);
          }}
        >
          {virtual.getVirtualItems().map((item) => (
            <Row
              key={item.key}
              id={rowId(rowName(item.index))}
              index={item.index}
              top={item.start}
              rows={rows}
              lanes={lanes}
              live={live}
              prompt={promptOf(lanes, rows, item.index, prompts)}
              chosen={item.index === chosenRow}
              onChoose={() => choose(item.index)}
              onToggle={() => bench.toggle(rowName(item.index))}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

/** Where on its element something happened. */
function pointOf(event: React.PointerEvent | React.MouseEvent) {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** What is chosen, in words. */
function spoken(trace: Trace, type: number, ref: number): string {
  if (type === TURN_ROW) return `Turn ${trace.turns.turn[ref]}`;
  return [nameOf(trace, ref), ...opFacts(trace, ref)].join(", ");
}

function rowId(name: string): string {
  return `row-${name.replace(/[^\w-]/g, "-")}`;
}

function promptOf(
  lanes: LaneCache,
  rows: WaterfallRows,
  row: number,
  prompts: ReadonlyMap<number, string>,
): string | undefined {
  const ref = rows.ref[row] ?? 0;
  const { turns } = lanes.trace;
  return rows.type[row] === TURN_ROW && turns.session[ref] === 0
    ? prompts.get(turns.turn[ref] ?? -1)
    : undefined;
}

interface RowProps {
  id: string;
  index: number;
  top: number;
  rows: WaterfallRows;
  lanes: LaneCache;
  live: ReadonlySet<number>;
  prompt: string | undefined;
  chosen: boolean;
  onChoose: () => void;
  onToggle: () => void;
}

function Row({ id, index, top, rows, lanes, live, prompt, chosen, onChoose, onToggle }: RowProps) {
  const { trace } = lanes;
  const ref = rows.ref[index] ?? 0;
  const isTurn = rows.type[index] === TURN_ROW;
  const state = rows.state[index] ?? LEAF;
  const depth = rows.depth[index] ?? 0;
  const figures = rowFigures(trace, rows.type[index] ?? TURN_ROW, ref);
  const number = trace.turns.turn[ref] ?? 0;
  const session = (isTurn ? trace.turns.session[ref] : trace.ops.session[ref]) ?? 0;
  const name = isTurn ? (number === 0 ? "Before the first prompt" : `Turn ${number}`) : nameOf(trace, ref);
  return (
    // The keyboard chooses in the grid as a whole; this is the pointer's way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      className={styles.row}
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 1}
      aria-expanded={state === LEAF ? undefined : state === OPEN}
      aria-selected={chosen}
      data-row={isTurn ? `turn:${number}` : `op:${trace.ops.seq[ref]}`}
      data-session={session}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onChoose}
      onDoubleClick={state === LEAF ? undefined : onToggle}
    >
      <span className={styles.name} role="gridcell" style={{ paddingLeft: Math.min(depth, 12) * 12 }}>
        {state === LEAF ? (
          <span className={styles.noToggle} />
        ) : (
          // Rows open and close by the arrow keys; this is the pointer's way.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <span
            className={styles.toggle}
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            <Chevron open={state === OPEN} />
          </span>
        )}
        {isTurn ? null : <KindIcon kind={trace.head.kinds[trace.ops.kind[ref] ?? 0] as OpKind} />}
        {figures.failures > 0 ? (
          <StandingIcon
            standing="failed"
            label={isTurn ? `${groupThousands(figures.failures)} failed` : "Failed"}
          />
        ) : null}
        <span className={isTurn ? styles.turnText : styles.text} title={prompt ?? name}>
          {name}
          {prompt ? <span className={styles.prompt}> {prompt}</span> : null}
        </span>
      </span>
      <span className={styles.right} role="gridcell">
        {figures.running && live.has(session) ? "running" : formatDuration(figures.duration)}
      </span>
      <span className={styles.right} role="gridcell">
        {figures.tokens > 0 ? formatCount(figures.tokens) : ""}
      </span>
      <span className={styles.right} role="gridcell">
        <CostCell figures={figures} />
      </span>
    </div>
  );
}

function CostCell({ figures }: { figures: RowFigures }) {
  const text = formatTotalCost({
    cost_usd: figures.cost / 1e9,
    unpriced_calls: figures.unpriced,
    tokens_in: figures.tokens,
    tokens_out: 0,
    tokens_cache_read: 0,
    tokens_cache_write: 0,
  });
  return text === MISSING ? null : text;
}

interface HoverCardProps {
  bench: Workbench;
  lanes: LaneCache;
  pointer: React.RefObject<{ x: number; y: number }>;
  width: number;
  height: number;
}

/** What is under the pointer, in words. */
function HoverCard({ bench, lanes, pointer, width, height }: HoverCardProps) {
  const op = useBenchState(bench, (state) => state.hover);
  if (op === null || op >= lanes.trace.ops.seq.length) return null;
  const { x, y } = pointer.current;
  const place: React.CSSProperties = {
    ...(x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }),
    ...(y > height / 2 ? { bottom: height - y + 12 } : { top: y + 14 }),
  };
  return (
    <div className={styles.card} style={place}>
      <b>{nameOf(lanes.trace, op)}</b>
      {opFacts(lanes.trace, op).map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}

function resize(canvas: HTMLCanvasElement, width: number, height: number, density: number): void {
  const [wide, high] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

/** Ticks above, the lengths of folded waits below. */
function drawAxis(context: CanvasRenderingContext2D, scene: WaterfallScene, palette: Palette): void {
  const { axis, density, width } = scene;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, AXIS_PX);
  context.font = "11px Inter, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillStyle = palette.muted;
  const { step, times } = axis.ticks(TICK_SPACING_PX, zoneOffset(axis.start));
  let before: number | undefined;
  let free = 0;
  const first = times.find((time) => axis.x(time) >= 0);
  if (first === undefined || axis.x(first) > TICK_SPACING_PX) {
    // Without a tick near it the beginning says where one is.
    const text = tickLabel(axis.start, Math.min(step, 60e6), undefined);
    context.fillText(text, 4, 9);
    free = context.measureText(text).width + 12;
  }
  for (const time of times) {
    const x = axis.x(time);
    const text = tickLabel(time, step, before);
    const wide = context.measureText(text).width;
    if (x >= free && x + wide + 4 < width) {
      context.fillText(text, x + 4, 9);
      free = x + wide + 12;
      before = time;
    }
    context.fillRect(x, 4, 1, AXIS_PX - 4);
  }
  context.textAlign = "center";
  context.font = "10px Inter, sans-serif";
  for (const gap of axis.gaps) {
    const [left, right] = [axis.x(gap.start), axis.x(gap.end)];
    context.fillStyle = palette.raised;
    context.fillRect(left, 18, right - left, AXIS_PX - 18);
    context.fillStyle = palette.fg;
    if (right - left >= 18) context.fillText(waitLabel(gap.end - gap.start), (left + right) / 2, 25.5);
  }
}
