/** What is drawn of time itself: ticks and their labels, folded waits, a range that is being chosen. */

import { tickLabel, waitLabel, zoneOffset } from "../logic/axis-labels";
import type { Palette } from "./palette";
import type { Gap, TimeAxis } from "./time-axis";

export const AXIS_PX = 32;
export const TICK_SPACING_PX = 84;

/** Times at which lines stand. */
export function tickTimes(axis: TimeAxis): number[] {
  return axis.ticks(TICK_SPACING_PX, zoneOffset(axis.start)).times;
}

/** Ticks above, the lengths of folded waits below. */
export function drawAxis(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  density: number,
  palette: Palette,
): void {
  const { width } = axis;
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

/** A folded wait is a band between two zig-zag lines. */
export function drawGaps(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  height: number,
  palette: Palette,
): void {
  for (const gap of axis.gaps) {
    const [left, right] = [axis.x(gap.start), axis.x(gap.end)];
    context.fillStyle = palette.panel;
    context.fillRect(left, 0, right - left, height);
    context.strokeStyle = palette.control;
    context.lineWidth = 1;
    context.beginPath();
    for (const x of [left + 2, right - 2]) {
      for (let y = -8; y <= height + 8; y += 4) {
        const at = x + ((y / 4) % 2 === 0 ? -1.5 : 1.5);
        if (y === -8) context.moveTo(at, y);
        else context.lineTo(at, y);
      }
    }
    context.stroke();
  }
}

/** The range that is being chosen, over everything else. */
export function drawPreview(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  range: Gap | null,
  height: number,
  palette: Palette,
): void {
  if (!range) return;
  const [left, right] = [axis.x(range.start), axis.x(range.end)];
  context.fillStyle = `${palette.accent}28`;
  context.fillRect(left, 0, right - left, height);
  context.fillStyle = palette.accent;
  context.fillRect(left - 0.5, 0, 1, height);
  context.fillRect(right - 0.5, 0, 1, height);
}

/** A canvas of as many pixels as the display has for it. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number, density: number): void {
  const [wide, high] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}
