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
  }

  /** Where a time is, in pixels; outside the range it lies outside of 0 to `width`. */
  x(time: number): number {
    let folded = 0;
    let pixels = 0;
    for (const gap of this.gaps) {
      if (time <= gap.start) break;
      if (time < gap.end) {
        const share = (time - gap.start) / (gap.end - gap.start);
        return pixels + (gap.start - this.start - folded) * this.scale + share * GAP_PX;
      }
      folded += gap.end - gap.start;
      pixels += GAP_PX;
    }
    return pixels + (time - this.start - folded) * this.scale;
  }

  /** The time at a pixel: the inverse of `x`. */
  time(x: number): number {
    let folded = 0;
    let pixels = 0;
    for (const gap of this.gaps) {
      const left = pixels + (gap.start - this.start - folded) * this.scale;
      if (x <= left) break;
      if (x < left + GAP_PX) return gap.start + ((x - left) / GAP_PX) * (gap.end - gap.start);
      folded += gap.end - gap.start;
      pixels += GAP_PX;
    }
    return this.start + folded + (x - pixels) / this.scale;
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
