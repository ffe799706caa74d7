/**
 * What ops add up to: all together, or by turn, session, name. One loop for every sum that is
 * shown, so that tables, ranges and totals cannot differ. Copies are in no sum.
 */

import type { Scope } from "./selection";
import { ACTIVITIES, activityByKind, selfTimes } from "./self-time";
import type { Gap } from "./time-axis";
import type { Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

const MEASURES = [
  "ops",
  "calls",
  "failures",
  "unpriced",
  /** Nano-dollars. */
  "cost",
  "tokensIn",
  "tokensOut",
  "cacheRead",
  "cacheWrite",
  /** Microseconds: of ops at the same time each counts. */
  "total",
  /** Microseconds: of a session no instant counts twice. */
  "self",
] as const;
export type Measure = (typeof MEASURES)[number];

/** A column of each measure, a row a group; `split` has microseconds of each of `ACTIVITIES` a group. */
export type Sums = Record<Measure, Float64Array> & { split: Float64Array };

/** The ops that began in a range, of the session alone or of its tree, and that a mask has. */
export function countedOps(
  trace: Trace,
  range: Gap | null,
  scope: Scope,
  mask: Uint8Array | null = null,
): Uint32Array {
  const { ops, head } = trace;
  const length = scope === "self" ? (head.sessions[0]?.ops ?? 0) : ops.seq.length;
  const rows = new Uint32Array(length);
  let count = 0;
  for (let op = 0; op < length; op++) {
    if ((ops.flags[op] ?? 0) & FLAGS.replay || mask?.[op] === 0) continue;
    const start = ops.start[op] ?? Number.NaN;
    if (range && !(start >= range.start && start < range.end)) continue;
    rows[count] = op;
    count += 1;
  }
  return rows.subarray(0, count);
}

function add(column: Float64Array, place: number, value: number): void {
  column[place] = (column[place] ?? 0) + value;
}

/** The sums of ops by group; an op of group -1 is in none. */
export function sumBy(
  trace: Trace,
  rows: Uint32Array,
  groups: number,
  groupOf: (op: number) => number,
): Sums {
  const { ops, calls, callOf, head } = trace;
  const sums = Object.fromEntries(MEASURES.map((measure) => [measure, new Float64Array(groups)])) as Sums;
  sums.split = new Float64Array(groups * ACTIVITIES.length);
  const self = selfTimes(trace);
  const activity = activityByKind(head);
  const failed = head.statuses.indexOf("failed");
  const llm = head.kinds.indexOf("llm");
  for (const op of rows) {
    const group = groupOf(op);
    if (group < 0) continue;
    add(sums.ops, group, 1);
    if (ops.status[op] === failed) add(sums.failures, group, 1);
    if (ops.kind[op] === llm) add(sums.calls, group, 1);
    if ((ops.flags[op] ?? 0) & FLAGS.unpriced) add(sums.unpriced, group, 1);
    const duration = ops.duration[op] ?? Number.NaN;
    if (!Number.isNaN(duration)) add(sums.total, group, duration);
    const alone = self[op] ?? 0;
    add(sums.self, group, alone);
    add(sums.split, group * ACTIVITIES.length + (activity[ops.kind[op] ?? 0] ?? 0), alone);
    const call = callOf[op] ?? NONE;
    if (call === NONE) continue;
    const cost = calls.cost[call] ?? Number.NaN;
    if (!Number.isNaN(cost)) add(sums.cost, group, cost);
    add(sums.tokensIn, group, calls.tokens_in[call] ?? 0);
    add(sums.tokensOut, group, calls.tokens_out[call] ?? 0);
    add(sums.cacheRead, group, calls.cache_read[call] ?? 0);
    add(sums.cacheWrite, group, calls.cache_write[call] ?? 0);
  }
  return sums;
}

export function tokensOf(sums: Sums, group: number): number {
  return (
    (sums.tokensIn[group] ?? 0) +
    (sums.tokensOut[group] ?? 0) +
    (sums.cacheRead[group] ?? 0) +
    (sums.cacheWrite[group] ?? 0)
  );
}

/** A group's cost as `formatTotalCost` wants it. */
export function costOf(sums: Sums, group: number) {
  return {
    cost_usd: (sums.cost[group] ?? 0) / 1e9,
    unpriced_calls: sums.unpriced[group] ?? 0,
    tokens_in: sums.tokensIn[group] ?? 0,
    tokens_out: sums.tokensOut[group] ?? 0,
    tokens_cache_read: sums.cacheRead[group] ?? 0,
    tokens_cache_write: sums.cacheWrite[group] ?? 0,
  };
}

const pageTurns = new WeakMap<Trace, Int32Array>();

/**
 * By session, the row of the page's own turn in which it was started, however deep it lies; -1
 * for the page's own session, and where nobody knows.
 */
export function turnOfSession(trace: Trace): Int32Array {
  const found = pageTurns.get(trace);
  if (found) return found;
  const { ops, head } = trace;
  const rows = new Int32Array(head.sessions.length).fill(-1);
  const rowOf = new Map<number, number>();
  for (let row = 0; row < (trace.turnsFrom[1] ?? 0); row++) rowOf.set(trace.turns.turn[row] ?? 0, row);
  // Each comes after the one that started it.
  head.sessions.forEach(({ parent, parent_op }, session) => {
    if (parent === null || session === 0) return;
    if (parent > 0) rows[session] = rows[parent] ?? -1;
    else if (parent_op !== null) rows[session] = rowOf.get(ops.turn[parent_op] ?? -1) ?? -1;
  });
  pageTurns.set(trace, rows);
  return rows;
}
