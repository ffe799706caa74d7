/** What is chosen and what is looked at, in one place: every pane of the workbench reads it here. */

import type { Gap } from "./time-axis";
import { opRow, type Trace, turnRow } from "./trace";
import { OP_ROW, TURN_ROW } from "./waterfall-rows";

/** An op by its seq or a turn by its number, of a session by its id. */
export interface Selection {
  type: "op" | "turn";
  session: string;
  number: number;
}

export type Origin = "waterfall" | "transcript" | "address" | "keys";

export interface WorkbenchState {
  sel: Selection | null;
  /** Where it was chosen: that pane need not go there. */
  origin: Origin;
  /** Row of `ops` under the pointer. */
  hover: number | null;
  /** The part of time that is looked at; `null`: all of it. */
  range: Gap | null;
  /** How often a range was settled on: one can go back to each. */
  settled: number;
  /** Whether long waits are folded; `null`: where they are most of the time. */
  gaps: boolean | null;
  /** Whether the end stays in sight as the session grows. */
  follow: boolean;
  /** Names of the rows that are open. */
  opened: ReadonlySet<string>;
}

export class Workbench {
  state: WorkbenchState;
  private readonly listeners = new Set<() => void>();

  constructor(state: Partial<WorkbenchState> = {}) {
    this.state = {
      sel: null,
      origin: "address",
      hover: null,
      range: null,
      settled: 0,
      gaps: null,
      follow: false,
      opened: new Set(),
      ...state,
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(change: Partial<WorkbenchState>): void {
    const keys = Object.keys(change) as (keyof WorkbenchState)[];
    if (keys.every((key) => this.state[key] === change[key])) return;
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Choose a range that one can go back from. */
  settle(range: Gap | null): void {
    if (range === this.state.range) return;
    this.set({ range, settled: this.state.settled + 1 });
  }

  toggle(name: string, open = !this.state.opened.has(name)): void {
    if (open === this.state.opened.has(name)) return;
    const opened = new Set(this.state.opened);
    if (open) opened.add(name);
    else opened.delete(name);
    this.set({ opened });
  }
}

/** `op:17`; of another session than the page's `op:17@codex:…`. */
export function writeSelection(sel: Selection, page: string): string {
  return `${sel.type}:${sel.number}${sel.session === page ? "" : `@${sel.session}`}`;
}

export function readSelection(text: string | null, page: string): Selection | null {
  const found = text?.match(/^(op|turn):(\d{1,9})(?:@(.+))?$/);
  if (!found) return null;
  return { type: found[1] as "op" | "turn", number: Number(found[2]), session: found[3] ?? page };
}

/** Microseconds since 1970: `1767268800000000-1767268860000000`. */
export function writeRange(range: Gap): string {
  return `${Math.round(range.start)}-${Math.round(range.end)}`;
}

export function readRange(text: string | null): Gap | null {
  const found = text?.match(/^(\d{1,16})-(\d{1,16})$/);
  const [start, end] = [Number(found?.[1]), Number(found?.[2])];
  return end > start ? { start, end } : null;
}

/** Its type of row and its row in the trace; -1 if the trace does not have it. */
export function rowOfSelection(trace: Trace, sel: Selection): { type: number; ref: number } {
  const session = trace.head.sessions.findIndex((one) => one.id === sel.session);
  if (session === -1) return { type: OP_ROW, ref: -1 };
  if (sel.type === "turn") return { type: TURN_ROW, ref: turnRow(trace, session, sel.number) };
  return { type: OP_ROW, ref: opRow(trace, session, sel.number) };
}

export function selectionOf(trace: Trace, type: number, ref: number): Selection {
  const table = type === TURN_ROW ? trace.turns : trace.ops;
  const session = trace.head.sessions[table.session[ref] ?? 0]?.id ?? "";
  return type === TURN_ROW
    ? { type: "turn", session, number: trace.turns.turn[ref] ?? 0 }
    : { type: "op", session, number: trace.ops.seq[ref] ?? 0 };
}

/** The part of the page's own session to which something belongs, however deep it lies. */
export function placeInPage(trace: Trace, sel: Selection): { turn: number; seq: number | null } | null {
  const { type, ref } = rowOfSelection(trace, sel);
  if (ref === -1) return null;
  let session = (type === TURN_ROW ? trace.turns : trace.ops).session[ref] ?? 0;
  if (session === 0 && type === TURN_ROW) return { turn: trace.turns.turn[ref] ?? 0, seq: null };
  let op: number | null = type === OP_ROW ? ref : null;
  for (let steps = 0; session !== 0 && steps < trace.head.sessions.length; steps++) {
    op = trace.head.sessions[session]?.parent_op ?? null;
    if (op === null) return null;
    session = trace.ops.session[op] ?? 0;
  }
  return op === null ? null : { turn: trace.ops.turn[op] ?? 0, seq: trace.ops.seq[op] ?? 0 };
}
