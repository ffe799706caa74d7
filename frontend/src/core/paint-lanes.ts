/** The lanes in sight: bars pixel by pixel, then signs, labels and the lines between lanes. */

import { dimmedLooks, failedLooks } from "./dimmed";
import type { LaneLink, LaneRows } from "./lane-rows";
import { drawGaps, drawPreview } from "./paint-axis";
import type { Canvas } from "./paint-waterfall";
import { mixed, type Palette } from "./palette";
import { barAt, type Bars, copyDown, firstReaching, paintBars, type Pixels } from "./raster";
import type { Gap, TimeAxis } from "./time-axis";
import { NONE } from "./trace-columns";

export const LANE_LEAST_PX = 44;
const TOP_PX = 6;
const BAR_PX = 12;
const STEP_PX = BAR_PX + 2;
const ERROR_PX = 2;
const LABEL_LEAST_PX = 44;
const MOST_LABELS = 300;
const MOST_LINKS = 300;

/** Pixels of a lane with so many rows. */
export function laneHeight(rows: number): number {
  return Math.max(LANE_LEAST_PX, TOP_PX * 2 + ERROR_PX + rows * STEP_PX);
}

/** By place in `order`, where each lane begins; and one more: where the last ends. */
export function laneTops(rows: LaneRows, order: readonly number[]): Float64Array {
  const tops = new Float64Array(order.length + 1);
  order.forEach((session, place) => {
    tops[place + 1] = (tops[place] ?? 0) + laneHeight(rows.of(session).length);
  });
  return tops;
}

export interface LanesScene {
  rows: LaneRows;
  /** The sessions that have a lane, from the top, and where each begins. */
  order: readonly number[];
  tops: Float64Array;
  links: readonly LaneLink[];
  axis: TimeAxis;
  ticks: readonly number[];
  scrollTop: number;
  width: number;
  height: number;
  /** Pixels of the display for one of ours. */
  density: number;
  /** The session whose lane is chosen, and the one that is waited for where the pointer is; else -1. */
  lane: number;
  lit: number;
  /** Row of `ops` that is chosen or under the pointer; else -1. */
  op: number;
  hover: number;
  preview: Gap | null;
  live: ReadonlySet<number>;
  until: number;
  opName: (op: number) => string;
}

export function paintLanes(canvas: Canvas, scene: LanesScene, palette: Palette): void {
  const { context } = canvas;
  const width = Math.round(scene.width * scene.density);
  const height = Math.round(scene.height * scene.density);
  if (width < 1 || height < 1) return;
  if (canvas.image?.width !== width || canvas.image.height !== height) {
    canvas.image = context.createImageData(width, height);
  }
  paintLaneBars({ data: new Uint32Array(canvas.image.data.buffer), width, height }, scene, palette);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(canvas.image, 0, 0);
  context.setTransform(scene.density, 0, 0, scene.density, 0, 0);
  drawGaps(context, scene.axis, scene.height, palette);
  drawLinks(context, scene, palette);
  drawSigns(context, scene, palette);
  drawPreview(context, scene.axis, scene.preview, scene.height, palette);
}

/** The place in `order` of the lane at a height of the whole; beyond the last: their number. */
export function laneAt(tops: Float64Array, y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle + 1] ?? 0) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

function forLanes(scene: LanesScene, visit: (session: number, top: number, height: number) => void): void {
  const { order, tops, scrollTop, height } = scene;
  for (let place = laneAt(tops, scrollTop); place < order.length; place++) {
    const top = (tops[place] ?? 0) - scrollTop;
    if (top >= height) return;
    visit(order[place] ?? 0, top, (tops[place + 1] ?? 0) - (tops[place] ?? 0));
  }
}

