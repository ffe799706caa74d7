/** What a waterfall's row says: a name and numbers. */

import type { OpKind } from "../../api/types";
import { opsOfTurn, type Trace } from "../../core/trace";
import { FLAGS, NONE } from "../../core/trace-columns";
import { TURN_ROW } from "../../core/waterfall-rows";
import { modelName } from "../../logic/session-names";
import { formatClock } from "../../logic/time";
import { formatCost, formatCount, formatDuration } from "../../logic/units";
import { KIND_LABELS } from "../../ui/icons";

export interface RowFigures {
  /** Microseconds; `null`: not known, or nothing that lasts. */
  duration: number | null;
  running: boolean;
  /** Fresh input, output and cached tokens. */
  tokens: number;
  /** Nano-dollars. */
  cost: number;
  calls: number;
  unpriced: number;
  failures: number;
}

const known = new WeakMap<Trace, Map<number, RowFigures>>();

/** Those of a turn (summed over its ops, once) or of an op. */
export function rowFigures(trace: Trace, type: number, ref: number): RowFigures {
  if (type !== TURN_ROW) return opFigures(trace, ref);
  let turns = known.get(trace);
  if (!turns) known.set(trace, (turns = new Map()));
  const found = turns.get(ref) ?? turnFigures(trace, ref);
  turns.set(ref, found);
  return found;
}

function turnFigures(trace: Trace, turn: number): RowFigures {
  const [start, end] = [trace.turns.start[turn] ?? Number.NaN, trace.turns.end[turn] ?? Number.NaN];
  const sum: RowFigures = {
    duration: end >= start ? end - start : null,
    running: trace.head.turn_statuses[trace.turns.status[turn] ?? 0] === "running",
    tokens: 0,
    cost: 0,
    calls: 0,
    unpriced: 0,
    failures: 0,
  };
  let last = Number.NaN;
  for (const op of opsOfTurn(trace, turn)) {
    const ended = (trace.ops.start[op] ?? Number.NaN) + (trace.ops.duration[op] ?? 0);
    if (!(ended <= last) && !Number.isNaN(ended)) last = ended;
    if ((trace.ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const one = opFigures(trace, op);
    sum.tokens += one.tokens;
    sum.cost += one.cost;
    sum.calls += one.calls;
    sum.unpriced += one.unpriced;
    sum.failures += one.failures;
  }
  // A turn without a recorded end went on at least as long as its ops.
  if (sum.duration === null && last >= start) sum.duration = last - start;
  return sum;
}

function opFigures(trace: Trace, op: number): RowFigures {
  const { ops, calls, callOf, head } = trace;
  const duration = ops.duration[op] ?? Number.NaN;
  const call = callOf[op] ?? NONE;
  const status = head.statuses[ops.status[op] ?? 0];
  const figures: RowFigures = {
    duration: Number.isNaN(duration) || head.timings[ops.timing[op] ?? 0] === "point" ? null : duration,
    running: status === "running",
    tokens: 0,
    cost: 0,
    calls: 0,
    unpriced: (ops.flags[op] ?? 0) & FLAGS.unpriced ? 1 : 0,
    failures: status === "failed" ? 1 : 0,
  };
  if (call === NONE) return figures;
  const cost = calls.cost[call] ?? Number.NaN;
  figures.calls = 1;
  figures.cost = Number.isNaN(cost) ? 0 : cost;
  figures.tokens =
    (calls.tokens_in[call] ?? 0) +
    (calls.tokens_out[call] ?? 0) +
    (calls.cache_read[call] ?? 0) +
    (calls.cache_write[call] ?? 0);
  return figures;
}

/** What to call an op: a model, a tool, a sub-agent with what it was asked. */
export function nameOf(trace: Trace, op: number): string {
  const { ops, calls, callOf, head } = trace;
  const kind = head.kinds[ops.kind[op] ?? 0] as OpKind;
  const name = head.names[ops.name[op] ?? 0] ?? "";
  if (kind === "llm") {
    const call = callOf[op] ?? NONE;
    const model = call === NONE ? "" : (head.names[calls.model[call] ?? 0] ?? "");
    return model ? modelName(model) : name || KIND_LABELS.llm;
  }
  if (kind === "session") {
    const child = head.sessions[ops.child[op] ?? NONE];
    return [child?.agent ?? name, child?.title].filter(Boolean).join(": ") || KIND_LABELS.session;
  }
  return kind === "reasoning" || kind === "compaction" ? KIND_LABELS[kind] : name || KIND_LABELS[kind];
}

const TIMINGS: Record<string, string> = {
  measured: "measured",
  derived: "derived from neighbouring records",
};

/** What is known of an op, a line each. */
export function opFacts(trace: Trace, op: number): string[] {
  const { ops, calls, callOf, head } = trace;
  const { duration, running } = opFigures(trace, op);
  const start = ops.start[op] ?? Number.NaN;
  const status = head.statuses[ops.status[op] ?? 0] ?? "";
  const timing = TIMINGS[head.timings[ops.timing[op] ?? 0] ?? ""];
  const facts: string[] = [];
  const when = Number.isNaN(start) ? "time not known" : formatClock(start);
  facts.push(
    duration !== null && timing
      ? `${when}, ${formatDuration(duration)}, ${timing}`
      : running
        ? `${when}, no end recorded`
        : when,
  );
  const error = head.names[ops.error[op] ?? 0];
  if (status !== "completed" && status !== "running") facts.push(error ? `${status}: ${error}` : status);
  if ((ops.flags[op] ?? 0) & FLAGS.replay) facts.push("copied from another session; in no total");
  const call = callOf[op] ?? NONE;
  if (call !== NONE) {
    const cache = (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0);
    facts.push(
      `${formatCount(calls.tokens_in[call] ?? 0)} in, ${formatCount(calls.tokens_out[call] ?? 0)} out, ${formatCount(cache)} cache`,
    );
    const cost = calls.cost[call] ?? Number.NaN;
    if (!Number.isNaN(cost)) facts.push(formatCost(cost / 1e9));
    else if ((ops.flags[op] ?? 0) & FLAGS.unpriced) facts.push("unpriced");
  }
  return facts;
}
