/**
 * Bars drawn pixel by pixel.
 *
 * Of bars narrower than a pixel one is drawn a pixel column; the others cost two comparisons. So
 * a row of a hundred thousand is drawn within a millisecond. What failed is drawn apart, so that
 * it is never the one left out.
 */

import type { TimeAxis } from "./time-axis";

/** A picture in the making: one number a pixel, as `ImageData` holds them. */
export interface Pixels {
  data: Uint32Array;
  /** Pixels of a line. */
  width: number;
  height: number;
}

/** Where a row of bars lies. */
export interface Strip {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Bars in order of their start: rows of `start` and `duration`, whose `colour` is looked up by `kind`. */
export interface Bars {
  order: Uint32Array;
  start: Float64Array;
  duration: Float64Array;
  kind: Uint8Array;
  /** The latest end of the first bars, up to each: see `reachOf`. */
  reach: Float64Array;
}

/** By place in `order`, the latest time that is known of it or of one before it. */
export function reachOf(order: Uint32Array, start: Float64Array, duration: Float64Array): Float64Array {
  let latest = Number.NEGATIVE_INFINITY;
  const reach = new Float64Array(order.length);
  order.forEach((bar, place) => {
    const from = start[bar] ?? Number.NaN;
    const long = duration[bar] ?? Number.NaN;
    if (!Number.isNaN(from)) latest = Math.max(latest, from + (Number.isNaN(long) ? 0 : long));
    reach[place] = latest;
  });
  return reach;
}

/** The first place in `order` from which on bars reach to `time` or beyond. */
export function firstReaching(reach: Float64Array, time: number): number {
  let low = 0;
  let high = reach.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reach[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The bar under a time, the last one drawn of those that are; else the nearest within `slack`
 * (microseconds). -1: there is none.
 */
export function barAt(bars: Bars, time: number, slack: number): number {
  const { order, start, duration, reach } = bars;
  let nearest = -1;
  let distance = slack;
  for (let place = firstReaching(reach, time - slack); place < order.length; place++) {
    const bar = order[place] ?? 0;
    const from = start[bar] ?? Number.NaN;
    if (from > time + slack) break;
    const long = duration[bar] ?? Number.NaN;
    const to = from + (Number.isNaN(long) ? 0 : long);
    const away = Math.max(from - time, time - to, 0);
    if (away <= distance) [nearest, distance] = [bar, away];
  }
  return nearest;
}

/**
 * Draw bars into a strip's first line; `copyDown` makes the others. Returns how many columns of pixels were written.
 *
 * @param scale Pixels of the picture for one of the axis: 2 on a display of double density.
 */
export function paintBars(
  pixels: Pixels,
  strip: Strip,
  axis: TimeAxis,
  bars: Bars,
  colours: Uint32Array,
  scale = 1,
): number {
  const { order, start, duration, kind, reach } = bars;
  const right = Math.min(strip.left + strip.width, pixels.width);
  const line = strip.top * pixels.width;
  let written = 0;
  // All that lies before this time is in a column that is drawn.
  let drawnTo = Number.NEGATIVE_INFINITY;
  // What ended before the range is not looked at.
  for (let place = firstReaching(reach, axis.start); place < order.length; place++) {
    const bar = order[place] ?? 0;
    const from = start[bar] ?? Number.NaN;
    const known = duration[bar] ?? Number.NaN;
    const to = from + (Number.isNaN(known) ? 0 : known);
    if (from < drawnTo && to <= drawnTo) continue;
    if (Number.isNaN(from)) continue;
    const x0 = strip.left + Math.floor(axis.x(from) * scale);
    if (x0 >= right) break;
    const begin = Math.max(x0, strip.left);
    const end = Math.min(Math.max(strip.left + Math.ceil(axis.x(to) * scale), x0 + 1), right);
    if (end <= begin) continue;
    pixels.data.fill(colours[kind[bar] ?? 0] ?? 0, line + begin, line + end);
    written += end - begin;
    if (end - begin === 1) drawnTo = axis.time((end - strip.left) / scale);
  }
  return written;
}

/** Repeat a strip's first line down to its height. */
export function copyDown(pixels: Pixels, strip: Strip): void {
  const from = strip.top * pixels.width + strip.left;
  const to = from + Math.min(strip.width, pixels.width - strip.left);
  const last = Math.min(strip.top + strip.height, pixels.height);
  for (let y = strip.top + 1; y < last; y++) {
    pixels.data.copyWithin(y * pixels.width + strip.left, from, to);
  }
}

/** A CSS colour `#rrggbb` as a pixel, opaque; the order of bytes is that of little-endian machines. */
export function pixel(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255];
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