/** The raster part alone: needs no canvas. */
export function paintLaneBars(pixels: Pixels, scene: LanesScene, palette: Palette): void {
  const { axis, density, rows } = scene;
  const { data, width } = pixels;
  data.fill(palette.pixels.bg);
  const strip = (top: number, height: number) => {
    const from = Math.round(top * density);
    const cut = Math.max(0, -from);
    return { left: 0, top: from + cut, width, height: Math.round((top + height) * density) - from - cut };
  };
  const paint = (top: number, height: number, layers: readonly [Bars | null, Uint32Array][]) => {
    const at = strip(top, height);
    if (at.height <= 0 || at.top >= pixels.height) return;
    for (const [bars, looks] of layers) if (bars) paintBars(pixels, at, axis, bars, looks, density);
    copyDown(pixels, at);
  };
  forLanes(scene, (session, top, height) => {
    const ground = strip(top, height);
    if (session === scene.lane || session === scene.lit) fill(pixels, ground, palette.pixels.selected);
    fill(pixels, { ...strip(top + height - 1, 1), height: 1 }, palette.pixels.hairline);
  });
  for (const time of scene.ticks) {
    const x = Math.round(axis.x(time) * density);
    if (x >= 0 && x < width)
      for (let at = x; at < data.length; at += width) data[at] = palette.pixels.hairline;
  }
  const dim = dimmedLooks(palette);
  forLanes(scene, (session, top, height) => {
    rows.of(session).forEach((row, number) => {
      paint(top + TOP_PX + number * STEP_PX, BAR_PX, [
        [row.dimmed, dim],
        [row.bars, palette.looks],
      ]);
    });
    paint(top + height - ERROR_PX - 2, ERROR_PX, [
      [rows.lanes.session(session).failed, failedLooks(palette)],
    ]);
  });
}

function fill(pixels: Pixels, strip: { top: number; height: number }, colour: number): void {
  const first = Math.max(0, strip.top);
  const last = Math.min(pixels.height, strip.top + strip.height);
  if (last > first) pixels.data.fill(colour, first * pixels.width, last * pixels.width);
}

/** From who started a sub-agent down (or up) to its lane, and from its end back. */
function drawLinks(context: CanvasRenderingContext2D, scene: LanesScene, palette: Palette): void {
  const { axis, tops, order, scrollTop, height } = scene;
  const places = new Map(order.map((session, place) => [session, place]));
  const kind = scene.rows.lanes.trace.head.kinds.indexOf("session");
  const colour = palette.kinds[kind] ?? palette.muted;
  const faint = mixed(colour, palette.bg, 0.4);
  const middle = (place: number) => (tops[place] ?? 0) + TOP_PX + BAR_PX / 2 - scrollTop;
  let drawn = 0;
  for (const link of scene.links) {
    const [from, to] = [places.get(link.from), places.get(link.to)];
    if (from === undefined || to === undefined) continue;
    const [y0, y1] = [middle(from), middle(to)];
    const stands = link.to === scene.lit || link.to === scene.lane;
    // Of lanes that are out of sight the lines would say nothing.
    if (!stands && (y1 < 0 || y1 > height)) continue;
    if (Math.max(y0, y1) < 0 || Math.min(y0, y1) > height) continue;
    context.strokeStyle = stands ? colour : faint;
    context.fillStyle = stands ? colour : faint;
    context.lineWidth = stands ? 1.5 : 1;
    for (const [time, back] of [
      [link.spawn, false],
      [link.back, true],
    ] as const) {
      const x = axis.x(time);
      if (!(x >= -2 && x <= scene.width + 2)) continue;
      context.setLineDash(back ? [2, 3] : []);
      context.beginPath();
      context.moveTo(x, y0);
      context.lineTo(x, y1);
      context.stroke();
      const tip = back ? y0 : y1;
      const by = (back ? y0 < y1 : y1 > y0) === back ? 4 : -4;
      context.beginPath();
      context.moveTo(x, tip);
      context.lineTo(x - 3, tip + by);
      context.lineTo(x + 3, tip + by);
      context.fill();
    }
    drawn += 1;
    if (drawn >= MOST_LINKS) break;
  }
  context.setLineDash([]);
}

/** Labels of wide bars, outlines of what failed, rings around what is chosen. */
function drawSigns(context: CanvasRenderingContext2D, scene: LanesScene, palette: Palette): void {
  const { axis, rows } = scene;
  const { ops, head } = rows.lanes.trace;
  const failed = head.statuses.indexOf("failed");
  const running = head.statuses.indexOf("running");
  const wide = LABEL_LEAST_PX / axis.scale;
  let labels = 0;
  context.font = "10.5px Inter, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "left";
  forLanes(scene, (session, top) => {
    rows.of(session).forEach(({ bars }, number) => {
      const y = top + TOP_PX + number * STEP_PX;
      if (y > scene.height || y < -BAR_PX) return;
      for (let place = firstReaching(bars.reach, axis.start); place < bars.order.length; place++) {
        const op = bars.order[place] ?? 0;
        const start = bars.start[op] ?? 0;
        if (start > axis.end) break;
        const long = bars.duration[op] ?? Number.NaN;
        if (long >= wide && labels < MOST_LABELS) {
          labels += 1;
          drawLabel(context, scene, palette, op, y);
          if (ops.status[op] === failed) outline(context, axis, start, long, y, palette.failed);
        } else if (Number.isNaN(long) && ops.status[op] === running && scene.live.has(session)) {
          drawRunning(context, scene, palette, op, y);
        }
        if (op === scene.op || op === scene.hover) drawRing(context, scene, palette, op, y);
      }
    });
  });
}

