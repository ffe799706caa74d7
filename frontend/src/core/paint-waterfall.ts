/**
 * The bars of a waterfall's rows in sight.
 *
 * First pixel by pixel what may be very much: bars, and what failed in a line of its own below
 * them. Then as shapes what is not: signs on bars that are wide enough to be seen.
 */

import { pathOfTurn } from "./critical-path";
import { dimmedLooks, failedLooks } from "./dimmed";
import type { LaneCache, Lanes } from "./lanes";
import { drawGaps, drawPreview } from "./paint-axis";
import type { Palette } from "./palette";
import { barAt, copyDown, paintBars, type Pixels } from "./raster";
import type { Gap, TimeAxis } from "./time-axis";
import { turnOfOp } from "./trace";
import { NONE } from "./trace-columns";
import { TURN_ROW, type WaterfallRows } from "./waterfall-rows";

export const ROW_PX = 20;
const BAR_TOP = 1;
const BAR_PX = 14;
const ERROR_TOP = 17;
const ERROR_PX = 2;
const LABEL_LEAST_PX = 48;
/** How much is left of the signs of what a filter leaves out. */
const DIMMED = 0.25;

export interface WaterfallScene {
  lanes: LaneCache;
  rows: WaterfallRows;
  axis: TimeAxis;
  /** Pixels that are scrolled out of sight above. */
  scrollTop: number;
  width: number;
  height: number;
  /** Pixels of the display for one of ours. */
  density: number;
  /** Times at which lines stand. */
  ticks: readonly number[];
  /** Row that is chosen, and row of `ops` that is chosen or under the pointer; else -1. */
  row: number;
  op: number;
  hover: number;
  /** A range that is being drawn with the pointer. */
  preview: Gap | null;
  /** The sessions at work: what has no end in them runs up to `until`. */
  live: ReadonlySet<number>;
  until: number;
  opName: (op: number) => string;
}

/** A picture kept from one frame to the next. */
export interface Canvas {
  context: CanvasRenderingContext2D;
  image: ImageData | null;
}

export function paintWaterfall(canvas: Canvas, scene: WaterfallScene, palette: Palette): void {
  const { context } = canvas;
  const width = Math.round(scene.width * scene.density);
  const height = Math.round(scene.height * scene.density);
  if (width < 1 || height < 1) return;
  if (canvas.image?.width !== width || canvas.image.height !== height) {
    canvas.image = context.createImageData(width, height);
  }
  const pixels = { data: new Uint32Array(canvas.image.data.buffer), width, height };
  paintRows(pixels, scene, palette);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(canvas.image, 0, 0);
  context.setTransform(scene.density, 0, 0, scene.density, 0, 0);
  drawGaps(context, scene.axis, scene.height, palette);
  forRows(scene, (row, top) => {
    drawSigns(context, scene, palette, row, top);
    drawPath(context, scene, palette, row, top);
  });
  drawPreview(context, scene.axis, scene.preview, scene.height, palette);
}

function forRows(scene: WaterfallScene, visit: (row: number, top: number) => void): void {
  const first = Math.max(0, Math.floor(scene.scrollTop / ROW_PX));
  const last = Math.min(scene.rows.length, Math.ceil((scene.scrollTop + scene.height) / ROW_PX));
  for (let row = first; row < last; row++) visit(row, row * ROW_PX - scene.scrollTop);
}

