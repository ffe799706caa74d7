/**
 * Real time on a line of pixels, with long waits folded to bands of one width.
 *
 *     time    0 ─────── 10 s ······· 3 h ······· 12 s ──── 20 s
 *     pixels  0 ─────── 100 |⏸ 3h 00m| 128 ───────────────── 208
 *
 * Outside of folded gaps a second is the same number of pixels everywhere. Times are
 * microseconds since 1970.
 */

export interface Gap {
  start: number;
  end: number;
}

/** Pixels of a folded gap, whatever its length; fewer where many of them would leave no room for work. */
export const GAP_PX = 28;

export class TimeAxis {
  readonly start: number;
  readonly end: number;
  readonly width: number;
  /** Gaps that are folded and in sight, in order, whole: they may begin before or end after the range. */
  readonly gaps: readonly Gap[];
  /** Pixels of a whole gap. */
  readonly gapPx: number;
  /** Pixels of a microsecond outside the gaps. */
  readonly scale: number;
  private readonly all: readonly Gap[];
  /** How much time lies in the gaps before each one, and in all. */
  private readonly folded: readonly number[];
  /** How many pixels lie left of the range, from the first time that is told. */
  private readonly left: number;

  /**
   * Show `start` to `end` on `width` pixels; `gaps` are in order and do not overlap. A gap that
   * is cut by the range has as many pixels as is left of it.
   */
  constructor(start: number, end: number, width: number, gaps: readonly Gap[] = []) {
    this.start = start;
    this.end = Math.max(end, start + 1);
    this.width = Math.max(1, width);
    let parts = 0;
    let closed = 0;
    for (const gap of gaps) {
      const length = Math.min(gap.end, this.end) - Math.max(gap.start, start);
      if (length <= 0) continue;
      closed += length;
      parts += length / (gap.end - gap.start);
    }
    const open = this.end - start - closed;
    // In a range that lies within gaps there is nothing else: time is shown as it is.
    this.all = open > 0 ? gaps : [];
    this.gaps = this.all.filter((gap) => gap.end > start && gap.start < this.end);
    this.gapPx = parts > 0 ? Math.min(GAP_PX, this.width / 2 / parts) : GAP_PX;
    this.scale = open > 0 ? (this.width - parts * this.gapPx) / open : this.width / (this.end - start);
    const folded = [0];
    for (const gap of this.all) folded.push((folded.at(-1) ?? 0) + gap.end - gap.start);
    this.folded = folded;
    this.left = 0;
    this.left = this.x(start);
  }

  /** Where a time is, in pixels; outside the range it lies outside of 0 to `width`. */
  x(time: number): number {
    return this.place(time, this.scale) - this.left;
  }

  /** The time at a pixel: the inverse of `x`. */
  time(x: number): number {
    return this.timeAt(x + this.left, this.scale);
  }

  /** The range after zooming by `factor` (2: twice as close) with the time at `x` held where it is. */
  zoomed(x: number, factor: number): { start: number; end: number } {
    const scale = this.scale * factor;
    const at = this.place(this.time(x), scale);
    return { start: this.timeAt(at - x, scale), end: this.timeAt(at - x + this.width, scale) };
  }

  /** The range `x` pixels further on. */
  panned(x: number): { start: number; end: number } {
    return { start: this.time(x), end: this.time(this.width + x) };
  }

  private place(time: number, scale: number): number {
    const before = this.gapsBefore(time, (gap) => gap.start);
    const gap = this.all[before - 1];
    if (gap && time < gap.end) {
      const part = (time - gap.start) / (gap.end - gap.start);
      return this.leftOf(before - 1, scale) + part * this.gapPx;
    }
    return before * this.gapPx + (time - this.start - (this.folded[before] ?? 0)) * scale;
  }

  private timeAt(place: number, scale: number): number {
    const before = this.gapsBefore(place, (_, index) => this.leftOf(index, scale));
    const gap = this.all[before - 1];
    const left = this.leftOf(before - 1, scale);
    if (gap && place < left + this.gapPx) {
      return gap.start + ((place - left) / this.gapPx) * (gap.end - gap.start);
    }
    return this.start + (this.folded[before] ?? 0) + (place - before * this.gapPx) / scale;
  }

  private leftOf(index: number, scale: number): number {
    const gap = this.all[index];
    return gap ? index * this.gapPx + (gap.start - this.start - (this.folded[index] ?? 0)) * scale : 0;
  }

  /** How many gaps begin before `value`, by what `place` says of each. */
  private gapsBefore(value: number, place: (gap: Gap, index: number) => number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const gap = this.all[middle];
      if (gap && place(gap, middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The range that lies under the pixels `from` to `to`. */
  range(from: number, to: number): { start: number; end: number } {
    return { start: this.time(Math.min(from, to)), end: this.time(Math.max(from, to)) };
  }

  /** Times for labelled ticks, at whole steps of a kind that people read, about every `spacing` pixels. */
  ticks(spacing: number, offset = 0): { step: number; times: number[] } {
    const step = niceStep(spacing / this.scale);
    const times: number[] = [];
    for (let time = Math.ceil((this.start + offset) / step) * step - offset; time <= this.end; time += step) {
      const gap = this.gaps.find((one) => time > one.start && time < one.end);
      if (gap) {
        // A gap may hold thousands of steps: go on behind it.
        time = Math.floor((gap.end + offset) / step) * step - offset;
        continue;
      }
      times.push(time);
    }
    return { step, times };
  }
}

const SECOND = 1e6;
const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1e3,
  2e3,
  5e3,
  1e4,
  2e4,
  5e4,
  1e5,
  2e5,
  5e5,
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map(
    (seconds) => seconds * SECOND,
  ),
];

/** The shortest step of whole milliseconds, seconds, minutes, hours or days that is not below `least`. */
export function niceStep(least: number): number {
  const found = STEPS.find((step) => step >= least);
  if (found !== undefined) return found;
  const day = 86_400 * SECOND;
  return Math.ceil(least / day) * day;
}
