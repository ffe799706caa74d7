/** Which ops of a trace fulfil a filter. What is not known fulfils no condition, as on the server. */

import {
  amountOf,
  type Comparison,
  type Condition,
  conditionsOf,
  type Filter,
  matcher,
  moment,
} from "../logic/filter";
import { opRow, type Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** Where the server found a text: an op by its seq, or without one a turn. */
export interface Place {
  session: string;
  turn: number | null;
  seq: number | null;
}

/** By row of `ops`: 1 for those in which something was found. */
export function maskOfPlaces(trace: Trace, places: readonly Place[]): Uint8Array {
  const mask = new Uint8Array(trace.ops.seq.length);
  const indexOf = new Map(trace.head.sessions.map((session, index) => [session.id, index]));
  for (const { session, seq } of places) {
    const index = indexOf.get(session);
    const op = index === undefined || seq === null ? -1 : opRow(trace, index, seq);
    if (op !== -1) mask[op] = 1;
  }
  return mask;
}

/** What the texts say: `null` where no text is asked for, or it is not known yet. */
export interface Texts {
  /** The ops in which all that is wanted was found. */
  wanted: Uint8Array | null;
  /** Those in which something was found that must not be there. */
  unwanted: readonly Uint8Array[];
}

/** By row of `ops`: 1 for those that fulfil all conditions; `now` is what times are told from. */
export function maskOf(trace: Trace, filter: Filter, texts: Texts, now: number): Uint8Array {
  const mask = new Uint8Array(trace.ops.seq.length).fill(1);
  for (const condition of conditionsOf(filter)) {
    const holds = predicate(trace, condition, now);
    for (let op = 0; op < mask.length; op++) if (mask[op] && holds(op) === condition.negated) mask[op] = 0;
  }
  if (texts.wanted) cut(mask, texts.wanted, 1);
  for (const unwanted of texts.unwanted) cut(mask, unwanted, 0);
  return mask;
}

/** Leave in a mask only what another says `wanted` of. */
function cut(mask: Uint8Array, other: Uint8Array, wanted: 0 | 1): void {
  for (let op = 0; op < mask.length; op++) if (other[op] !== wanted) mask[op] = 0;
}

/** What is in both; `null`: everything is. */
export function both(one: Uint8Array | null, other: Uint8Array | null): Uint8Array | null {
  if (!one || !other) return one ?? other;
  return one.map((value, op) => value & (other[op] ?? 0));
}

/** The rows of the ops that a mask has, by their time; copies are left out. */
export function matchesOf(trace: Trace, mask: Uint8Array): Uint32Array {
  const { start, flags } = trace.ops;
  const rows: number[] = [];
  mask.forEach((value, op) => {
    if (value && !((flags[op] ?? 0) & FLAGS.replay)) rows.push(op);
  });
  const time = (op: number) =>
    Number.isNaN(start[op] ?? Number.NaN) ? Number.POSITIVE_INFINITY : (start[op] ?? 0);
  return Uint32Array.from(rows).toSorted((one, other) => time(one) - time(other) || one - other);
}

type Predicate = (op: number) => boolean;

function predicate(trace: Trace, condition: Condition, now: number): Predicate {
  const { ops, calls, callOf, head } = trace;
  const { field, values } = condition;
  const callAt = (op: number) => callOf[op] ?? NONE;
  const ofCall = (op: number, value: (call: number) => number) => {
    const call = callAt(op);
    return call === NONE ? Number.NaN : value(call);
  };
  const text = () => oneOf(values);
  switch (field) {
    case "kind":
      return byIndex(ops.kind, head.kinds, text());
    case "name":
      return byIndex(ops.name, head.names, named(text()));
    case "tool": {
      const isTool = byIndex(ops.kind, head.kinds, (kind) => kind === "tool" || kind === "session");
      const matches = byIndex(ops.name, head.names, named(text()));
      return (op) => isTool(op) && matches(op);
    }
    case "model": {
      const names = head.names.map(named(text()));
      const own = head.sessions.map(({ model }) => model !== null && text()(model));
      return (op) => {
        const call = callAt(op);
        const model = call === NONE ? 0 : (calls.model[call] ?? 0);
        return (model === 0 ? own[ops.session[op] ?? 0] : names[model]) ?? false;
      };
    }
    case "agent": {
      const agents = head.sessions.map(({ agent }) => agent !== null && text()(agent));
      return (op) => agents[ops.session[op] ?? 0] ?? false;
    }
    case "session": {
      const wanted = values.map((value) => matcher(`${value}*`));
      const sessions = head.sessions.map(({ id }) =>
        wanted.some((matches) => matches(id) || matches(id.slice(id.indexOf(":") + 1))),
      );
      return (op) => sessions[ops.session[op] ?? 0] ?? false;
    }
    case "status":
      return byIndex(ops.status, head.statuses, text());
    case "is": {
      const wanted = byIndex(ops.status, head.statuses, (status) => values.includes(status));
      const copies = values.includes("replay");
      return (op) => wanted(op) || (copies && ((ops.flags[op] ?? 0) & FLAGS.replay) !== 0);
    }
    case "after":
    case "before": {
      const times = values.flatMap((value) => moment(value, now) ?? []);
      return field === "after"
        ? (op) => times.some((time) => (ops.start[op] ?? Number.NaN) >= time)
        : (op) => times.some((time) => (ops.start[op] ?? Number.NaN) < time);
    }
    case "dur":
      return compared(condition, (op) => ops.duration[op] ?? Number.NaN);
    case "cost":
      return compared(condition, (op) => ofCall(op, (call) => calls.cost[call] ?? Number.NaN));
    case "tok":
      return compared(condition, (op) =>
        ofCall(
          op,
          (call) =>
            (calls.tokens_in[call] ?? 0) +
            (calls.tokens_out[call] ?? 0) +
            (calls.cache_read[call] ?? 0) +
            (calls.cache_write[call] ?? 0),
        ),
      );
    case "ctx":
      return context(trace, condition);
    default:
      throw new Error(`${field}: is the same for all of a session`);
  }
}

function oneOf(values: readonly string[]): (text: string) => boolean {
  const matchers = values.map(matcher);
  return (text) => matchers.some((matches) => matches(text));
}

/** No name is one that is not known. */
function named(matches: (text: string) => boolean): (name: string) => boolean {
  return (name) => name !== "" && matches(name);
}

/** What is asked of each value a column can have is asked once. */
function byIndex(
  column: Uint8Array | Uint16Array,
  values: readonly string[],
  wanted: (value: string) => boolean,
): Predicate {
  const answers = values.map(wanted);
  return (op) => answers[column[op] ?? 0] ?? false;
}

const HOLDS: Record<Comparison["sign"], (one: number, other: number) => boolean> = {
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  "=": (one, other) => one === other,
};

function compared({ field, comparisons }: Condition, valueOf: (op: number) => number): Predicate {
  const tests = comparisons.map((one) => ({ holds: HOLDS[one.sign], amount: amountOf(field, one) }));
  return (op) => {
    const value = valueOf(op);
    return tests.some(({ holds, amount }) => holds(value, amount));
  };
}

function context(trace: Trace, { comparisons }: Condition): Predicate {
  const { calls, callOf } = trace;
  const tests = comparisons.map((one) => ({
    holds: HOLDS[one.sign],
    amount: amountOf("ctx", one),
    part: one.unit === "%",
  }));
  return (op) => {
    const call = callOf[op] ?? NONE;
    const used = call === NONE ? 0 : (calls.context_used[call] ?? 0);
    if (used === 0) return false;
    const most = calls.context_max[call] ?? 0;
    // Thousandths of a per cent.
    return tests.some(({ holds, amount, part }) =>
      part ? most > 0 && holds(used * 100_000, amount * most) : holds(used, amount),
    );
  };
}