/** The raster part alone: needs no canvas. */
export function paintRows(pixels: Pixels, scene: WaterfallScene, palette: Palette): void {
  const { axis, density, lanes, rows } = scene;
  const { data, width } = pixels;
  data.fill(palette.pixels.bg);
  for (const time of scene.ticks) {
    const x = Math.round(axis.x(time) * density);
    if (x >= 0 && x < width)
      for (let at = x; at < data.length; at += width) data[at] = palette.pixels.hairline;
  }
  forRows(scene, (row, top) => {
    const edge = (y: number) => Math.round((top + y) * density);
    if (row === scene.row) fillLines(pixels, edge(0), edge(ROW_PX), palette.pixels.selected);
    const barTop = edge(BAR_TOP);
    const strip = { left: 0, top: barTop, width, height: edge(BAR_TOP + BAR_PX) - barTop };
    const drawn = drawnOf(lanes, rows, row);
    // A row that is cut at the top is drawn from the first line that is in sight.
    const cut = Math.max(0, -strip.top);
    const visible = { ...strip, top: strip.top + cut, height: strip.height - cut };
    if (visible.height > 0 && visible.top < pixels.height) {
      if (drawn.track) fillTrack(pixels, visible.top, axis, drawn.track, palette.pixels.raised, density);
      for (const bars of drawn.lanes.dimmed)
        paintBars(pixels, visible, axis, bars, dimmedLooks(palette), density);
      for (const bars of drawn.lanes.layers) paintBars(pixels, visible, axis, bars, palette.looks, density);
      copyDown(pixels, visible);
    }
    const errors = {
      left: 0,
      top: edge(ERROR_TOP),
      width,
      height: Math.max(2, Math.round(ERROR_PX * density)),
    };
    if (drawn.lanes.failed.order.length > 0 && errors.top >= 0 && errors.top < pixels.height) {
      paintBars(pixels, errors, axis, drawn.lanes.failed, failedLooks(palette), density);
      copyDown(pixels, errors);
    }
  });
}

interface Drawn {
  lanes: Lanes;
  /** The time a row's bar lies in, where that is more than its ops. */
  track: { start: number; end: number } | null;
}

const single = new WeakMap<LaneCache, Map<number, Lanes>>();

/** What a row's bar shows: a turn's ops, a sub-agent's, or an op alone. */
function drawnOf(lanes: LaneCache, rows: WaterfallRows, row: number): Drawn {
  const { trace } = lanes;
  const ref = rows.ref[row] ?? 0;
  if (rows.type[row] === TURN_ROW) {
    const [start, end] = [trace.turns.start[ref] ?? Number.NaN, trace.turns.end[ref] ?? Number.NaN];
    return { lanes: lanes.turn(ref), track: start < end ? { start, end } : null };
  }
  const child = trace.ops.child[ref] ?? NONE;
  if (child !== NONE) {
    const start = trace.ops.start[ref] ?? Number.NaN;
    const end = start + (trace.ops.duration[ref] ?? Number.NaN);
    return { lanes: withOwn(lanes, ref, lanes.session(child)), track: start < end ? { start, end } : null };
  }
  return { lanes: oneLane(lanes, ref), track: null };
}

function oneLane(lanes: LaneCache, op: number): Lanes {
  let known = single.get(lanes);
  if (!known) single.set(lanes, (known = new Map()));
  let found = known.get(op);
  if (!found) {
    const bars = lanes.one(op);
    const failed = lanes.trace.ops.status[op] === lanes.trace.head.statuses.indexOf("failed");
    const none = { ...bars, order: new Uint32Array(0), reach: new Float64Array(0) };
    const left = lanes.mask?.[op] === 0;
    found = {
      layers: left ? [] : [bars],
      failed: failed && !left ? bars : none,
      dimmed: left ? [bars] : [],
    };
    known.set(op, found);
  }
  return found;
}

/** A sub-agent's work over the bar of the op that ran it. */
function withOwn(lanes: LaneCache, op: number, child: Lanes): Lanes {
  const own = oneLane(lanes, op);
  const failed = own.failed.order.length > 0 ? own.failed : child.failed;
  return {
    layers: [...own.layers, ...child.layers],
    failed,
    dimmed: [...own.dimmed, ...child.dimmed],
  };
}

function fillLines(pixels: Pixels, from: number, to: number, colour: number): void {
  const [first, last] = [Math.max(0, from), Math.min(pixels.height, to)];
  if (last > first) pixels.data.fill(colour, first * pixels.width, last * pixels.width);
}

