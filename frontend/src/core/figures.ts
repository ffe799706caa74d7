/** How the cost of a session tree and the context of its calls grew. Copies count for nothing. */

import type { Trace } from "./trace";
import { FLAGS } from "./trace-columns";

/** What one value was from each time on: `value[i]` from `time[i]`. */
export interface Steps {
  time: Float64Array;
  value: Float64Array;
}

/** The rows of the model calls that are counted, by the time of their end. */
function callsByEnd(trace: Trace, wanted: (session: number) => boolean): { row: number; end: number }[] {
  const { ops, calls } = trace;
  const found: { row: number; end: number }[] = [];
  for (let row = 0; row < calls.op.length; row++) {
    const op = calls.op[row] ?? 0;
    const start = ops.start[op] ?? Number.NaN;
    if (Number.isNaN(start) || !wanted(ops.session[op] ?? 0)) continue;
    if ((ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const duration = ops.duration[op] ?? Number.NaN;
    found.push({ row, end: start + (Number.isNaN(duration) ? 0 : duration) });
  }
  return found.toSorted((one, other) => one.end - other.end);
}

/** What the cost had grown to (nano-dollars), of the session alone and with all that it started. */
export function costSteps(trace: Trace): { own: Steps; tree: Steps } {
  const steps = (wanted: (session: number) => boolean): Steps => {
    const found = callsByEnd(trace, wanted);
    let sum = 0;
    const value = found.map(({ row }) => {
      const cost = trace.calls.cost[row] ?? Number.NaN;
      if (!Number.isNaN(cost)) sum += cost;
      return sum;
    });
    return { time: Float64Array.from(found, ({ end }) => end), value: Float64Array.from(value) };
  };
  return { own: steps((session) => session === 0), tree: steps(() => true) };
}

export interface Compaction {
  op: number;
  time: number;
  /** Tokens in the context of the call before and the call after it; 0: there is none. */
  before: number;
  after: number;
}

export interface Context {
  /** Tokens that the last call was sent: fresh, read from the cache and written to it. */
  steps: Steps;
  /** What the context can hold, as far as it is known; else 0. */
  limit: number;
  compactions: Compaction[];
}

/** How full the session's own context was, call by call. A sum of calls would say nothing. */
export function contextOf(trace: Trace): Context {
  const { ops, calls } = trace;
  const found = callsByEnd(trace, (session) => session === 0);
  const value = found.map(
    ({ row }) => (calls.tokens_in[row] ?? 0) + (calls.cache_read[row] ?? 0) + (calls.cache_write[row] ?? 0),
  );
  const limit = found.reduce((most, { row }) => Math.max(most, calls.context_max[row] ?? 0), 0);
  const compactions: Compaction[] = [];
  const kind = trace.head.kinds.indexOf("compaction");
  const own = trace.head.sessions[0]?.ops ?? 0;
  for (let op = 0; op < own; op++) {
    const time = ops.start[op] ?? Number.NaN;
    if (ops.kind[op] !== kind || Number.isNaN(time) || (ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const next = found.findIndex(({ end }) => end > time);
    const last = next === -1 ? found.length - 1 : next - 1;
    compactions.push({ op, time, before: value[last] ?? 0, after: next === -1 ? 0 : (value[next] ?? 0) });
  }
  return {
    steps: { time: Float64Array.from(found, ({ end }) => end), value: Float64Array.from(value) },
    limit,
    compactions,
  };
}

/** The value at a time: that of the last step before it; 0 before the first. */
export function valueAt(steps: Steps, time: number): number {
  let low = 0;
  let high = steps.time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps.time[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (steps.value[low - 1] ?? 0);
}
