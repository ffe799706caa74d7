/**
 * Boxes in rows, each upon what it is a part of: what a flame graph draws, whatever its axis means.
 *
 *     main ····················   row 0
 *     Bash ······· Read ··        row 1
 */

import { type Bars, reachOf } from "./raster";

/** Added to the kinds and copies of `Palette.looks`: what is no op. */
export const TURN_LOOK = 16;
export const ROOT_LOOK = 17;
export const EDGE_LOOK = 18;
export const LOOKS = 32;

/** What is looked at in a row, over what a filter leaves out. */
export interface FlameRow {
  bars: Bars;
  dimmed: Bars | null;
}

/** One value a box; no object for any. */
export interface FlameBoxes {
  count: number;
  start: Float64Array;
  duration: Float64Array;
  look: Uint8Array;
  row: Uint16Array;
  rows: FlameRow[];
}

/** Columns that grow. */
export class BoxList {
  readonly start: number[] = [];
  readonly duration: number[] = [];
  readonly look: number[] = [];
  readonly row: number[] = [];

  get count(): number {
    return this.start.length;
  }

  add(start: number, duration: number, look: number, row: number): number {
    this.start.push(start);
    this.duration.push(duration);
    this.look.push(look);
    this.row.push(row);
    return this.start.length - 1;
  }

  /** @param isDimmed Which boxes a filter leaves out. */
  done(isDimmed: ((box: number) => boolean) | null): FlameBoxes {
    const start = Float64Array.from(this.start);
    const duration = Float64Array.from(this.duration);
    const look = Uint8Array.from(this.look);
    const inRow: number[][] = [];
    this.row.forEach((row, box) => (inRow[row] ??= []).push(box));
    const bars = (boxes: readonly number[]): Bars => {
      const order = Uint32Array.from(boxes);
      return { order, start, duration, kind: look, reach: reachOf(order, start, duration) };
    };
    const rows = Array.from(inRow, (boxes): FlameRow => {
      const sorted = (boxes ?? []).toSorted(
        (one, other) => (start[one] ?? 0) - (start[other] ?? 0) || one - other,
      );
      if (!isDimmed) return { bars: bars(sorted), dimmed: null };
      return { bars: bars(sorted.filter((box) => !isDimmed(box))), dimmed: bars(sorted.filter(isDimmed)) };
    });
    return { count: this.count, start, duration, look, row: Uint16Array.from(this.row), rows };
  }
}