function fillTrack(
  pixels: Pixels,
  top: number,
  axis: TimeAxis,
  track: { start: number; end: number },
  colour: number,
  density: number,
): void {
  const from = Math.max(0, Math.floor(axis.x(track.start) * density));
  const to = Math.min(pixels.width, Math.ceil(axis.x(track.end) * density));
  if (to > from) pixels.data.fill(colour, top * pixels.width + from, top * pixels.width + to);
}

const PATH_TOP = 15;

/** What the turn waited for, as a line below its bar, and below those of its ops each one's part. */
function drawPath(
  context: CanvasRenderingContext2D,
  scene: WaterfallScene,
  palette: Palette,
  row: number,
  top: number,
): void {
  const { axis, lanes, rows } = scene;
  const ref = rows.ref[row] ?? 0;
  const isTurn = rows.type[row] === TURN_ROW;
  const turn = isTurn ? ref : turnOfOp(lanes.trace, ref);
  if (turn === -1) return;
  context.globalAlpha = 1;
  context.fillStyle = palette.accent;
  // What is thinner than a pixel is drawn with what follows it.
  let from = Number.NaN;
  let to = Number.NaN;
  const flush = () => {
    if (to > 0 && from < scene.width) context.fillRect(from, top + PATH_TOP, Math.max(to - from, 1), 2);
  };
  for (const section of pathOfTurn(lanes.trace, turn)) {
    if (section.op === -1 || (!isTurn && section.op !== ref)) continue;
    const [left, right] = [axis.x(section.start), axis.x(section.end)];
    if (left - to < 1) to = Math.max(to, right);
    else {
      flush();
      [from, to] = [left, right];
    }
  }
  flush();
}

/** Outlines, signs and labels of a row. */
function drawSigns(
  context: CanvasRenderingContext2D,
  scene: WaterfallScene,
  palette: Palette,
  row: number,
  top: number,
): void {
  const { axis, lanes, rows } = scene;
  const ref = rows.ref[row] ?? 0;
  const y = top + BAR_TOP;
  if (rows.type[row] === TURN_ROW) {
    for (const op of [scene.hover, scene.op]) {
      if (op !== -1 && lanes.trace.ops.session[op] === lanes.trace.turns.session[ref]) {
        if (lanes.trace.ops.turn[op] === lanes.trace.turns.turn[ref])
          drawRing(context, scene, palette, op, y);
      }
    }
    return;
  }
  const { ops, head } = lanes.trace;
  const start = ops.start[ref] ?? Number.NaN;
  if (Number.isNaN(start)) return;
  const kind = ops.kind[ref] ?? 0;
  const long = ops.duration[ref] ?? Number.NaN;
  const left = axis.x(start);
  if (left > scene.width + 20) return;
  const status = head.statuses[ops.status[ref] ?? 0];
  const fill = palette.kinds[kind] ?? palette.muted;
  context.globalAlpha = lanes.mask?.[ref] === 0 ? DIMMED : 1;
  if (!(long > 0)) {
    if (status === "running" && scene.live.has(ops.session[ref] ?? 0)) {
      const right = Math.max(left + 24, axis.x(scene.until));
      const fade = context.createLinearGradient(left, 0, right, 0);
      fade.addColorStop(0, fill);
      fade.addColorStop(1, `${fill}30`);
      context.fillStyle = fade;
      context.fillRect(left, y, right - left, BAR_PX);
    } else if (Number.isNaN(long) && head.timings[ops.timing[ref] ?? 0] !== "point") {
      // Nobody wrote down how long it took.
      drawHatch(context, left, y, 24, fill);
    } else drawDiamond(context, left, y + BAR_PX / 2, fill);
  } else {
    const right = axis.x(start + long);
    const width = right - left;
    if (right < -20) return;
    if (width >= 16 && head.timings[ops.timing[ref] ?? 0] === "derived") {
      context.fillStyle = ref === scene.op ? palette.selected : palette.bg;
      for (let x = 1; x <= 3; x++) context.fillRect(right - x * 3, y, 1.5, BAR_PX);
    }
    if (width >= LABEL_LEAST_PX && (ops.child[ref] ?? NONE) === NONE) {
      const from = Math.max(left, 0) + 5;
      const room = Math.min(right, scene.width) - from - 12;
      if (room > 20) {
        context.save();
        context.beginPath();
        context.rect(from, y, room, BAR_PX);
        context.clip();
        context.fillStyle = palette.on[kind] ?? palette.fg;
        context.font = "11px Inter, sans-serif";
        context.textBaseline = "middle";
        context.fillText(scene.opName(ref), from, y + BAR_PX / 2 + 0.5);
        context.restore();
      }
    }
  }
  if (status === "failed") {
    const right = Math.max(axis.x(start + (long > 0 ? long : 0)), left + 2);
    context.strokeStyle = palette.failed;
    context.lineWidth = 2;
    context.strokeRect(left + 1, y + 1, Math.max(right - left - 2, 1), BAR_PX - 2);
    const at = Math.min(right + 5, scene.width - 12);
    context.beginPath();
    context.moveTo(at, y + 3.5);
    context.lineTo(at + 7, y + 10.5);
    context.moveTo(at + 7, y + 3.5);
    context.lineTo(at, y + 10.5);
    context.stroke();
  }
  context.globalAlpha = 1;
  if (ref === scene.op || ref === scene.hover) drawRing(context, scene, palette, ref, y);
}