function drawLabel(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  palette: Palette,
  op: number,
  y: number,
): void {
  const { ops } = scene.rows.lanes.trace;
  const start = ops.start[op] ?? 0;
  const from = Math.max(scene.axis.x(start), 0) + 4;
  const room = Math.min(scene.axis.x(start + (ops.duration[op] ?? 0)), scene.width) - from - 3;
  if (room < 20) return;
  context.save();
  context.beginPath();
  context.rect(from, y, room, BAR_PX);
  context.clip();
  context.fillStyle = palette.on[ops.kind[op] ?? 0] ?? palette.fg;
  context.fillText(scene.opName(op), from, y + BAR_PX / 2 + 0.5);
  context.restore();
}

function outline(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  start: number,
  long: number,
  y: number,
  colour: string,
): void {
  const left = axis.x(start);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(left + 1, y + 1, axis.x(start + long) - left - 2, BAR_PX - 2);
}

/** What still runs fades towards the time up to which all is known. */
function drawRunning(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  palette: Palette,
  op: number,
  y: number,
): void {
  const { ops } = scene.rows.lanes.trace;
  const left = scene.axis.x(ops.start[op] ?? 0);
  const right = Math.max(left + 24, scene.axis.x(scene.until));
  const colour = palette.kinds[ops.kind[op] ?? 0] ?? palette.muted;
  const fade = context.createLinearGradient(left, 0, right, 0);
  fade.addColorStop(0, colour);
  fade.addColorStop(1, `${colour}30`);
  context.fillStyle = fade;
  context.fillRect(left, y, right - left, BAR_PX);
}

function drawRing(
  context: CanvasRenderingContext2D,
  scene: LanesScene,
  palette: Palette,
  op: number,
  y: number,
): void {
  const { ops } = scene.rows.lanes.trace;
  const start = ops.start[op] ?? Number.NaN;
  const long = ops.duration[op] ?? Number.NaN;
  const left = scene.axis.x(start);
  const right = Math.max(scene.axis.x(start + (long > 0 ? long : 0)), left + 3);
  context.strokeStyle = palette.accent;
  context.lineWidth = op === scene.op ? 2 : 1;
  context.strokeRect(left - 1.5, y - 1.5, right - left + 3, BAR_PX + 3);
}

/** The lane and the op under a point; op -1: only the lane. `undefined`: there is no lane. */
export function hitLane(
  scene: LanesScene,
  x: number,
  y: number,
): { session: number; op: number } | undefined {
  const { tops, order, rows, axis } = scene;
  const at = y + scene.scrollTop;
  const place = laneAt(tops, at);
  const session = order[place];
  if (session === undefined || at < 0) return undefined;
  const time = axis.time(x);
  const slack = Math.max(axis.time(x + 2) - time, 0);
  const inLane = at - (tops[place] ?? 0);
  const height = (tops[place + 1] ?? 0) - (tops[place] ?? 0);
  if (inLane >= height - ERROR_PX - 4) {
    const failed = barAt(rows.lanes.session(session).failed, time, slack * 2);
    if (failed !== -1) return { session, op: failed };
  }
  const row = rows.of(session)[Math.floor((inLane - TOP_PX + 1) / STEP_PX)];
  for (const bars of row ? [row.bars, row.dimmed] : []) {
    const op = bars ? barAt(bars, time, slack) : -1;
    if (op !== -1) return { session, op };
  }
  return { session, op: -1 };
}

/** Where the middle of an op's bar is; `null`: it has none here. */
export function placeOfOp(scene: LanesScene, op: number): { x: number; y: number } | null {
  const { rows, order, tops, axis, scrollTop } = scene;
  const { ops } = rows.lanes.trace;
  const session = ops.session[op] ?? NONE;
  const place = order.indexOf(session);
  const row = rows
    .of(session)
    .findIndex(({ bars, dimmed }) => bars.order.includes(op) || (dimmed?.order.includes(op) ?? false));
  if (place === -1 || row === -1) return null;
  const start = ops.start[op] ?? Number.NaN;
  const long = ops.duration[op] ?? Number.NaN;
  const [left, right] = [axis.x(start), axis.x(start + (long > 0 ? long : 0))];
  return { x: (left + right) / 2, y: (tops[place] ?? 0) - scrollTop + TOP_PX + row * STEP_PX + BAR_PX / 2 };
}
