/**
 * A trace with what changed since it was sent.
 *
 *     one has     a: turns 1 2 3      b: turns 1
 *     told        a: turns 3 4        c: turns 1        (a started c)
 *     together    a: turns 1 2 3' 4   b: turns 1   c: turns 1
 *
 * Of each session that is told the turns from `from_turn` on replace what one has of it from there on.
 */

import { indexTrace, type Trace, type TraceHead } from "./trace";
import { type CallsTable, NONE, type OpsTable, TRACE_TABLES, type TurnsTable } from "./trace-columns";

type Session = TraceHead["sessions"][number];
type Side = "old" | "told";

interface Source {
  side: Side;
  row: number;
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

/** Both together; `null` if a session is no longer in the tree, or one is missing: then all must be asked for. */
export function mergeTrace(old: Trace, told: Trace): Trace | null {
  if (told.head.reset) return told;
  const ids = inTreeOrder(old, told);
  if (ids.length + told.head.dropped_sessions !== told.head.tree_sessions) return null;
  const places = new Map(ids.map((id, place) => [id, place]));
  const placeOf = {
    old: old.head.sessions.map(({ id }) => places.get(id) ?? NONE),
    told: told.head.sessions.map(({ id }) => places.get(id) ?? NONE),
  };
  const names = [...old.head.names];
  const nameIndex = new Map(names.map((name, place) => [name, place]));
  const nameOf = {
    old: names.map((_, place) => place),
    told: told.head.names.map((name) => {
      const known = nameIndex.get(name);
      if (known !== undefined) return known;
      names.push(name);
      nameIndex.set(name, names.length - 1);
      return names.length - 1;
    }),
  };
  const traces = { old, told };
  const [oldAt, toldAt] = [indexById(old), indexById(told)];

  const ops: Source[] = [];
  const turns: Source[] = [];
  const sessions: Session[] = [];
  for (const id of ids) {
    const before = oldAt.get(id) ?? -1;
    const after = toldAt.get(id) ?? -1;
    const head = told.head.sessions[after] ?? old.head.sessions[before];
    if (!head) return null;
    const from = after === -1 ? null : (told.head.sessions[after]?.from_turn ?? null);
    const first = ops.length;
    // Work that ended late may stand among a later turn's: so both are in order of seq.
    ops.push(
      ...bySeq(
        rowsOf(old, before).filter((row) => from === null || (old.ops.turn[row] ?? 0) < from),
        from === null ? [] : rowsOf(told, after),
        old,
        told,
      ),
    );
    for (const row of turnsOf(old, before)) {
      if (from === null || (old.turns.turn[row] ?? 0) < from) turns.push({ side: "old", row });
    }
    if (from !== null) for (const row of turnsOf(told, after)) turns.push({ side: "told", row });
    sessions.push({ ...head, from_turn: 0, first_op: first, ops: ops.length - first });
  }

  const rowOf = {
    old: new Uint32Array(old.ops.seq.length).fill(NONE),
    told: new Uint32Array(told.ops.seq.length).fill(NONE),
  };
  ops.forEach(({ side, row }, place) => {
    rowOf[side][row] = place;
  });
  const bySessionAndSeq = new Map(
    ops.map(({ side, row }, place) => [
      `${sessionAt(traces[side], placeOf[side], row)} ${traces[side].ops.seq[row]}`,
      place,
    ]),
  );
  /** Where an op of the old trace stands now: it may have been told anew. */
  const nowAt = (row: number): number => {
    const kept = rowOf.old[row] ?? NONE;
    if (kept !== NONE) return kept;
    return bySessionAndSeq.get(`${sessionAt(old, placeOf.old, row)} ${old.ops.seq[row]}`) ?? NONE;
  };
  const parentOf = ({ side, row }: Source): number => {
    const parent = traces[side].ops.parent[row] ?? NONE;
    if (parent === NONE) return NONE;
    return side === "old" ? nowAt(parent) : (rowOf.told[parent] ?? NONE);
  };
  const merged = columns<OpsTable>("ops", traces, ops, {
    session: ({ side, row }) => sessionAt(traces[side], placeOf[side], row),
    parent: parentOf,
    child: ({ side, row }) => placeOf[side][traces[side].ops.child[row] ?? NONE] ?? NONE,
    name: ({ side, row }) => nameOf[side][traces[side].ops.name[row] ?? 0] ?? 0,
    error: ({ side, row }) => nameOf[side][traces[side].ops.error[row] ?? 0] ?? 0,
  });
  const calls: Source[] = [];
  for (const { side, row } of ops) {
    const call = traces[side].callOf[row] ?? NONE;
    if (call !== NONE) calls.push({ side, row: call });
  }
  const head: TraceHead = {
    ...told.head,
    reset: true,
    names,
    sessions: sessions.map((session) => {
      const [before, after] = [oldAt.get(session.id) ?? -1, toldAt.get(session.id) ?? -1];
      const newest = told.head.sessions[after];
      const known = old.head.sessions[before];
      const parent = newest
        ? newest.parent === null
          ? null
          : (placeOf.told[newest.parent] ?? null)
        : known?.parent === null || known?.parent === undefined
          ? null
          : (placeOf.old[known.parent] ?? null);
      const toldOp = newest?.parent_op ?? null;
      const oldOp = known?.parent_op ?? null;
      const op = toldOp !== null ? (rowOf.told[toldOp] ?? NONE) : oldOp !== null ? nowAt(oldOp) : NONE;
      return { ...session, parent, parent_op: op === NONE ? null : op };
    }),
  };
  return indexTrace(
    head,
    merged,
    columns<CallsTable>("calls", traces, calls, {
      op: ({ side, row }) => rowOf[side][traces[side].calls.op[row] ?? NONE] ?? NONE,
      model: ({ side, row }) => nameOf[side][traces[side].calls.model[row] ?? 0] ?? 0,
    }),
    columns<TurnsTable>("turns", traces, turns, {
      session: ({ side, row }) => placeOf[side][traces[side].turns.session[row] ?? 0] ?? 0,
    }),
  );
}

function indexById(trace: Trace): Map<string, number> {
  return new Map(trace.head.sessions.map(({ id }, index) => [id, index]));
}

function sessionAt(trace: Trace, places: readonly number[], row: number): number {
  return places[trace.ops.session[row] ?? 0] ?? 0;
}

function rowsOf(trace: Trace, session: number): number[] {
  const { first_op: from, ops } = trace.head.sessions[session] ?? { first_op: 0, ops: 0 };
  return Array.from({ length: ops }, (_, index) => from + index);
}

function turnsOf(trace: Trace, session: number): number[] {
  if (session === -1) return [];
  const from = trace.turnsFrom[session] ?? 0;
  return Array.from({ length: (trace.turnsFrom[session + 1] ?? 0) - from }, (_, index) => from + index);
}

function bySeq(kept: readonly number[], fresh: readonly number[], old: Trace, told: Trace): Source[] {
  const sources: Source[] = [];
  let next = 0;
  const add = (until: number) => {
    while (next < fresh.length && (told.ops.seq[fresh[next] ?? 0] ?? 0) < until) {
      sources.push({ side: "told", row: fresh[next] ?? 0 });
      next += 1;
    }
  };
  for (const row of kept) {
    add(old.ops.seq[row] ?? 0);
    sources.push({ side: "old", row });
  }
  add(Number.POSITIVE_INFINITY);
  return sources;
}

/** The ids of all sessions, each before what it started, these by their start. */
function inTreeOrder(old: Trace, told: Trace): string[] {
  const heads = new Map<string, { head: Session; parent: string | null }>();
  for (const { head } of [old, told]) {
    for (const session of head.sessions) {
      const parent = session.parent === null ? null : (head.sessions[session.parent]?.id ?? null);
      heads.set(session.id, { head: session, parent });
    }
  }
  const below = new Map<string | null, string[]>();
  for (const [id, { parent }] of heads) {
    const beside = below.get(parent);
    if (beside) beside.push(id);
    else below.set(parent, [id]);
  }
  const started = (id: string) => heads.get(id)?.head.started_at ?? Number.NEGATIVE_INFINITY;
  const order: string[] = [];
  const add = (id: string): void => {
    order.push(id);
    for (const child of (below.get(id) ?? []).toSorted((one, other) => started(one) - started(other)))
      add(child);
  };
  const top = old.head.sessions[0]?.id;
  if (top !== undefined) add(top);
  return order;
}

type Table = keyof typeof TRACE_TABLES;

/** A table's columns, row by row from where each is; some are told by other means. */
function columns<T>(
  table: Table,
  traces: Record<Side, Trace>,
  sources: readonly Source[],
  other: Record<string, (source: Source) => number>,
): T {
  const made = TRACE_TABLES[table].map(([name, type]) => {
    const values = new ARRAYS[type](sources.length);
    const own = other[name];
    const of = (side: Side) =>
      (traces[side][table] as unknown as Record<string, ArrayLike<number>>)[name] ?? [];
    const columnOf = { old: of("old"), told: of("told") };
    sources.forEach((source, place) => {
      values[place] = own ? own(source) : (columnOf[source.side][source.row] ?? 0);
    });
    return [name, values];
  });
  return Object.fromEntries(made) as T;
}
