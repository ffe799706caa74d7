/** From what is chosen to the next of its sort: in its lane, by turn, by cost. */

import { rowOfSelection, type Selection, selectionOf } from "./selection";
import type { Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";
import { OP_ROW, timeOf, TURN_ROW } from "./waterfall-rows";

/** How many of the most expensive calls one goes round. */
const DEAR = 50;

/** The ops of each session by their start; copies are passed over. */
const lanes = new WeakMap<Trace, Map<number, Uint32Array>>();

function laneOf(trace: Trace, session: number): Uint32Array {
  let known = lanes.get(trace);
  if (!known) lanes.set(trace, (known = new Map()));
  let lane = known.get(session);
  if (!lane) {
    const { start, flags } = trace.ops;
    const { first_op: from, ops } = trace.head.sessions[session] ?? { first_op: 0, ops: 0 };
    const rows = Uint32Array.from({ length: ops }, (_, index) => from + index);
    lane = rows
      .filter((op) => !((flags[op] ?? 0) & FLAGS.replay) && !Number.isNaN(start[op] ?? Number.NaN))
      .toSorted((one, other) => (start[one] ?? 0) - (start[other] ?? 0) || one - other);
    known.set(session, lane);
  }
  return lane;
}

/** The op before or after in the same session, by time; without a choice the session's first or last. */
export function stepInLane(trace: Trace, sel: Selection | null, by: 1 | -1): Selection | null {
  const place = sel && rowOfSelection(trace, sel);
  const isOp = place?.type === OP_ROW && place.ref !== -1;
  const table = isOp ? trace.ops : trace.turns;
  const session = place && place.ref !== -1 ? (table.session[place.ref] ?? 0) : 0;
  const lane = laneOf(trace, session);
  let next: number | undefined;
  if (isOp) next = lane[lane.indexOf(place.ref) + by];
  else {
    const from = place ? (timeOf(trace, place)?.start ?? 0) : null;
    if (from === null) next = by === 1 ? lane[0] : lane.at(-1);
    else {
      next =
        by === 1
          ? lane.find((op) => (trace.ops.start[op] ?? 0) >= from)
          : lane.findLast((op) => (trace.ops.start[op] ?? 0) < from);
    }
  }
  return next === undefined ? null : selectionOf(trace, OP_ROW, next);
}

/** The turn before or after, in the session of what is chosen. */
export function stepTurn(trace: Trace, sel: Selection | null, by: 1 | -1): Selection | null {
  const place = sel && rowOfSelection(trace, sel);
  const table = place?.type === OP_ROW ? trace.ops : trace.turns;
  const known = place && place.ref !== -1;
  const session = known ? (table.session[place.ref] ?? 0) : 0;
  const [first, last] = [trace.turnsFrom[session] ?? 0, (trace.turnsFrom[session + 1] ?? 0) - 1];
  if (last < first) return null;
  if (!known) return selectionOf(trace, TURN_ROW, by === 1 ? first : last);
  const number = table.turn[place.ref] ?? 0;
  for (let row = by === 1 ? first : last; row >= first && row <= last; row += by) {
    const there = trace.turns.turn[row] ?? 0;
    if (by === 1 ? there > number : there < number) return selectionOf(trace, TURN_ROW, row);
  }
  return null;
}

/** The next of the most expensive calls, from the most expensive on and round again. */
export function stepDear(trace: Trace, sel: Selection | null): Selection | null {
  const { calls, ops } = trace;
  const dear = [...calls.op.keys()]
    .filter((call) => (calls.cost[call] ?? Number.NaN) > 0)
    .filter((call) => !((ops.flags[calls.op[call] ?? NONE] ?? 0) & FLAGS.replay))
    .toSorted((one, other) => (calls.cost[other] ?? 0) - (calls.cost[one] ?? 0) || one - other)
    .slice(0, DEAR)
    .map((call) => calls.op[call] ?? NONE);
  const now = sel && rowOfSelection(trace, sel);
  const at = now?.type === OP_ROW ? dear.indexOf(now.ref) : -1;
  const next = dear[(at + 1) % Math.max(1, dear.length)];
  return next === undefined ? null : selectionOf(trace, OP_ROW, next);
}
