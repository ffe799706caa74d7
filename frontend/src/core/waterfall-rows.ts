/**
 * A session tree as the rows of a waterfall: a turn a row, opened to its calls, tools and
 * sub-agents, these opened to their turns.
 *
 *     ▾ turn 1
 *         model call
 *           reasoning
 *           Bash
 *         ▾ Explore            a sub-agent: its own turns stand below
 *             ▸ turn 1
 *     ▸ turn 2
 *
 * What is opened is told by names that stay the same when the trace grows.
 */

import type { Gap } from "./time-axis";
import { opsOfTurn, type Trace } from "./trace";
import { NONE } from "./trace-columns";

export const TURN_ROW = 0;
export const OP_ROW = 1;

/** One value a row; no object for any. */
export interface WaterfallRows {
  length: number;
  /** `TURN_ROW` or `OP_ROW`. */
  type: Uint8Array;
  /** Row of `turns` or `ops`. */
  ref: Uint32Array;
  depth: Uint8Array;
  /** 0: nothing below; 1: closed; 2: open. */
  state: Uint8Array;
}

export const LEAF = 0;
export const CLOSED = 1;
export const OPEN = 2;

const MOST_DEPTH = 255;

/** A name for what can be opened: a turn, or an op that ran a sub-agent. */
export function turnName(trace: Trace, row: number): string {
  return `${sessionId(trace, trace.turns.session[row] ?? 0)} t${trace.turns.turn[row]}`;
}

export function opName(trace: Trace, row: number): string {
  return `${sessionId(trace, trace.ops.session[row] ?? 0)} o${trace.ops.seq[row]}`;
}

function sessionId(trace: Trace, session: number): string {
  return trace.head.sessions[session]?.id ?? "";
}

/** The rows of the first session's turns, and of what is `opened` below them. */
export function waterfallRows(trace: Trace, opened: ReadonlySet<string>): WaterfallRows {
  const type: number[] = [];
  const ref: number[] = [];
  const depth: number[] = [];
  const state: number[] = [];
  const above = new Set<number>();

  const add = (kind: number, row: number, level: number, standing: number): void => {
    type.push(kind);
    ref.push(row);
    depth.push(Math.min(level, MOST_DEPTH));
    state.push(standing);
  };

  const addSession = (session: number, level: number): void => {
    // A session that started one above it would go on for ever.
    if (above.has(session)) return;
    above.add(session);
    for (let turn = trace.turnsFrom[session] ?? 0; turn < (trace.turnsFrom[session + 1] ?? 0); turn++) {
      const ops = opsOfTurn(trace, turn);
      const open = opened.has(turnName(trace, turn));
      add(TURN_ROW, turn, level, ops.length === 0 ? LEAF : open ? OPEN : CLOSED);
      if (open) for (const op of ops) if (isTop(trace, op)) addOp(op, level + 1);
    }
    above.delete(session);
  };

  const addOp = (op: number, level: number): void => {
    const child = trace.ops.child[op] ?? NONE;
    const open = child !== NONE && opened.has(opName(trace, op));
    add(OP_ROW, op, level, child === NONE ? LEAF : open ? OPEN : CLOSED);
    for (let part = trace.firstPart[op] ?? NONE; part !== NONE; part = trace.nextPart[part] ?? NONE) {
      if (trace.ops.turn[part] === trace.ops.turn[op]) addOp(part, level + 1);
    }
    if (open) addSession(child, level + 1);
  };

  addSession(0, 0);
  return {
    length: type.length,
    type: Uint8Array.from(type),
    ref: Uint32Array.from(ref),
    depth: Uint8Array.from(depth),
    state: Uint8Array.from(state),
  };
}

/** Whether an op stands right below its turn: what it belongs to, if anything, is in another turn. */
function isTop(trace: Trace, op: number): boolean {
  const parent = trace.ops.parent[op] ?? NONE;
  return parent === NONE || trace.ops.turn[parent] !== trace.ops.turn[op];
}

/** What must be open for an op to have a row: its turn, and all that its session is below of. */
export function openingsTo(trace: Trace, op: number): string[] {
  const names: string[] = [];
  const seen = new Set<number>();
  let current: number | null = op;
  while (current !== null && !seen.has(current)) {
    seen.add(current);
    const session: number = trace.ops.session[current] ?? 0;
    names.push(`${sessionId(trace, session)} t${trace.ops.turn[current]}`);
    const above: number | null = trace.head.sessions[session]?.parent_op ?? null;
    if (above !== null) names.push(opName(trace, above));
    current = above;
  }
  return names;
}

/** What must be open for a session's turns to have rows. */
export function openingsAbove(trace: Trace, session: number): string[] {
  const parent = trace.head.sessions[session]?.parent_op ?? null;
  return parent === null ? [] : [...openingsTo(trace, parent), opName(trace, parent)];
}

/** A row of `ops` or, with type `TURN_ROW`, of `turns`. */
export interface Place {
  type: number;
  ref: number;
}

/** The row that shows something: its own, or that of what it is in, as far as that is open; -1: none. */
export function visibleRow(trace: Trace, rows: WaterfallRows, { type, ref }: Place): number {
  if (ref === -1) return -1;
  const { ops, turns, head } = trace;
  const table = type === TURN_ROW ? turns : ops;
  const turn = table.turn[ref] ?? 0;
  const session = table.session[ref] ?? 0;
  let around = -1;
  for (let row = 0; row < rows.length; row++) {
    const at = rows.ref[row] ?? 0;
    if (at === ref && rows.type[row] === type) return row;
    if (rows.type[row] === TURN_ROW && turns.turn[at] === turn && turns.session[at] === session) around = row;
  }
  if (around !== -1 || session === 0) return around;
  const parent = head.sessions[session]?.parent_op ?? -1;
  return visibleRow(trace, rows, { type: OP_ROW, ref: parent });
}

/** When something was; `undefined` if that is not known. */
export function timeOf(trace: Trace, { type, ref }: Place): Gap | undefined {
  if (ref === -1) return undefined;
  const { ops, turns } = trace;
  const start = (type === TURN_ROW ? turns.start[ref] : ops.start[ref]) ?? Number.NaN;
  if (Number.isNaN(start)) return undefined;
  const end = type === TURN_ROW ? (turns.end[ref] ?? Number.NaN) : start + (ops.duration[ref] ?? Number.NaN);
  return { start, end: end > start ? end : start };
}
