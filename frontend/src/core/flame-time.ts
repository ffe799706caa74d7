/**
 * A session tree as a flame in the order of time: what ran a sub-agent with its work below it.
 *
 *     main ·························
 *     turn 1 ··········  turn 2 ····
 *     opus ·· Task ·······
 *     thought Explore ····                 the sub-agent: its own ops below
 *             opus ·  Grep ·
 *             Read ·                       beside another: one row further down
 */

import { BoxList, type FlameBoxes, ROOT_LOOK, TURN_LOOK } from "./flame-boxes";
import type { LaneCache } from "./lanes";
import { NONE } from "./trace-columns";

export const SESSION_BOX = 0;
export const TURN_BOX = 1;
export const OP_BOX = 2;

export interface TimeFlame {
  boxes: FlameBoxes;
  /** By box: what it stands for, and its row in the trace's sessions, turns or ops. */
  type: Uint8Array;
  ref: Uint32Array;
  /** By row of `ops` its box; `NONE`: it has none. */
  boxOfOp: Uint32Array;
}

export interface TimeFlameChoice {
  turns: boolean;
  /** The first session alone, without what it started. */
  alone: boolean;
  mask: Uint8Array | null;
}

export function timeFlame(lanes: LaneCache, choice: TimeFlameChoice): TimeFlame {
  const { trace } = lanes;
  const layout = new Layout(lanes, choice);
  if (trace.head.sessions.length > 0) layout.session(0);
  const type = Uint8Array.from(layout.type);
  const ref = Uint32Array.from(layout.ref);
  const { mask } = choice;
  const boxes = layout.boxes.done(mask ? (box) => type[box] === OP_BOX && mask[ref[box] ?? 0] === 0 : null);
  const boxOfOp = new Uint32Array(trace.ops.seq.length).fill(NONE);
  ref.forEach((row, box) => {
    if (type[box] === OP_BOX) boxOfOp[row] = box;
  });
  return { boxes, type, ref, boxOfOp };
}

/** An op or a session, and from when to when it and all below it goes. */
interface Block {
  start: number;
  op: number;
  session: number;
}

class Layout {
  readonly boxes = new BoxList();
  readonly type: number[] = [];
  readonly ref: number[] = [];
  private readonly placed = new Set<number>();
  /** Sessions that no known op ran, by the one that started them. */
  private readonly orphans = new Map<number, number[]>();

  constructor(
    private readonly lanes: LaneCache,
    private readonly choice: TimeFlameChoice,
  ) {
    lanes.trace.head.sessions.forEach((session, index) => {
      if (index === 0 || session.parent === null || session.parent_op !== null) return;
      this.orphans.set(session.parent, [...(this.orphans.get(session.parent) ?? []), index]);
    });
  }

  private add(type: number, ref: number, start: number, end: number, look: number, row: number): void {
    this.boxes.add(start, Math.max(0, end - start), look, row);
    this.type.push(type);
    this.ref.push(ref);
  }

  /** Lay a session out from row 0 on; who called moves it to its place. Returns its rows and its time. */
  session(index: number): { height: number; start: number; end: number } {
    const { trace, looks } = this.lanes;
    const { ops, turns, head } = trace;
    this.placed.add(index);
    const own = this.boxes.count;
    const agent = head.kinds.indexOf("session");
    this.add(SESSION_BOX, index, 0, 0, index === 0 ? ROOT_LOOK : agent, 0);
    const base = this.choice.turns ? 2 : 1;
    const free: number[] = [];
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const block of this.blocksOf(index)) {
      const from = this.boxes.count;
      let [start, end, height] = [block.start, block.start, 0];
      if (block.op !== -1) {
        const { op } = block;
        const long = ops.duration[op] ?? Number.NaN;
        end = start + (Number.isNaN(long) ? 0 : long);
        this.add(OP_BOX, op, start, end, looks[op] ?? 0, 0);
        height = 1 + this.thoughts(op);
      }
      const child = block.op === -1 ? block.session : (ops.child[block.op] ?? NONE);
      if (child !== NONE && !this.choice.alone && !this.placed.has(child)) {
        const place = this.boxes.count;
        const below = this.session(child);
        this.move(place, height);
        height += below.height;
        start = Math.min(start, below.start);
        end = Math.max(end, below.end);
      }
      const row = lowestFree(free, start, height);
      for (let at = row; at < row + height; at++) free[at] = end;
      this.move(from, base + row);
      first = Math.min(first, start);
      last = Math.max(last, end);
    }
    if (first > last) first = last = head.sessions[index]?.started_at ?? 0;
    this.boxes.start[own] = first;
    this.boxes.duration[own] = last - first;
    if (this.choice.turns) {
      for (let turn = trace.turnsFrom[index] ?? 0; turn < (trace.turnsFrom[index + 1] ?? 0); turn++) {
        const begin = turns.start[turn] ?? Number.NaN;
        const end = turns.end[turn] ?? Number.NaN;
        if (!Number.isNaN(begin)) this.add(TURN_BOX, turn, begin, end > begin ? end : begin, TURN_LOOK, 1);
      }
    }
    return { height: base + free.length, start: first, end: last };
  }

  private blocksOf(session: number): Block[] {
    const { ops, head } = this.lanes.trace;
    const reasoning = head.kinds.indexOf("reasoning");
    const { first_op: from, ops: count } = head.sessions[session] ?? { first_op: 0, ops: 0 };
    const blocks: Block[] = [];
    for (let op = from; op < from + count; op++) {
      if (Number.isNaN(ops.start[op] ?? Number.NaN)) continue;
      // What a call thought lies below it.
      if (ops.kind[op] === reasoning && (ops.parent[op] ?? NONE) !== NONE) continue;
      blocks.push({ start: ops.start[op] ?? 0, op, session: NONE });
    }
    for (const orphan of this.orphans.get(session) ?? []) {
      blocks.push({ start: head.sessions[orphan]?.started_at ?? 0, op: -1, session: orphan });
    }
    return blocks.toSorted((one, other) => one.start - other.start || one.op - other.op);
  }

  /** The reasoning of a call, in a row below it. Returns the rows that it takes. */
  private thoughts(op: number): number {
    const { trace, looks } = this.lanes;
    const { ops, head } = trace;
    const reasoning = head.kinds.indexOf("reasoning");
    let found = 0;
    for (let part = trace.firstPart[op] ?? NONE; part !== NONE; part = trace.nextPart[part] ?? NONE) {
      const start = ops.start[part] ?? Number.NaN;
      if (ops.kind[part] !== reasoning || Number.isNaN(start)) continue;
      const long = ops.duration[part] ?? Number.NaN;
      this.add(OP_BOX, part, start, start + (Number.isNaN(long) ? 0 : long), looks[part] ?? 0, 1);
      found = 1;
    }
    return found;
  }

  private move(from: number, by: number): void {
    const { row } = this.boxes;
    for (let box = from; box < row.length; box++) row[box] = (row[box] ?? 0) + by;
  }
}

/** The first of `height` rows on top of each other that are all free from a time on. */
function lowestFree(free: readonly number[], time: number, height: number): number {
  let row = 0;
  for (let at = 0; at < row + height && at < free.length; at++) {
    if ((free[at] ?? 0) > time) row = at + 1;
  }
  return row;
}
