/** Moving the part of time that is looked at, within the whole. */

import type { Gap, TimeAxis } from "./time-axis";

/** Nobody looks closer than a tenth of a millisecond. */
const LEAST = 100;

/** The range cut to the whole; `null` when it is all of it. */
export function within(range: Gap, whole: Gap): Gap | null {
  const length = Math.max(range.end - range.start, LEAST);
  const start = Math.min(Math.max(range.start, whole.start), Math.max(whole.start, whole.end - LEAST));
  const end = Math.min(Math.max(range.end, start + Math.min(length, LEAST)), whole.end);
  // A rest that is thinner than a pixel is none.
  const slack = (whole.end - whole.start) / 1e6;
  if (start <= whole.start + slack && end >= whole.end - slack) return null;
  return { start, end: Math.max(end, start + 1) };
}

export function zoom(axis: TimeAxis, whole: Gap, x: number, factor: number): Gap | null {
  if (factor > 1 && axis.end - axis.start <= LEAST) return within(axis, whole);
  return within(axis.zoomed(x, factor), whole);
}

/** The range moved by `x` pixels, not beyond the whole. */
export function pan(axis: TimeAxis, whole: Gap, x: number): Gap | null {
  const room = { left: axis.x(whole.start), right: axis.x(whole.end) - axis.width };
  return within(axis.panned(Math.max(room.left, Math.min(room.right, x))), whole);
}

/** The range moved just so far that a time is in sight. */
export function panTo(axis: TimeAxis, whole: Gap, time: Gap): Gap | null {
  const margin = axis.width / 10;
  const [left, right] = [axis.x(time.start), axis.x(time.end)];
  if (right > 0 && left < axis.width) return within(axis, whole);
  return pan(
    axis,
    whole,
    left >= axis.width ? left - axis.width + Math.min(right - left, axis.width / 2) + margin : left - margin,
  );
}
