/** Small traces for tests, drawn by hand: sessions of turns of ops. */

import { indexTrace, type Trace, type TraceHead } from "./trace";
import { type CallsTable, NONE, type OpsTable, TRACE_TABLES, type TurnsTable } from "./trace-columns";

export interface DrawnOp {
  kind: TraceHead["kinds"][number];
  start: number;
  duration?: number;
  name?: string;
  /** Seq of the op it belongs to. */
  parent?: number;
  /** Index of the session it ran. */
  child?: number;
  status?: TraceHead["statuses"][number];
  tokens?: number;
  cost?: number;
  model?: string;
}

/** Each session is a list of turns, each turn a list of ops; seqs count up from 1 in a session. */
export function drawTrace(...sessions: DrawnOp[][][]): Trace {
  const head: TraceHead = {
    revision: 1,
    reset: true,
    tree_sessions: sessions.length,
    dropped_sessions: 0,
    names: ["", "…"],
    kinds: ["llm", "tool", "session", "reasoning", "system", "internal", "compaction"],
    statuses: ["running", "completed", "failed", "cancelled", "truncated"],
    timings: ["measured", "derived", "point"],
    turn_statuses: ["running", "completed", "failed", "interrupted"],
    sessions: [],
  };
  const ops: Record<string, number>[] = [];
  const calls: Record<string, number>[] = [];
  const turns: Record<string, number>[] = [];
  const nameOf = (name: string) => {
    if (!head.names.includes(name)) head.names.push(name);
    return head.names.indexOf(name);
  };
  sessions.forEach((drawn, session) => {
    const first = ops.length;
    drawn.forEach((turn, number) => {
      const ends = turn.map((op) => op.start + (op.duration ?? 0));
      turns.push({
        session,
        turn: number + 1,
        start: turn[0]?.start ?? Number.NaN,
        end: turn.length > 0 ? Math.max(...ends) : Number.NaN,
        status: 1,
      });
      for (const op of turn) {
        if (op.tokens !== undefined) {
          calls.push({
            op: ops.length,
            tokens_in: op.tokens,
            context_used: op.tokens,
            cost: op.cost ?? Number.NaN,
            model: nameOf(op.model ?? ""),
          });
        }
        ops.push({
          session,
          seq: ops.length - first + 1,
          turn: number + 1,
          start: op.start,
          duration: op.duration ?? Number.NaN,
          parent: op.parent === undefined ? NONE : first + op.parent - 1,
          child: op.child ?? NONE,
          name: nameOf(op.name ?? ""),
          kind: head.kinds.indexOf(op.kind),
          status: head.statuses.indexOf(op.status ?? "completed"),
          timing: 1,
        });
      }
    });
    head.sessions.push({
      id: `codex:${session}`,
      kind: session === 0 ? "root" : "sub_agent",
      status: "running",
      title: null,
      agent: null,
      model: null,
      parent: session === 0 ? null : 0,
      parent_op: null,
      started_at: null,
      last_at: null,
      from_turn: 0,
      first_op: first,
      ops: ops.length - first,
    });
  });
  ops.forEach((op, row) => {
    const child = head.sessions[op["child"] ?? NONE];
    if (child) child.parent_op = row;
  });
  return indexTrace(
    head,
    columns<OpsTable>("ops", ops),
    columns<CallsTable>("calls", calls),
    columns<TurnsTable>("turns", turns),
  );
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

function columns<Table>(table: keyof typeof TRACE_TABLES, rows: Record<string, number>[]): Table {
  const made = TRACE_TABLES[table].map(([name, type]) => [
    name,
    ARRAYS[type].from(rows.map((row) => row[name] ?? 0)),
  ]);
  return Object.fromEntries(made) as Table;
}
