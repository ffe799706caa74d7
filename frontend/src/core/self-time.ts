/**
 * The time that is an op's alone: each instant of a session belongs to one of its ops at most.
 *
 *     call      ##########··          of two at once the one of the weightier activity has it,
 *     thought    ····####             and of two of the same the one that began last
 *     Bash                 ####
 *     Read                   ####
 *     agent               ##········
 *
 * So the self times of a session's ops are together the time in which anything ran, and those
 * of its model calls, tools and sub-agents what the server tells of each (`TimeSplit`).
 */

import type { Trace, TraceHead } from "./trace";
import { FLAGS } from "./trace-columns";

export type Activity = "compaction" | "model" | "tool" | "agent";

/** From the weightiest on. */
export const ACTIVITIES: readonly Activity[] = ["compaction", "model", "tool", "agent"];

const ACTIVITY_OF: Record<string, Activity> = {
  compaction: "compaction",
  llm: "model",
  reasoning: "model",
  tool: "tool",
  system: "tool",
  internal: "tool",
  session: "agent",
};

/** By place in the trace's kinds, the place in `ACTIVITIES` of what goes on while such an op runs. */
export function activityByKind(head: TraceHead): Uint8Array {
  return Uint8Array.from(head.kinds, (kind) => ACTIVITIES.indexOf(ACTIVITY_OF[kind] ?? "tool"));
}

const known = new WeakMap<Trace, Float64Array>();

/** Microseconds by row of `ops`; 0 for copies and for what has no known time. */
export function selfTimes(trace: Trace): Float64Array {
  const found = known.get(trace) ?? sweepAll(trace);
  known.set(trace, found);
  return found;
}

function sweepAll(trace: Trace): Float64Array {
  const self = new Float64Array(trace.ops.seq.length);
  const activity = activityByKind(trace.head);
  for (const { first_op, ops } of trace.head.sessions) sweep(trace, activity, first_op, first_op + ops, self);
  return self;
}

/** Go through the times at which an op of a session begins or ends. */
function sweep(trace: Trace, activity: Uint8Array, from: number, to: number, self: Float64Array): void {
  const { start, duration, flags, kind } = trace.ops;
  const rows: number[] = [];
  for (let op = from; op < to; op++) {
    if ((flags[op] ?? 0) & FLAGS.replay) continue;
    if ((duration[op] ?? Number.NaN) > 0 && !Number.isNaN(start[op] ?? Number.NaN)) rows.push(op);
  }
  const endOf = (op: number) => (start[op] ?? 0) + (duration[op] ?? 0);
  rows.sort((one, other) => (start[one] ?? 0) - (start[other] ?? 0) || one - other);
  const ends = Float64Array.from(rows, endOf).toSorted();
  // What began last lies on top; what has ended is taken away when it comes to lie there.
  const running: number[][] = ACTIVITIES.map(() => []);
  const owner = (time: number): number => {
    for (const stack of running) {
      while (stack.length > 0 && endOf(stack.at(-1) ?? 0) <= time) stack.pop();
      const top = stack.at(-1);
      if (top !== undefined) return top;
    }
    return -1;
  };
  let time = Number.NEGATIVE_INFINITY;
  let next = 0;
  let ended = 0;
  while (ended < ends.length) {
    const began = start[rows[next] ?? -1] ?? Number.POSITIVE_INFINITY;
    const now = Math.min(began, ends[ended] ?? 0);
    const op = owner(time);
    if (op !== -1) self[op] = (self[op] ?? 0) + now - time;
    time = now;
    while (next < rows.length && start[rows[next] ?? 0] === now) {
      const row = rows[next] ?? 0;
      running[activity[kind[row] ?? 0] ?? 0]?.push(row);
      next += 1;
    }
    while (ended < ends.length && ends[ended] === now) ended += 1;
  }
}
