/** A session tree's sums by group, over the ops that began in a range. Copies are in no sum. */

import { countedOps, sumBy, turnOfSession } from "./sums";
import type { Gap } from "./time-axis";
import { type Trace, turnRow } from "./trace";
import { NONE } from "./trace-columns";

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
export function opsOf(trace: Trace, { range, alone }: OpsChoice): Uint32Array {
  return countedOps(trace, range, alone ? "self" : "tree");
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
  const { ops, turns } = trace;
  const rowOf = turnOfSession(trace);
  return (op) => {
    const session = ops.session[op] ?? 0;
    if (session === 0) return ops.turn[op] ?? 0;
    const row = rowOf[session] ?? -1;
    return row === -1 ? 0 : (turns.turn[row] ?? 0);
  };
}

/** The sums of each group, and of all ops that are in any. */
export function breakdown(
  trace: Trace,
  by: GroupBy,
  choice: OpsChoice,
): { groups: GroupSums[]; all: GroupSums } {
  const rows = opsOf(trace, choice);
  const key = keyOf(trace, by);
  const keys: string[] = [];
  const places = new Map<string, number>();
  const groupOf = new Int32Array(trace.ops.seq.length).fill(-1);
  for (const op of rows) {
    const name = key(op);
    if (name === null) continue;
    let place = places.get(name);
    if (place === undefined) {
      place = keys.push(name) - 1;
      places.set(name, place);
    }
    groupOf[op] = place;
  }
  const groups = sumGroups(trace, rows, keys, (op) => groupOf[op] ?? -1);
  const [all] = sumGroups(trace, rows, [""], (op) => ((groupOf[op] ?? -1) === -1 ? -1 : 0));
  return { groups, all: all as GroupSums };
}

function sumGroups(
  trace: Trace,
  rows: Uint32Array,
  keys: readonly string[],
  groupOf: (op: number) => number,
): GroupSums[] {
  const { ops, calls, callOf } = trace;
  const sums = sumBy(trace, rows, keys.length, groupOf);
  const more = keys.map(() => ({ times: [] as number[], reasoning: 0, context: 0 }));
  for (const op of rows) {
    const group = more[groupOf(op)];
    if (!group) continue;
    const long = ops.duration[op] ?? Number.NaN;
    if (!Number.isNaN(long)) group.times.push(long);
    const call = callOf[op] ?? NONE;
    if (call === NONE) continue;
    group.reasoning += calls.tokens_reasoning[call] ?? 0;
    const sent =
      (calls.tokens_in[call] ?? 0) + (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0);
    group.context = Math.max(group.context, sent);
  }
  return more.map(({ times, reasoning, context }, place) => {
    const sorted = Float64Array.from(times).toSorted();
    const at = (part: number) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
    return {
      key: keys[place] ?? "",
      ops: sums.ops[place] ?? 0,
      failures: sums.failures[place] ?? 0,
      calls: sums.calls[place] ?? 0,
      unpriced: sums.unpriced[place] ?? 0,
      duration: sums.total[place] ?? 0,
      self: sums.self[place] ?? 0,
      timed: sorted.length,
      p50: at(0.5),
      p95: at(0.95),
      tokensIn: sums.tokensIn[place] ?? 0,
      tokensOut: sums.tokensOut[place] ?? 0,
      reasoning,
      cacheRead: sums.cacheRead[place] ?? 0,
      cacheWrite: sums.cacheWrite[place] ?? 0,
      cost: sums.cost[place] ?? 0,
      context,
    };
  });
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
