/**
 * The ops of a turn or of a session, laid over each other in one bar: sub-agents below, over them
 * the session's own work in order of its start; what failed apart from both. Where ops are
 * narrower than a pixel the one that reaches over its edge is drawn: so of a thousand calls and
 * tools as many pixels are of each as their part of the time.
 */

import { type Bars, reachOf } from "./raster";
import { opsOfTurn, type Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** Added to the kind of an op that is a copy: it looks fainter. */
export const COPY = 8;

export interface Lanes {
  /** From the lowest to the topmost. */
  layers: Bars[];
  failed: Bars;
  /** What a filter leaves out: a ground for the others. */
  dimmed: Bars[];
}

export class LaneCache {
  /** How each op looks: its kind, and whether it is a copy. */
  readonly looks: Uint8Array;
  private readonly ofTurn = new Map<number, Lanes>();
  private readonly ofSession = new Map<number, Lanes>();

  /** @param mask By row of `ops`: 0 for what is dimmed; `null`: nothing is. */
  constructor(
    readonly trace: Trace,
    readonly mask: Uint8Array | null = null,
  ) {
    const { ops } = trace;
    this.looks = ops.kind.map((kind, op) => kind + ((ops.flags[op] ?? 0) & FLAGS.replay ? COPY : 0));
  }

  turn(row: number): Lanes {
    return remembered(this.ofTurn, row, () => this.lanes(opsOfTurn(this.trace, row)));
  }

  session(index: number): Lanes {
    return remembered(this.ofSession, index, () => {
      const of = this.trace.head.sessions[index];
      return this.lanes(new Uint32Array(of?.ops ?? 0).map((_, i) => (of?.first_op ?? 0) + i));
    });
  }

  /** An op alone. */
  one(op: number): Bars {
    return this.bars(Uint32Array.of(op));
  }

  private lanes(rows: Uint32Array): Lanes {
    const { ops, head } = this.trace;
    const sorted = rows.toSorted((one, other) => (ops.start[one] ?? 0) - (ops.start[other] ?? 0));
    const reasoning = head.kinds.indexOf("reasoning");
    const failed = head.statuses.indexOf("failed");
    // What a call thought is part of its time.
    const stands = (op: number) => ops.kind[op] !== reasoning || (ops.parent[op] ?? NONE) === NONE;
    const agent = head.kinds.indexOf("session");
    const { mask } = this;
    const layers = (wanted: (op: number) => boolean) =>
      [
        this.bars(sorted.filter((op) => ops.kind[op] === agent && wanted(op))),
        this.bars(sorted.filter((op) => ops.kind[op] !== agent && stands(op) && wanted(op))),
      ].filter((layer) => layer.order.length > 0);
    return {
      layers: layers((op) => mask?.[op] !== 0),
      failed: this.bars(sorted.filter((op) => ops.status[op] === failed && mask?.[op] !== 0)),
      dimmed: mask ? layers((op) => mask[op] === 0) : [],
    };
  }

  private bars(order: Uint32Array): Bars {
    const { start, duration } = this.trace.ops;
    return { order, start, duration, kind: this.looks, reach: reachOf(order, start, duration) };
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
