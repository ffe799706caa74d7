/** A flame's boxes in sight: pixel by pixel, then labels and rings. */

import { dimmedLooks } from "./dimmed";
import { EDGE_LOOK, type FlameBoxes, LOOKS, ROOT_LOOK, TURN_LOOK } from "./flame-boxes";
import { drawGaps, drawPreview } from "./paint-axis";
import type { Canvas } from "./paint-waterfall";
import { mixed, type Palette } from "./palette";
import { barAt, copyDown, firstReaching, paintBars, pixel, type Pixels } from "./raster";
import type { Gap, TimeAxis } from "./time-axis";

export const FLAME_ROW_PX = 19;
const BOX_PX = 18;
const LABEL_LEAST_PX = 30;
const MOST_LABELS = 400;

export interface FlameScene {
  boxes: FlameBoxes;
  axis: TimeAxis;
  ticks: readonly number[];
  scrollTop: number;
  width: number;
  height: number;
  density: number;
  /** Boxes; -1: none. */
  chosen: number;
  hover: number;
  preview: Gap | null;
  label: (box: number) => string;
  isFailed: (box: number) => boolean;
}

interface FlameLooks {
  fills: Uint32Array;
  dimmed: Uint32Array;
  on: string[];
}

const known = new WeakMap<Palette, FlameLooks>();

/** The colours of ops, and of what is none. */
export function flameLooks(palette: Palette): FlameLooks {
  const found = known.get(palette);
  if (found) return found;
  const fills = new Uint32Array(LOOKS);
  const dimmed = new Uint32Array(LOOKS);
  fills.set(palette.looks);
  dimmed.set(dimmedLooks(palette));
  for (const [look, part] of [
    [ROOT_LOOK, 0.24],
    [TURN_LOOK, 0.14],
    [EDGE_LOOK, 0.14],
  ] as const) {
    fills[look] = pixel(mixed(palette.fg, palette.bg, part));
    dimmed[look] = pixel(mixed(palette.fg, palette.bg, 0.06));
  }
  const on = Array.from({ length: LOOKS }, (_, look) => palette.on[look % 8] ?? palette.fg);
  for (const look of [ROOT_LOOK, TURN_LOOK, EDGE_LOOK]) on[look] = palette.fg;
  const made = { fills, dimmed, on };
  known.set(palette, made);
  return made;
}

export function paintFlame(canvas: Canvas, scene: FlameScene, palette: Palette): void {
  const { context } = canvas;
  const width = Math.round(scene.width * scene.density);
  const height = Math.round(scene.height * scene.density);
  if (width < 1 || height < 1) return;
  if (canvas.image?.width !== width || canvas.image.height !== height) {
    canvas.image = context.createImageData(width, height);
  }
  paintBoxes({ data: new Uint32Array(canvas.image.data.buffer), width, height }, scene, palette);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(canvas.image, 0, 0);
  context.setTransform(scene.density, 0, 0, scene.density, 0, 0);
  drawGaps(context, scene.axis, scene.height, palette);
  drawLabels(context, scene, palette);
  for (const [box, wide] of [
    [scene.hover, 1],
    [scene.chosen, 2],
  ] as const) {
    if (box !== -1) drawRing(context, scene, palette, box, wide);
  }
  drawPreview(context, scene.axis, scene.preview, scene.height, palette);
}

function forRows(scene: FlameScene, visit: (row: number, top: number) => void): void {
  const first = Math.max(0, Math.floor(scene.scrollTop / FLAME_ROW_PX));
  const last = Math.min(scene.boxes.rows.length, Math.ceil((scene.scrollTop + scene.height) / FLAME_ROW_PX));
  for (let row = first; row < last; row++) visit(row, row * FLAME_ROW_PX - scene.scrollTop);
}

