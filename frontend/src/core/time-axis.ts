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

/** Pixels of a folded gap, whatever its length. */
export const GAP_PX = 28;

export class TimeAxis {
  readonly start: number;
  readonly end: number;
  readonly width: number;
  /** Gaps that are folded, in order, cut to the range. */
  readonly gaps: readonly Gap[];
  /** Pixels of a microsecond outside the gaps. */
  readonly scale: number;
  /** Where each gap begins, in pixels. */
  private readonly lefts: readonly number[];
  /** How much time lies in the gaps before each one, and in all. */
  private readonly folded: readonly number[];

  /** Show `start` to `end` on `width` pixels; `gaps` are in order and do not overlap. */
  constructor(start: number, end: number, width: number, gaps: readonly Gap[] = []) {
    this.start = start;
    this.end = Math.max(end, start + 1);
    this.width = Math.max(1, width);
    const within = gaps
      .filter((gap) => gap.end > start && gap.start < end)
      .map((gap) => ({ start: Math.max(gap.start, start), end: Math.min(gap.end, end) }));
    const open = this.end - start - within.reduce((sum, gap) => sum + gap.end - gap.start, 0);
    // With too little room, or nothing but gaps, time is shown as it is.
    const fits = open > 0 && within.length * GAP_PX <= this.width / 2;
    this.gaps = fits ? within : [];
    this.scale = fits ? (this.width - within.length * GAP_PX) / open : this.width / (this.end - start);
    const folded = [0];
    this.lefts = this.gaps.map((gap, index) => {
      const before = folded[index] ?? 0;
      folded.push(before + gap.end - gap.start);
      return index * GAP_PX + (gap.start - start - before) * this.scale;
    });
    this.folded = folded;
  }

  /** Where a time is, in pixels; outside the range it lies outside of 0 to `width`. */
  x(time: number): number {
    const before = this.gapsBefore(time, (gap) => gap.start);
    const gap = this.gaps[before - 1];
    if (gap && time < gap.end) {
      return (this.lefts[before - 1] ?? 0) + ((time - gap.start) / (gap.end - gap.start)) * GAP_PX;
    }
    return before * GAP_PX + (time - this.start - (this.folded[before] ?? 0)) * this.scale;
  }

  /** The time at a pixel: the inverse of `x`. */
  time(x: number): number {
    const before = this.gapsBefore(x, (_, index) => this.lefts[index] ?? 0);
    const gap = this.gaps[before - 1];
    const left = this.lefts[before - 1] ?? 0;
    if (gap && x < left + GAP_PX) return gap.start + ((x - left) / GAP_PX) * (gap.end - gap.start);
    return this.start + (this.folded[before] ?? 0) + (x - before * GAP_PX) / this.scale;
  }

  /** How many gaps begin before `value`, by what `place` says of each. */
  private gapsBefore(value: number, place: (gap: Gap, index: number) => number): number {
    let low = 0;
    let high = this.gaps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const gap = this.gaps[middle];
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