function drawRing(
  context: CanvasRenderingContext2D,
  scene: WaterfallScene,
  palette: Palette,
  op: number,
  y: number,
): void {
  const { ops } = scene.lanes.trace;
  const start = ops.start[op] ?? Number.NaN;
  const long = ops.duration[op] ?? Number.NaN;
  const left = scene.axis.x(start);
  const right = Math.max(scene.axis.x(start + (long > 0 ? long : 0)), left + 3);
  context.strokeStyle = palette.accent;
  context.lineWidth = op === scene.op ? 2 : 1;
  context.strokeRect(left - 1.5, y - 1.5, right - left + 3, BAR_PX + 3);
}

function drawDiamond(context: CanvasRenderingContext2D, x: number, y: number, fill: string): void {
  context.fillStyle = fill;
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x + 5, y);
  context.lineTo(x, y + 5);
  context.lineTo(x - 5, y);
  context.fill();
}

function drawHatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  colour: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, BAR_PX);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - BAR_PX; at < x + width; at += 5) {
    context.moveTo(at, y + BAR_PX);
    context.lineTo(at + BAR_PX, y);
  }
  context.stroke();
  context.restore();
}

/** The row and the op under a point; op -1: only the row. `undefined`: there is no row. */
export function hit(scene: WaterfallScene, x: number, y: number): { row: number; op: number } | undefined {
  const row = Math.floor((y + scene.scrollTop) / ROW_PX);
  if (row < 0 || row >= scene.rows.length) return undefined;
  const { lanes, rows, axis } = scene;
  if (rows.type[row] !== TURN_ROW) return { row, op: rows.ref[row] ?? -1 };
  const time = axis.time(x);
  const slack = Math.max(axis.time(x + 2) - time, 0);
  const { layers, failed, dimmed } = lanes.turn(rows.ref[row] ?? 0);
  if (y + scene.scrollTop - row * ROW_PX >= ERROR_TOP - 1) {
    const found = barAt(failed, time, slack * 2);
    if (found !== -1) return { row, op: found };
  }
  // What is under the pointer counts more than what is near it.
  for (const reach of [0, slack]) {
    for (const bars of [...dimmed, ...layers].toReversed()) {
      const found = barAt(bars, time, reach);
      if (found !== -1) return { row, op: found };
    }
  }
  return { row, op: -1 };
}
