/** How many sessions were at work at once, as steps below the axis. */

import { type Steps, valueAt } from "./figures";
import { mixed, type Palette } from "./palette";
import type { TimeAxis } from "./time-axis";

export const STRIP_PX = 30;

/** @param top Where on the canvas the strip begins. */
export function drawAtOnce(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  steps: Steps,
  top: number,
  palette: Palette,
): void {
  const most = steps.value.reduce((one, other) => Math.max(one, other), 1);
  const bottom = top + STRIP_PX - 1;
  const room = STRIP_PX - 5;
  context.clearRect(0, top, axis.width, STRIP_PX);
  context.fillStyle = mixed(palette.fg, palette.panel, 0.35);
  let place = firstAfter(steps.time, axis.start);
  for (let x = 0; x < axis.width; x++) {
    const until = axis.time(x + 1);
    // Of many steps within a pixel the highest is drawn.
    let value = valueAt(steps, axis.time(x));
    for (; place < steps.time.length && (steps.time[place] ?? 0) < until; place++) {
      value = Math.max(value, steps.value[place] ?? 0);
    }
    const height = (room * value) / most;
    if (height > 0) context.fillRect(x, bottom - height, 1, height);
  }
  context.fillStyle = palette.hairline;
  context.fillRect(0, bottom, axis.width, 1);
}

function firstAfter(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
