/** What is chosen and what is looked at, in one place: every pane of the workbench reads it here. */

import type { Gap } from "./time-axis";
import { opRow, type Trace, turnRow } from "./trace";
import { OP_ROW, TURN_ROW } from "./waterfall-rows";

/** In the order of their keys and tabs. */
export const VIEWS = ["waterfall", "lanes", "flame", "graph", "stats", "logs"] as const;
export type ViewName = (typeof VIEWS)[number];

/** What is weighed where one can choose: areas, shares, orders. */
export const METRICS = ["time", "self", "cost", "tokens", "count", "failures"] as const;
export type Metric = (typeof METRICS)[number];

/** The session alone, or with all that it started. */
export type Scope = "tree" | "self";

/** An op by its seq or a turn by its number, of a session by its id; a session; a view's own group. */
export type Selection =
  | { type: "op" | "turn"; session: string; number: number }
  | { type: "sess"; session: string }
  | { type: "node"; key: string };

/** The pane something was chosen in, or where else it comes from. */
export type Origin = ViewName | "table" | "overview" | "transcript" | "address" | "keys";

export interface WorkbenchState {
  view: ViewName;
  sel: Selection | null;
  /** Where it was chosen: that pane need not go there. */
  origin: Origin;
  /** Row of `ops` under the pointer. */
  hover: number | null;
  /** The part of time that is looked at; `null`: all of it. */
  range: Gap | null;
  /** A range that was drawn with the pointer and is not settled on yet. */
  preview: Gap | null;
  /** The ranges one went into, each within the one before. */
  committed: readonly Gap[];
  /** How often a range was settled on: one can go back to each. */
  settled: number;
  /** Conditions as they are typed; what does not fulfil them is dimmed. */
  filter: string;
  /** A text that is looked for in all that was said. */
  find: string;
  scope: Scope;
  metric: Metric;
  /** Whether long waits are folded; `null`: where they are most of the time. */
  gaps: boolean | null;
  /** Starts of long waits that are shown as they are though the others are folded. */
  unfolded: ReadonlySet<number>;
  /** Whether only what the time depended on is shown. */
  path: boolean;
  /** Whether the end stays in sight as the session grows. */
  follow: boolean;
  /** Names of the rows that are open. */
  opened: ReadonlySet<string>;
  /** Ids of sessions that a view keeps on top, and of those it does not show. */
  pins: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
}

const INITIAL: WorkbenchState = {
  view: "waterfall",
  sel: null,
  origin: "address",
  hover: null,
  range: null,
  preview: null,
  committed: [],
  settled: 0,
  filter: "",
  find: "",
  scope: "tree",
  metric: "time",
  gaps: null,
  unfolded: new Set(),
  path: false,
  follow: false,
  opened: new Set(),
  pins: new Set(),
  hidden: new Set(),
};

export class Workbench {
  state: WorkbenchState;
  private readonly listeners = new Set<() => void>();

  constructor(state: Partial<WorkbenchState> = {}) {
    this.state = { ...INITIAL, ...state };
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
    this.set({ range, preview: null, settled: this.state.settled + 1 });
  }

  /** Go into a range: it becomes the last of `committed`. */
  commit(range: Gap): void {
    this.set({ range, preview: null, committed: [...this.state.committed, range] });
  }

  /** Go back to the first `count` ranges one went into; 0: to all of the time. */
  leaveTo(count: number): void {
    const committed = this.state.committed.slice(0, count);
    const range = committed.at(-1) ?? null;
    this.set({ committed, range, preview: null, settled: this.state.settled + 1 });
  }

  /** Fold long waits, or show them all as they are. */
  fold(gaps: boolean): void {
    this.set({ gaps, unfolded: new Set() });
  }

  /** Show one long wait as it is though the others are folded. */
  unfold(wait: Gap): void {
    this.set({ unfolded: new Set([...this.state.unfolded, wait.start]) });
  }

  /** Leave what one came to last: find, then a drawn range, then what is chosen, then a range. */
  escape(): void {
    const { find, preview, sel, committed, range } = this.state;
    if (find) this.set({ find: "" });
    else if (preview) this.set({ preview: null });
    else if (sel) this.set({ sel: null, origin: "keys" });
    else if (range && range !== committed.at(-1)) this.settle(committed.at(-1) ?? null);
    else if (committed.length > 0) this.leaveTo(committed.length - 1);
  }

  toggle(name: string, open = !this.state.opened.has(name)): void {
    if (open === this.state.opened.has(name)) return;
    const opened = new Set(this.state.opened);
    if (open) opened.add(name);
    else opened.delete(name);
    this.set({ opened });
  }
}

/** What is chosen as a word, the same in every pane: `op:17`, `turn:3`, `sess:codex:…`, `node:…`. */
export function selectionName(sel: Selection): string {
  if (sel.type === "sess") return `sess:${sel.session}`;
  return sel.type === "node" ? `node:${sel.key}` : `${sel.type}:${sel.number}`;
}

/** `op:17`; of another session than the page's `op:17@codex:…`. */
export function writeSelection(sel: Selection, page: string): string {
  const name = selectionName(sel);
  if (sel.type === "sess" || sel.type === "node" || sel.session === page) return name;
  return `${name}@${sel.session}`;
}

export function readSelection(text: string | null, page: string): Selection | null {
  const group = text?.match(/^(sess|node):(.+)$/);
  if (group?.[2]) {
    return group[1] === "sess" ? { type: "sess", session: group[2] } : { type: "node", key: group[2] };
  }
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

/** Ranges that one went into, each as `writeRange` has it, separated by commas. */
export function readRanges(text: string | null): Gap[] {
  return (text ?? "").split(",").flatMap((part) => readRange(part) ?? []);
}

/**
 * Its type of row and its row in the trace; -1 if the trace does not have it. A session is where
 * it was started.
 */
export function rowOfSelection(trace: Trace, sel: Selection): { type: number; ref: number } {
  if (sel.type === "node") return { type: OP_ROW, ref: -1 };
  const session = trace.head.sessions.findIndex((one) => one.id === sel.session);
  if (session === -1) return { type: OP_ROW, ref: -1 };
  if (sel.type === "sess") return { type: OP_ROW, ref: trace.head.sessions[session]?.parent_op ?? -1 };
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
