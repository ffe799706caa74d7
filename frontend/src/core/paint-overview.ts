/**
 * The whole session in a strip: what it did, how full its context was, what it had cost.
 *
 *     ▂▅▇▂   ▂▇▅▂▁    how much happened
 *     ███▒░░░██▒▒█    model, tool, sub-agent; what failed below
 *     ▁▂▃▄▅▼▁▂▃▄▅     context, its limit dashed, compactions
 *     ____---------   cost, own and with sub-agents
 */

import { dimmedLooks } from "./dimmed";
import { type Context, type Steps, valueAt } from "./figures";
import type { LaneCache } from "./lanes";
import { mixed, type Palette } from "./palette";
import { copyDown, paintBars, type Pixels } from "./raster";
import type { TimeAxis } from "./time-axis";

export const OVERVIEW_PX = 72;
const DENSITY = { top: 1, height: 9 };
const STATE = { top: 11, height: 10 };
const ERRORS = { top: 22, height: 2 };
const CONTEXT = { top: 26, height: 22 };
const COST = { top: 51, height: 20 };

export interface OverviewScene {
  lanes: LaneCache;
  axis: TimeAxis;
  context: Context;
  cost: { own: Steps; tree: Steps };
  width: number;
  density: number;
  /** The chosen op or turn's time; `null`: none is chosen. */
  caret: number | null;
}

export function paintOverview(
  context: CanvasRenderingContext2D,
  scene: OverviewScene,
  palette: Palette,
): void {
  const width = Math.round(scene.width * scene.density);
  const height = Math.round(OVERVIEW_PX * scene.density);
  if (width < 1) return;
  const image = context.createImageData(width, height);
  paintStates({ data: new Uint32Array(image.data.buffer), width, height }, scene, palette);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.putImageData(image, 0, 0);
  context.setTransform(scene.density, 0, 0, scene.density, 0, 0);
  drawDensity(context, scene, palette);
  drawWaits(context, scene, palette);
  drawContext(context, scene, palette);
  drawCost(context, scene, palette);
  if (scene.caret !== null) {
    const x = scene.axis.x(scene.caret);
    context.fillStyle = palette.accent;
    context.fillRect(x - 0.5, 0, 1.5, OVERVIEW_PX);
    context.beginPath();
    context.moveTo(x - 4, 0);
    context.lineTo(x + 4, 0);
    context.lineTo(x, 5);
    context.fill();
  }
}

/** What the session itself did, pixel by pixel, and every failure of its tree. */
export function paintStates(pixels: Pixels, scene: OverviewScene, palette: Palette): void {
  const { lanes, axis, density } = scene;
  pixels.data.fill(palette.pixels.bg);
  const strip = (at: { top: number; height: number }) => ({
    left: 0,
    top: Math.round(at.top * density),
    width: pixels.width,
    height: Math.round(at.height * density),
  });
  const states = strip(STATE);
  const { layers, dimmed } = lanes.session(0);
  for (const bars of dimmed) paintBars(pixels, states, axis, bars, dimmedLooks(palette), density);
  for (const bars of layers) paintBars(pixels, states, axis, bars, palette.looks, density);
  copyDown(pixels, states);
  const errors = strip(ERRORS);
  const failed = new Uint32Array(palette.looks.length).fill(palette.pixels.failed);
  lanes.trace.head.sessions.forEach((_, session) =>
    paintBars(pixels, errors, axis, lanes.session(session).failed, failed, density),
  );
  copyDown(pixels, errors);
}

/** How many ops of the tree began in each pixel, as a logarithm: one is seen beside a thousand. */
function drawDensity(context: CanvasRenderingContext2D, scene: OverviewScene, palette: Palette): void {
  const { lanes, axis, width } = scene;
  const counts = new Uint32Array(Math.ceil(width));
  for (const start of lanes.trace.ops.start) {
    const x = Math.floor(axis.x(start));
    if (x >= 0 && x < counts.length) counts[x] = (counts[x] ?? 0) + 1;
  }
  const most = Math.log1p(counts.reduce((one, other) => Math.max(one, other), 1));
  context.fillStyle = palette.muted;
  counts.forEach((count, x) => {
    if (count === 0) return;
    const height = Math.max(1, (DENSITY.height * Math.log1p(count)) / most);
    context.fillRect(x, DENSITY.top + DENSITY.height - height, 1, height);
  });
}

