/** A session tree's sums by group, over the ops that began in a range. Copies are in no sum. */

import { selfTimes } from "./self-time";
import type { Gap } from "./time-axis";
import { type Trace, turnRow } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

export type GroupBy = "tool" | "kind" | "model" | "agent" | "turn" | "status";

export interface GroupSums {
  /** Names the group; in words for `turn`: its number. */
  key: string;
  ops: number;
  failures: number;
  calls: number;
  unpriced: number;
  /** Microseconds: of all, each counted; and of each instant once. */
  duration: number;
  self: number;
  timed: number;
  /** Microseconds that half, and 95 of 100, took at most; NaN: none has a known time. */
  p50: number;
  p95: number;
  tokensIn: number;
  tokensOut: number;
  reasoning: number;
  cacheRead: number;
  cacheWrite: number;
  /** Nano-dollars. */
  cost: number;
  /** Most tokens that one of its calls was sent. */
  context: number;
}

export interface OpsChoice {
  range: Gap | null;
  /** The first session alone. */
  alone: boolean;
}

/** The rows of the ops that count. */
export function* opsOf(trace: Trace, { range, alone }: OpsChoice): Generator<number> {
  const { ops, head } = trace;
  const last = alone ? (head.sessions[0]?.ops ?? 0) : ops.seq.length;
  for (let op = 0; op < last; op++) {
    if ((ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const start = ops.start[op] ?? Number.NaN;
    if (range && !(start >= range.start && start < range.end)) continue;
    yield op;
  }
}

/** What an op is grouped under; `null`: nothing, of this kind. */
export function keyOf(trace: Trace, by: GroupBy): (op: number) => string | null {
  const { ops, calls, callOf, head } = trace;
  if (by === "kind") return (op) => head.kinds[ops.kind[op] ?? 0] ?? "";
  if (by === "status") return (op) => head.statuses[ops.status[op] ?? 0] ?? "";
  if (by === "tool") {
    const tool = head.kinds.indexOf("tool");
    return (op) => (ops.kind[op] === tool ? (head.names[ops.name[op] ?? 0] ?? "") : null);
  }
  if (by === "model") {
    return (op) => {
      const call = callOf[op] ?? NONE;
      return call === NONE ? null : (head.names[calls.model[call] ?? 0] ?? "");
    };
  }
  if (by === "agent") {
    return (op) => {
      const session = ops.session[op] ?? 0;
      return session === 0 ? "main" : (head.sessions[session]?.agent ?? "sub-agent");
    };
  }
  const turns = pageTurns(trace);
  return (op) => String(turns(op));
}

/** The turn of the page's own session in which an op was done, however deep the sub-agent that did it. */
export function pageTurns(trace: Trace): (op: number) => number {
  const { ops, head } = trace;
  const ofSession = new Map<number, number>([[0, -1]]);
  const find = (session: number): number => {
    const known = ofSession.get(session);
    if (known !== undefined) return known;
    // What runs in a circle is in no turn.
    ofSession.set(session, 0);
    const parent = head.sessions[session]?.parent_op ?? null;
    const above = parent === null ? 0 : (ops.session[parent] ?? 0);
    const turn = parent === null ? 0 : above === 0 ? (ops.turn[parent] ?? 0) : find(above);
    ofSession.set(session, turn);
    return turn;
  };
  return (op) => {
    const session = ops.session[op] ?? 0;
    return session === 0 ? (ops.turn[op] ?? 0) : find(session);
  };
}

function noSums(key: string): GroupSums {
  return {
    key,
    ops: 0,
    failures: 0,
    calls: 0,
    unpriced: 0,
    duration: 0,
    self: 0,
    timed: 0,
    p50: Number.NaN,
    p95: Number.NaN,
    tokensIn: 0,
    tokensOut: 0,
    reasoning: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cost: 0,
    context: 0,
  };
}

/** The sums of each group, and of all ops that are in any. */
export function breakdown(
  trace: Trace,
  by: GroupBy,
  choice: OpsChoice,
): { groups: GroupSums[]; all: GroupSums } {
  const { ops, calls, callOf, head } = trace;
  const self = selfTimes(trace);
  const failed = head.statuses.indexOf("failed");
  const llm = head.kinds.indexOf("llm");
  const key = keyOf(trace, by);
  const found = new Map<string, { sums: GroupSums; times: number[] }>();
  const all = { sums: noSums(""), times: [] as number[] };
  for (const op of opsOf(trace, choice)) {
    const name = key(op);
    if (name === null) continue;
    let group = found.get(name);
    if (!group) found.set(name, (group = { sums: noSums(name), times: [] }));
    for (const { sums, times } of [group, all]) {
      sums.ops += 1;
      if (ops.status[op] === failed) sums.failures += 1;
      if (ops.kind[op] === llm) sums.calls += 1;
      if ((ops.flags[op] ?? 0) & FLAGS.unpriced) sums.unpriced += 1;
      sums.self += self[op] ?? 0;
      const long = ops.duration[op] ?? Number.NaN;
      if (!Number.isNaN(long)) {
        sums.duration += long;
        times.push(long);
      }
      const call = callOf[op] ?? NONE;
      if (call === NONE) continue;
      const cost = calls.cost[call] ?? Number.NaN;
      if (!Number.isNaN(cost)) sums.cost += cost;
      sums.tokensIn += calls.tokens_in[call] ?? 0;
      sums.tokensOut += calls.tokens_out[call] ?? 0;
      sums.reasoning += calls.tokens_reasoning[call] ?? 0;
      sums.cacheRead += calls.cache_read[call] ?? 0;
      sums.cacheWrite += calls.cache_write[call] ?? 0;
      const sent =
        (calls.tokens_in[call] ?? 0) + (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0);
      sums.context = Math.max(sums.context, sent);
    }
  }
  const done = ({ sums, times }: { sums: GroupSums; times: number[] }): GroupSums => {
    const sorted = Float64Array.from(times).toSorted();
    const at = (part: number) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
    return { ...sums, timed: sorted.length, p50: at(0.5), p95: at(0.95) };
  };
  return { groups: [...found.values()].map(done), all: done(all) };
}

/** How much of what a model was sent came from the cache; `null`: it was sent nothing. */
export function cacheHit(sums: Pick<GroupSums, "tokensIn" | "cacheRead" | "cacheWrite">): number | null {
  const sent = sums.tokensIn + sums.cacheRead + sums.cacheWrite;
  return sent > 0 ? sums.cacheRead / sent : null;
}

/** Turns put together so that there are few: by place in `numbers`, the first and the last turn of each. */
export interface TurnBuckets {
  numbers: { first: number; last: number }[];
  /** The place of a turn's bucket. */
  of: (turn: number) => number;
}

export function turnBuckets(trace: Trace, most: number): TurnBuckets {
  const turns = [...trace.turns.turn.subarray(0, trace.turnsFrom[1] ?? 0)];
  const size = Math.max(1, Math.ceil(turns.length / most));
  const numbers: { first: number; last: number }[] = [];
  for (let at = 0; at < turns.length; at += size) {
    numbers.push({ first: turns[at] ?? 0, last: turns[Math.min(at + size, turns.length) - 1] ?? 0 });
  }
  return {
    numbers,
    of: (turn) => {
      const row = turnRow(trace, 0, turn);
      return row === -1 ? -1 : Math.floor((row - (trace.turnsFrom[0] ?? 0)) / size);
    },
  };
}

/** A failed call of a tool, and what its session then tried with the same tool, one after the other. */
export interface RetryChain {
  /** The first op, which failed, and the last. */
  first: number;
  last: number;
  name: string;
  tries: number;
  failures: number;
  /** Whether the last one succeeded. */
  solved: boolean;
  /** From the start of the first to the end of the last; NaN: not known. */
  duration: number;
  /** Nano-dollars of the model calls from the first try to the last. */
  cost: number;
}

/** The chains of at least two tries, the longest first. Other tools between two tries end a chain. */
export function retryChains(trace: Trace, choice: OpsChoice): RetryChain[] {
  const { ops, calls, callOf, head } = trace;
  const failed = head.statuses.indexOf("failed");
  const tool = head.kinds.indexOf("tool");
  const chains: RetryChain[] = [];
  let chain: RetryChain | undefined;
  let spent = 0;
  let session = -1;
  for (const op of opsOf(trace, choice)) {
    if (ops.session[op] !== session) chain = undefined;
    session = ops.session[op] ?? 0;
    const call = callOf[op] ?? NONE;
    const cost = call === NONE ? Number.NaN : (calls.cost[call] ?? Number.NaN);
    if (!Number.isNaN(cost)) spent += cost;
    if (ops.kind[op] !== tool) continue;
    const name = head.names[ops.name[op] ?? 0] ?? "";
    const bad = ops.status[op] === failed;
    if (chain?.name === name) {
      if (chain.tries === 1) chains.push(chain);
      const end = (ops.start[op] ?? Number.NaN) + (ops.duration[op] ?? Number.NaN);
      chain.last = op;
      chain.tries += 1;
      chain.failures += bad ? 1 : 0;
      chain.solved = !bad;
      chain.duration = end - (ops.start[chain.first] ?? Number.NaN);
      chain.cost += spent;
      if (!bad) chain = undefined;
    } else {
      const fresh = { first: op, last: op, name, tries: 1, failures: 1, solved: false };
      chain = bad ? { ...fresh, duration: Number.NaN, cost: 0 } : undefined;
    }
    spent = 0;
  }
  return chains.toSorted((one, other) => other.failures - one.failures || other.cost - one.cost);
}
