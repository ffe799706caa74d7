/**
 * A session tree as lanes: a session each, what it did laid into as many rows as ran at once.
 *
 *     main     ##a##···········##      the sub-agent's wait below what runs beside it
 *              Explore▕▔▔▔▔▔▔▔▔▏
 *     Explore         ####··###
 *                        ##            at the same time as the one above
 */

import type { LaneCache } from "./lanes";
import { type Bars, reachOf } from "./raster";
import { ACTIVITIES } from "./self-time";
import { countedOps, sumBy, tokensOf } from "./sums";
import type { Gap } from "./time-axis";
import type { Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** Rows of a lane; what runs beside as many others shares the last. */
export const MOST_ROWS = 12;

/** What a lane's ops are together. Copies are in no sum. */
export interface LaneSums {
  /** When its first op began and its last ended; NaN: not known. */
  start: number;
  end: number;
  ops: number;
  failures: number;
  calls: number;
  unpriced: number;
  /** Nano-dollars. */
  cost: number;
  tokens: number;
  /** Microseconds of each of `ACTIVITIES`. */
  split: Float64Array;
}

/** The sums of every session of a tree, in its order. */
export function laneSums(trace: Trace): LaneSums[] {
  const { ops, head } = trace;
  const rows = countedOps(trace, null, "tree");
  const sums = sumBy(trace, rows, head.sessions.length, (op) => ops.session[op] ?? 0);
  const lanes = head.sessions.map((_, session): LaneSums => ({
    start: Number.NaN,
    end: Number.NaN,
    ops: sums.ops[session] ?? 0,
    failures: sums.failures[session] ?? 0,
    calls: sums.calls[session] ?? 0,
    unpriced: sums.unpriced[session] ?? 0,
    cost: sums.cost[session] ?? 0,
    tokens: tokensOf(sums, session),
    split: sums.split.subarray(session * ACTIVITIES.length, (session + 1) * ACTIVITIES.length),
  }));
  for (const op of rows) {
    const lane = lanes[ops.session[op] ?? 0];
    const start = ops.start[op] ?? Number.NaN;
    if (!lane || Number.isNaN(start)) continue;
    const long = ops.duration[op] ?? Number.NaN;
    const end = start + (Number.isNaN(long) ? 0 : long);
    if (!(lane.start <= start)) lane.start = start;
    if (!(lane.end >= end)) lane.end = end;
  }
  return lanes;
}

export type LaneOrder = "spawn" | "cost" | "duration";

export interface LaneChoice {
  order: LaneOrder;
  /** Ids of sessions. */
  pinned: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  /** The only ones shown, with the page's own; empty: all. */
  solo: ReadonlySet<string>;
}

/**
 * The sessions that have a lane, from the top: the page's own, what is pinned, the others. The
 * order of `spawn` is the tree's: each before what it started.
 */
export function laneOrder(trace: Trace, sums: readonly LaneSums[], choice: LaneChoice): number[] {
  const { sessions } = trace.head;
  const weight = (session: number): number => {
    const sum = sums[session];
    if (!sum || choice.order === "spawn") return -session;
    if (choice.order === "cost") return sum.cost;
    return Number.isNaN(sum.end - sum.start) ? -1 : sum.end - sum.start;
  };
  const id = (session: number) => sessions[session]?.id ?? "";
  const rank = (session: number) => (session === 0 ? 0 : choice.pinned.has(id(session)) ? 1 : 2);
  return sessions
    .map((_, session) => session)
    .filter(
      (session) =>
        session === 0 ||
        (!choice.hidden.has(id(session)) && (choice.solo.size === 0 || choice.solo.has(id(session)))),
    )
    .toSorted((one, other) => rank(one) - rank(other) || weight(other) - weight(one) || one - other);
}

/** How many sessions lie above each of the tree. */
export function laneDepths(trace: Trace): Uint8Array {
  const depths = new Uint8Array(trace.head.sessions.length);
  trace.head.sessions.forEach(({ parent }, session) => {
    if (session > 0 && parent !== null) depths[session] = Math.min((depths[parent] ?? 0) + 1, 255);
  });
  return depths;
}

/** A row of a lane: what is looked at over what a filter leaves out. */
export interface LaneRow {
  bars: Bars;
  dimmed: Bars | null;
}

/** Rows of each session, laid out when they are first asked for. */
export class LaneRows {
  private readonly packed = new Map<number, LaneRow[]>();

  /** @param mask By row of `ops`: 0 for what is dimmed; `null`: nothing is. */
  constructor(
    readonly lanes: LaneCache,
    readonly mask: Uint8Array | null = null,
  ) {}

  of(session: number): readonly LaneRow[] {
    let rows = this.packed.get(session);
    if (!rows) this.packed.set(session, (rows = this.pack(session)));
    return rows;
  }

  private pack(session: number): LaneRow[] {
    const { trace, looks } = this.lanes;
    const { start, duration, kind, parent } = trace.ops;
    const reasoning = trace.head.kinds.indexOf("reasoning");
    const of = trace.head.sessions[session];
    const ops: number[] = [];
    for (let op = of?.first_op ?? 0; op < (of?.first_op ?? 0) + (of?.ops ?? 0); op++) {
      // What a call thought is part of its time.
      if (kind[op] === reasoning && (parent[op] ?? NONE) !== NONE) continue;
      if (!Number.isNaN(start[op] ?? Number.NaN)) ops.push(op);
    }
    const agent = trace.head.kinds.indexOf("session");
    const order = (op: number) => (kind[op] === agent ? 1 : 0);
    ops.sort(
      (one, other) => (start[one] ?? 0) - (start[other] ?? 0) || order(one) - order(other) || one - other,
    );
    const rows: number[][] = [];
    const free: number[] = [];
    for (const op of ops) {
      const begin = start[op] ?? 0;
      const long = duration[op] ?? Number.NaN;
      let row = free.findIndex((time) => time <= begin);
      if (row === -1) row = Math.min(rows.length, MOST_ROWS - 1);
      (rows[row] ??= []).push(op);
      free[row] = Math.max(free[row] ?? begin, begin + (Number.isNaN(long) ? 0 : long));
    }
    const bars = (row: readonly number[]): Bars => {
      const inOrder = Uint32Array.from(row);
      return { order: inOrder, start, duration, kind: looks, reach: reachOf(inOrder, start, duration) };
    };
    const { mask } = this;
    if (!mask) return rows.map((row) => ({ bars: bars(row), dimmed: null }));
    return rows.map((row) => ({
      bars: bars(row.filter((op) => mask[op] !== 0)),
      dimmed: bars(row.filter((op) => mask[op] === 0)),
    }));
  }
}

/** Tokens that each call of a session was sent, in order: at most `most` values, of several the greatest. */
export function contextLine(trace: Trace, session: number, most: number): number[] {
  const { calls, head } = trace;
  const { first_op: from, ops } = head.sessions[session] ?? { first_op: 0, ops: 0 };
  const first = lowerBound(calls.op, from);
  const last = lowerBound(calls.op, from + ops);
  const count = Math.min(most, last - first);
  const line = Array.from({ length: count }, () => 0);
  for (let call = first; call < last; call++) {
    const place = Math.floor(((call - first) * count) / (last - first));
    const value =
      (calls.tokens_in[call] ?? 0) + (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0);
    line[place] = Math.max(line[place] ?? 0, value);
  }
  return line;
}

function lowerBound(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A sub-agent's start in the lane above, and its return to it where an op is known to have run it. */
export interface LaneLink {
  from: number;
  to: number;
  /** Row of the op that ran it; -1: not known. */
  op: number;
  spawn: number;
  /** NaN: it did not return, or that is not known. */
  back: number;
}

export function laneLinks(trace: Trace, sums: readonly LaneSums[]): LaneLink[] {
  const { ops, head } = trace;
  const links: LaneLink[] = [];
  head.sessions.forEach((session, to) => {
    if (to === 0 || session.parent === null) return;
    const op = session.parent_op ?? -1;
    const spawn = op === -1 ? (sums[to]?.start ?? Number.NaN) : (ops.start[op] ?? Number.NaN);
    if (Number.isNaN(spawn)) return;
    const back = op === -1 ? Number.NaN : spawn + (ops.duration[op] ?? Number.NaN);
    links.push({ from: op === -1 ? session.parent : (ops.session[op] ?? 0), to, op, spawn, back });
  });
  return links;
}

/** How many sessions were at work from each time on; one that waits for a sub-agent is not. */
export function atOnce(trace: Trace): { time: Float64Array; value: Float64Array } {
  const agent = trace.head.kinds.indexOf("session");
  const steps: [time: number, by: number][] = [];
  for (const { first_op, ops } of trace.head.sessions) {
    for (const { start, end } of workOf(trace, first_op, first_op + ops, agent))
      steps.push([start, 1], [end, -1]);
  }
  steps.sort((one, other) => one[0] - other[0]);
  const time: number[] = [];
  const value: number[] = [];
  let now = 0;
  steps.forEach(([at, by], place) => {
    now += by;
    if (steps[place + 1]?.[0] === at) return;
    time.push(at);
    value.push(now);
  });
  return { time: Float64Array.from(time), value: Float64Array.from(value) };
}

/** When a session itself was at work, as spans that do not touch. */
function workOf(trace: Trace, from: number, to: number, agent: number): Gap[] {
  const { start, duration, kind, flags } = trace.ops;
  const rows: number[] = [];
  for (let op = from; op < to; op++) {
    if (kind[op] === agent || (flags[op] ?? 0) & FLAGS.replay) continue;
    if ((duration[op] ?? Number.NaN) > 0 && !Number.isNaN(start[op] ?? Number.NaN)) rows.push(op);
  }
  rows.sort((one, other) => (start[one] ?? 0) - (start[other] ?? 0));
  const spans: Gap[] = [];
  for (const op of rows) {
    const begin = start[op] ?? 0;
    const end = begin + (duration[op] ?? 0);
    const last = spans.at(-1);
    if (last && begin <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start: begin, end });
  }
  return spans;
}
