import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { OpKind } from "../../api/types";
import { drew } from "../../core/frames";
import { AXIS_PX, drawAxis, resize, tickTimes } from "../../core/paint-axis";
import type { LaneCache } from "../../core/lanes";
import { type Canvas, hit, paintWaterfall, ROW_PX, type WaterfallScene } from "../../core/paint-waterfall";
import { pan, panTo } from "../../core/range";
import { rowOfSelection, selectionName, selectionOf } from "../../core/selection";
import { TimeAxis } from "../../core/time-axis";
import { opsOfTurn, type Trace } from "../../core/trace";
import { NONE } from "../../core/trace-columns";
import { selfTimes } from "../../core/self-time";
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
import { formatCount, formatDuration, formatTotalCost, groupThousands, MISSING } from "../../logic/units";
import { Chevron, KindIcon, StandingIcon } from "../../ui/icons";
import { useSize } from "../../ui/use-size";
import { OpCard } from "./hover-card";
import { nameOf, opFacts, type RowFigures, rowFigures } from "./row-figures";
import { useBenchState } from "./use-bench";
import { type Point, pointOf, usePlotPointer, useRedraw, useTimeWheel } from "./use-plot";
import type { ViewProps } from "./view-props";
import styles from "./waterfall.module.css";

export function Waterfall(props: ViewProps) {
  const { bench, lanes, palette, whole, waits, live, prompts, mask, onOpenSession, handle } = props;
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
  const pointer = useRef<Point>({ x: 0, y: 0 });
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
      ticks: tickTimes(axis),
      row: chosenRow,
      op: chosen.type === OP_ROW ? chosen.ref : -1,
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
    const header = axisRef.current?.getContext("2d");
    if (!canvas || !context || !header || !axisRef.current || width < 2 || size.height < 2) return;
    const began = performance.now();
    const scene = makeScene();
    resize(canvas, width, size.height, scene.density);
    resize(axisRef.current, width, AXIS_PX, scene.density);
    kept.current ??= { context, image: null };
    paintWaterfall(kept.current, scene, palette);
    drawAxis(header, scene.axis, scene.density, palette);
    drew(began);
  });
  useTimeWheel({ bench, whole, scroller, plot, axis: makeAxis });

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
  const self = useMemo(() => selfTimes(trace), [trace]);
  /** Microseconds of a row: an op's alone, a turn's together. */
  const selfOf = (row: number): number => {
    const ref = rows.ref[row] ?? 0;
    if (rows.type[row] === OP_ROW) return self[ref] ?? 0;
    return opsOfTurn(trace, ref).reduce((sum, op) => sum + (self[op] ?? 0), 0);
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

  const pointing = usePlotPointer({
    bench,
    whole,
    axis: makeAxis,
    onHover: (at) => {
      pointer.current = at;
      const found = hit(makeScene(), at.x, at.y);
      bench.set({ hover: found && found.op !== -1 ? found.op : null });
    },
    onChoose: (at) => {
      const found = hit(makeScene(), at.x, at.y);
      if (found) choose(found.row, found.op);
      tree.current?.focus({ preventScroll: true });
    },
  });

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
        <span
          className={styles.self}
          title="Of a turn all in which anything ran; of an op what was its alone"
        >
          Self
        </span>
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
            {...pointing}
            onDoubleClick={(event) => {
              const { x, y } = pointOf(event);
              const found = hit(makeScene(), x, y);
              if (found && rows.state[found.row] !== LEAF) bench.toggle(rowName(found.row));
            }}
          >
            <canvas ref={canvasRef} className={styles.canvas} />
            <OpCard bench={bench} trace={trace} at={pointer} width={width} height={size.height} />
          </div>
        </div>
        <div
          ref={tree}
          className={styles.rows}
          role="treegrid"
          aria-label="Steps"
          aria-rowcount={rows.length}
          aria-colcount={5}
          aria-activedescendant={chosenRow === -1 ? undefined : rowId(rowName(chosenRow))}
          tabIndex={0}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
          onFocus={() => {
            if (bench.state.sel === null && rows.length > 0) choose(virtual.getVirtualItems()[0]?.index ?? 0);
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
              self={selfOf(item.index)}
              dimmed={rows.type[item.index] === OP_ROW && mask?.[rows.ref[item.index] ?? 0] === 0}
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
  self: number;
  /** A filter leaves it out. */
  dimmed: boolean;
  prompt: string | undefined;
  chosen: boolean;
  onChoose: () => void;
  onToggle: () => void;
}

function Row(props: RowProps) {
  const { id, index, top, rows, lanes, live, self, dimmed, prompt, chosen, onChoose, onToggle } = props;
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
      data-dimmed={dimmed ? "" : undefined}
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
      <span className={styles.self} role="gridcell">
        {self > 0 ? formatDuration(self) : ""}
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