function drawWaits(context: CanvasRenderingContext2D, scene: OverviewScene, palette: Palette): void {
  for (const gap of scene.axis.gaps) {
    const [left, right] = [scene.axis.x(gap.start), scene.axis.x(gap.end)];
    context.fillStyle = palette.raised;
    context.fillRect(left, 0, right - left, OVERVIEW_PX);
    // Dots of the user's colour: the human's time.
    context.fillStyle = mixed(palette.user, palette.bg, 0.6);
    for (let x = left + 2; x < right - 1; x += 4) {
      for (let y = STATE.top + 1; y < STATE.top + STATE.height; y += 4) context.fillRect(x, y, 1.5, 1.5);
    }
  }
}

function drawContext(context: CanvasRenderingContext2D, scene: OverviewScene, palette: Palette): void {
  const { steps, limit, compactions } = scene.context;
  const most = steps.value.reduce((one, other) => Math.max(one, other), limit);
  const bottom = CONTEXT.top + CONTEXT.height;
  if (most > 0) {
    context.fillStyle = mixed(palette.llm, palette.bg, 0.35);
    area(context, scene, steps, (value) => (CONTEXT.height * value) / most, bottom);
    if (limit > 0) {
      const y = bottom - (CONTEXT.height * limit) / most + 0.5;
      context.strokeStyle = palette.control;
      context.lineWidth = 1;
      context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(scene.width, y);
      context.stroke();
      context.setLineDash([]);
    }
  }
  const kind = scene.lanes.trace.head.kinds.indexOf("compaction");
  context.fillStyle = palette.kinds[kind] ?? palette.fg;
  for (const { time } of compactions) {
    const x = scene.axis.x(time);
    context.fillRect(x - 0.5, CONTEXT.top, 1, CONTEXT.height);
    context.beginPath();
    context.moveTo(x - 5, CONTEXT.top);
    context.lineTo(x + 5, CONTEXT.top);
    context.lineTo(x, CONTEXT.top + 7);
    context.fill();
  }
}

function drawCost(context: CanvasRenderingContext2D, scene: OverviewScene, palette: Palette): void {
  const { own, tree } = scene.cost;
  const most = tree.value.at(-1) ?? 0;
  context.strokeStyle = palette.hairline;
  context.lineWidth = 1;
  context.strokeRect(0, COST.top - 1.5, scene.width, 0);
  if (most <= 0) return;
  const height = (value: number) => ((COST.height - 2) * value) / most;
  const bottom = COST.top + COST.height - 1;
  context.fillStyle = mixed(palette.fg, palette.bg, 0.12);
  area(context, scene, own, height, bottom);
  if ((own.value.at(-1) ?? 0) < most) line(context, scene, own, height, bottom, palette.muted, [3, 2]);
  line(context, scene, tree, height, bottom, palette.fg, []);
}

/** Pixel by pixel: of many steps within one the highest is drawn. */
function columns(scene: OverviewScene, steps: Steps, visit: (x: number, value: number) => void): void {
  let place = 0;
  for (let x = 0; x < scene.width; x++) {
    const until = scene.axis.time(x + 1);
    let value = valueAt(steps, scene.axis.time(x));
    while (place < steps.time.length && (steps.time[place] ?? 0) < until) {
      value = Math.max(value, steps.value[place] ?? 0);
      place += 1;
    }
    visit(x, value);
  }
}

function area(
  context: CanvasRenderingContext2D,
  scene: OverviewScene,
  steps: Steps,
  height: (value: number) => number,
  bottom: number,
): void {
  columns(scene, steps, (x, value) => {
    if (value > 0) context.fillRect(x, bottom - height(value), 1, height(value));
  });
}

function line(
  context: CanvasRenderingContext2D,
  scene: OverviewScene,
  steps: Steps,
  height: (value: number) => number,
  bottom: number,
  colour: string,
  dash: number[],
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.setLineDash(dash);
  context.beginPath();
  columns(scene, steps, (x, value) => {
    const y = bottom - height(value);
    if (x === 0) context.moveTo(0, y);
    context.lineTo(x, y);
    context.lineTo(x + 1, y);
  });
  context.stroke();
  context.setLineDash([]);
}
