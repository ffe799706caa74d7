/**
 * What each turn waited for, as `ai_viewer/analysis/path.py` and `/api/sessions/{id}/path` tell it.
 *
 *     model     ####        ###
 *     tool A        ##                 beside B: not on the path
 *     tool B        ######
 *     path      mmmmBBBBBB..mmm        two dots: nothing ran
 *
 * The path is walked backwards from the end: to what finished last, from its start to what had
 * finished last by then, and so on. What ran beside it made the turn no longer.
 */

import { opsOfTurn, type Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** A part of the path: an op was waited for; -1: nothing is known to have run. */
export interface Section {
  op: number;
  start: number;
  end: number;
}

interface Span {
  op: number;
  parent: number;
  start: number;
  end: number;
}

const NOBODY = -1;
const known = new WeakMap<Trace, Map<number, Section[]>>();

/** The sections of a turn, from its start to its end, without gap or overlap. */
export function pathOfTurn(trace: Trace, turn: number): Section[] {
  let turns = known.get(trace);
  if (!turns) known.set(trace, (turns = new Map()));
  const found = turns.get(turn) ?? walkTurn(trace, turn);
  turns.set(turn, found);
  return found;
}

/** By row of `ops`: 1 for what a turn of its session waited for. */
export function onPath(trace: Trace): Uint8Array {
  const mask = new Uint8Array(trace.ops.seq.length);
  for (let turn = 0; turn < trace.turns.turn.length; turn++) {
    for (const { op } of pathOfTurn(trace, turn)) if (op !== NOBODY) mask[op] = 1;
  }
  return mask;
}

function walkTurn(trace: Trace, turn: number): Section[] {
  const { ops, turns } = trace;
  const start = turns.start[turn] ?? Number.NaN;
  // The parts of a turn's time are together its time, up to where the next turn begins.
  const end =
    start +
    (turns.model[turn] ?? 0) +
    (turns.tool[turn] ?? 0) +
    (turns.agent[turn] ?? 0) +
    (turns.compaction[turn] ?? 0) +
    (turns.idle[turn] ?? 0);
  if (!(end > start)) return [];
  const spans: Span[] = [];
  for (const op of opsOfTurn(trace, turn)) {
    if ((ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const from = ops.start[op] ?? Number.NaN;
    const to = from + (ops.duration[op] ?? Number.NaN);
    const parent = ops.parent[op] ?? NONE;
    const span = {
      op,
      parent: parent === NONE ? NOBODY : parent,
      start: Math.max(from, start),
      end: Math.min(to, end),
    };
    if (span.start < span.end) spans.push(span);
  }
  const aside = background(trace, spans);
  const last = spans.reduce((latest, span) => Math.max(latest, span.end), Number.NEGATIVE_INFINITY);
  const counted = new Map(
    spans.filter((span) => !aside.has(span.op) || span.end === last).map((span) => [span.op, span]),
  );
  const parts = new Map<number, Span[]>();
  for (const span of counted.values()) {
    const owner = ownerOf(span, counted);
    const beside = parts.get(owner);
    if (beside) beside.push(span);
    else parts.set(owner, [span]);
  }
  const sections: Section[] = [];
  walk(NOBODY, start, end, parts, sections);
  return sections.toReversed();
}

/** Sub-agents that the model did not wait for: it was called again while they ran. */
function background(trace: Trace, spans: readonly Span[]): Set<number> {
  const { kind } = trace.ops;
  const llm = trace.head.kinds.indexOf("llm");
  const agent = trace.head.kinds.indexOf("session");
  const calls = Float64Array.from(
    spans.filter(({ op }) => kind[op] === llm),
    ({ start }) => start,
  ).toSorted();
  const found = new Set<number>();
  for (const { op, start, end } of spans) {
    if (kind[op] !== agent) continue;
    const following = calls.find((time) => time > start);
    if (following !== undefined && following < end) found.add(op);
  }
  return found;
}

/** The nearest op above a span within which all of it lies. */
function ownerOf(span: Span, counted: ReadonlyMap<number, Span>): number {
  const passed = new Set([span.op]);
  let above = span.parent;
  for (;;) {
    const other = counted.get(above);
    if (!other || passed.has(above)) return NOBODY;
    if (other.start <= span.start && span.end <= other.end) return above;
    passed.add(above);
    above = other.parent;
  }
}

/** Add the path through `owner`, from `end` back to `start`: the last section first. */
function walk(
  owner: number,
  start: number,
  end: number,
  parts: ReadonlyMap<number, readonly Span[]>,
  sections: Section[],
): void {
  const mine = new Map<number, Span>();
  for (const span of parts.get(owner) ?? []) {
    const cut = { ...span, start: Math.max(span.start, start), end: Math.min(span.end, end) };
    if (cut.start < cut.end) mine.set(span.op, cut);
  }
  const waiting = [...mine.values()].toSorted(
    (one, other) => one.end - other.end || other.start - one.start || other.op - one.op,
  );
  let now = end;
  let asker: Span | undefined;
  while (now > start) {
    let span: Span | undefined;
    if (asker && asker.start < now && now < asker.end) {
      // The model was still answering when it asked for what came then.
      span = { ...asker, end: now };
    } else {
      while ((waiting.at(-1)?.end ?? 0) > now) waiting.pop();
      span = waiting.pop();
      if (!span) {
        sections.push({ op: owner, start, end: now });
        return;
      }
    }
    if (span.end < now) sections.push({ op: owner, start: span.end, end: now });
    walk(span.op, span.start, span.end, parts, sections);
    now = span.start;
    asker = mine.get(span.parent);
  }
}