/** The raster part alone: needs no canvas. */
export function paintBoxes(pixels: Pixels, scene: FlameScene, palette: Palette): void {
  const { axis, density } = scene;
  const { data, width } = pixels;
  data.fill(palette.pixels.bg);
  for (const time of scene.ticks) {
    const x = Math.round(axis.x(time) * density);
    if (x >= 0 && x < width)
      for (let at = x; at < data.length; at += width) data[at] = palette.pixels.hairline;
  }
  const looks = flameLooks(palette);
  forRows(scene, (row, top) => {
    const from = Math.round(top * density);
    const cut = Math.max(0, -from);
    const height = Math.round((top + BOX_PX) * density) - from - cut;
    const strip = { left: 0, top: from + cut, width, height };
    const one = scene.boxes.rows[row];
    if (!one || height <= 0 || strip.top >= pixels.height) return;
    if (one.dimmed) paintBars(pixels, strip, axis, one.dimmed, looks.dimmed, density);
    paintBars(pixels, strip, axis, one.bars, looks.fills, density);
    copyDown(pixels, strip);
  });
}

/** Names of wide boxes, lines between neighbours, outlines of what failed. */
function drawLabels(context: CanvasRenderingContext2D, scene: FlameScene, palette: Palette): void {
  const { axis, boxes } = scene;
  const { on } = flameLooks(palette);
  const wide = LABEL_LEAST_PX / axis.scale;
  const apart = 4 / axis.scale;
  let labels = 0;
  context.font = "11px Inter, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "left";
  forRows(scene, (row, top) => {
    const one = boxes.rows[row];
    for (const bars of one ? [one.dimmed, one.bars] : []) {
      if (!bars) continue;
      for (let place = firstReaching(bars.reach, axis.start); place < bars.order.length; place++) {
        const box = bars.order[place] ?? 0;
        const start = bars.start[box] ?? 0;
        if (start > axis.end) break;
        const long = bars.duration[box] ?? 0;
        if (long < apart) continue;
        const [left, right] = [axis.x(start), axis.x(start + long)];
        context.fillStyle = palette.bg;
        context.fillRect(right - 0.75, top, 0.75, BOX_PX);
        if (scene.isFailed(box)) {
          context.strokeStyle = palette.failed;
          context.lineWidth = 2;
          context.strokeRect(left + 1, top + 1, right - left - 2, BOX_PX - 2);
        }
        if (long < wide || labels >= MOST_LABELS) continue;
        labels += 1;
        const from = Math.max(left, 0) + 5;
        const room = Math.min(right, scene.width) - from - 3;
        if (room < 16) continue;
        context.save();
        context.beginPath();
        context.rect(from, top, room, BOX_PX);
        context.clip();
        context.fillStyle = bars === one?.dimmed ? palette.muted : (on[bars.kind[box] ?? 0] ?? palette.fg);
        context.fillText(scene.label(box), from, top + BOX_PX / 2 + 0.5);
        context.restore();
      }
    }
  });
}

function drawRing(
  context: CanvasRenderingContext2D,
  scene: FlameScene,
  palette: Palette,
  box: number,
  wide: number,
): void {
  const place = boxPlace(scene, box);
  context.strokeStyle = palette.accent;
  context.lineWidth = wide;
  const width = Math.max(place.right - place.left, 3);
  context.strokeRect(place.left - 0.5, place.top - 0.5, width + 1, BOX_PX + 1);
  if (wide < 2 || width < 8) return;
  // On a fill of nearly its colour the ring alone would be lost.
  context.strokeStyle = palette.bg;
  context.lineWidth = 1;
  context.strokeRect(place.left + 1.5, place.top + 1.5, width - 3, BOX_PX - 3);
}

/** Where a box is drawn. */
export function boxPlace(scene: FlameScene, box: number): { left: number; right: number; top: number } {
  const { boxes, axis, scrollTop } = scene;
  const start = boxes.start[box] ?? 0;
  return {
    left: axis.x(start),
    right: axis.x(start + (boxes.duration[box] ?? 0)),
    top: (boxes.row[box] ?? 0) * FLAME_ROW_PX - scrollTop,
  };
}

/** The box under a point; -1: none. */
export function hitBox(scene: FlameScene, x: number, y: number): number {
  const row = scene.boxes.rows[Math.floor((y + scene.scrollTop) / FLAME_ROW_PX)];
  if (!row) return -1;
  const time = scene.axis.time(x);
  const near = Math.max(scene.axis.time(x + 1.5) - time, 0);
  for (const slack of [0, near]) {
    for (const bars of [row.bars, row.dimmed]) {
      const found = bars ? barAt(bars, time, slack) : -1;
      if (found !== -1) return found;
    }
  }
  return -1;
}
