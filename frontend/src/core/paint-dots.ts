/** Tool calls as dots on the session's clock, a row for each tool. */

import { drawGaps, drawPreview } from "./paint-axis";
import type { Palette } from "./palette";
import type { Gap, TimeAxis } from "./time-axis";
import type { Trace } from "./trace";

export const DOT_ROW_PX = 20;
const DOT_PX = 4;
const NEAR_PX = 6;

export interface DotRow {
  name: string;
  /** Rows of `ops`, in order of their start. */
  ops: Uint32Array;
}

/** The tools most called, each with its calls; the others together in the last row. */
export function dotRows(trace: Trace, found: Iterable<number>, most: number): DotRow[] {
  const { ops, head } = trace;
  const tool = head.kinds.indexOf("tool");
  const rows = new Map<string, number[]>();
  for (const op of found) {
    if (ops.kind[op] !== tool || Number.isNaN(ops.start[op] ?? Number.NaN)) continue;
    const name = head.names[ops.name[op] ?? 0] ?? "";
    const row = rows.get(name);
    if (row) row.push(op);
    else rows.set(name, [op]);
  }
  const sorted = [...rows].toSorted((one, other) => other[1].length - one[1].length);
  const alone = sorted.length > most ? sorted.slice(0, most - 1) : sorted;
  const others = sorted.slice(alone.length).flatMap(([, list]) => list);
  if (others.length > 0) alone.push([`${sorted.length - alone.length} others`, others]);
  return alone.map(([name, list]) => ({
    name,
    ops: Uint32Array.from(list.toSorted((one, other) => (ops.start[one] ?? 0) - (ops.start[other] ?? 0))),
  }));
}

export interface DotsScene {
  trace: Trace;
  rows: readonly DotRow[];
  axis: TimeAxis;
  ticks: readonly number[];
  density: number;
  chosen: number;
  preview: Gap | null;
}

export function paintDots(context: CanvasRenderingContext2D, scene: DotsScene, palette: Palette): void {
  const { trace, rows, axis, density } = scene;
  const height = rows.length * DOT_ROW_PX;
  const { ops, head } = trace;
  const failed = head.statuses.indexOf("failed");
  const fill = palette.kinds[head.kinds.indexOf("tool")] ?? palette.fg;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.fillStyle = palette.bg;
  context.fillRect(0, 0, axis.width, height);
  context.fillStyle = palette.hairline;
  for (const time of scene.ticks) context.fillRect(axis.x(time), 0, 1, height);
  rows.forEach((_, row) => context.fillRect(0, (row + 1) * DOT_ROW_PX - 1, axis.width, 1));
  drawGaps(context, axis, height, palette);
  rows.forEach((row, number) => {
    const y = number * DOT_ROW_PX + DOT_ROW_PX / 2;
    // Of many calls in a pixel one is drawn; what failed is drawn over the others.
    for (const bad of [false, true]) {
      context.fillStyle = bad ? palette.failed : fill;
      let last = Number.NEGATIVE_INFINITY;
      for (const op of row.ops) {
        if ((ops.status[op] === failed) !== bad) continue;
        const x = Math.round(axis.x(ops.start[op] ?? 0));
        if (x === last || x < -DOT_PX || x > axis.width + DOT_PX) continue;
        last = x;
        if (bad) {
          context.fillRect(x - 1, y - 7, 2, 14);
          context.fillRect(x - 3, y - 1, 6, 2);
        } else context.fillRect(x - DOT_PX / 2, y - DOT_PX / 2, DOT_PX, DOT_PX);
      }
    }
    if (scene.chosen !== -1 && row.ops.includes(scene.chosen)) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(axis.x(ops.start[scene.chosen] ?? 0), y, 7, 0, Math.PI * 2);
      context.stroke();
    }
  });
  drawPreview(context, axis, scene.preview, height, palette);
}

/** The call nearest to a point of its row; -1: none is near. */
export function hitDot(scene: DotsScene, x: number, y: number): number {
  const row = scene.rows[Math.floor(y / DOT_ROW_PX)];
  if (!row) return -1;
  const { start } = scene.trace.ops;
  const time = scene.axis.time(x);
  let low = 0;
  let high = row.ops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((start[row.ops[middle] ?? 0] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const near = [row.ops[low - 1], row.ops[low]].flatMap((op) => {
    if (op === undefined) return [];
    const away = Math.abs(scene.axis.x(start[op] ?? 0) - x);
    return away <= NEAR_PX ? [{ op, away }] : [];
  });
  return near.toSorted((one, other) => one.away - other.away)[0]?.op ?? -1;
}
