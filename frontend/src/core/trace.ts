/** A session tree as typed arrays, all in one buffer: no object for an op. */

import type { components } from "../api/schema";
import {
  type CallsTable,
  NONE,
  type OpsTable,
  TRACE_TABLES,
  TRACE_VERSION,
  type TurnsTable,
} from "./trace-columns";

export type TraceHead = components["schemas"]["TraceHead"];

/** What is told of each op, model call and turn, and where to find one from another. */
export interface Trace {
  head: TraceHead;
  ops: OpsTable;
  calls: CallsTable;
  turns: TurnsTable;
  /** Row in `calls` by row in `ops`; `NONE` for what is no model call. */
  callOf: Uint32Array;
  /** Rows of `turns` of each session: from `turnsFrom[i]` up to `turnsFrom[i + 1]`. */
  turnsFrom: Uint32Array;
  /** Rows of `ops` by the turn they belong to, in order of seq: see `opsOfTurn`. */
  opsByTurn: Uint32Array;
  /** The first op that belongs to each op, and the next one that belongs to the same; else `NONE`. */
  firstPart: Uint32Array;
  nextPart: Uint32Array;
  /** Where in `opsByTurn` the ops of each row of `turns` begin, and one more. */
  opsFrom: Uint32Array;
}

const MAGIC = 0x54564941; // "AIVT", read as a little-endian number
type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** How many rows each table has; of each column its base, its unit and the bytes of a number. */
interface Layout {
  rows: Record<keyof typeof TRACE_TABLES, number>;
  packing: Record<keyof typeof TRACE_TABLES, [number, number, number][]>;
}

const WIDTHS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

/**
 * Read what `/api/sessions/{id}/trace` sends; `store/trace.py` says how it is laid out.
 *
 * @throws if it is no trace, or one of another version.
 */
export function decodeTrace(body: ArrayBuffer): Trace {
  const view = new DataView(body);
  if (body.byteLength < 12 || view.getUint32(0, true) !== MAGIC || view.getUint8(4) !== TRACE_VERSION) {
    throw new Error("The server and this page are of different versions; load the page again.");
  }
  let place = 12 + view.getUint32(8, true);
  const text = new TextDecoder().decode(new Uint8Array(body, 12, place - 12));
  const head = JSON.parse(text) as TraceHead & Layout;
  const buffer = new ArrayBuffer(sizeOf(head.rows));
  let end = 0;
  const read = <Table>(name: keyof typeof TRACE_TABLES): Table => {
    const rows = head.rows[name];
    const columns: [string, unknown][] = TRACE_TABLES[name].map(([column, type], number) => {
      const [base, unit, bytes] = head.packing[name][number] ?? [0, 1, 0];
      const values = new WIDTHS[type](buffer, end, rows);
      end += padded(values.byteLength);
      unpack(values, new Uint8Array(body, place, rows * bytes), base, unit);
      place += rows * bytes;
      return [column, values];
    });
    return Object.fromEntries(columns) as Table;
  };
  const ops = read<OpsTable>("ops");
  const calls = read<CallsTable>("calls");
  const turns = read<TurnsTable>("turns");
  return indexTrace(head, ops, calls, turns);
}

/** How many bytes all columns take; each begins at a multiple of 8. */
function sizeOf(rows: Layout["rows"]): number {
  let bytes = 0;
  for (const name of Object.keys(rows) as (keyof typeof TRACE_TABLES)[]) {
    for (const [, type] of TRACE_TABLES[name]) bytes += padded(rows[name] * WIDTHS[type].BYTES_PER_ELEMENT);
  }
  return bytes;
}

const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Fill a column from its bytes, lowest first; `store/packing.py` says what they mean. */
function unpack(values: Column, bytes: Uint8Array, base: number, unit: number): void {
  const rows = values.length;
  const floats = values instanceof Float64Array;
  // Unsigned numbers wrap around by themselves.
  if (!floats) values.fill(base);
  for (let from = 0, weight = 1; from < bytes.length; from += rows, weight *= 256) {
    for (let row = 0; row < rows; row++) values[row] = (values[row] ?? 0) + (bytes[from + row] ?? 0) * weight;
  }
  if (!floats) return;
  for (let row = 0; row < rows; row++) values[row] = values[row] ? base + unit * (values[row] ?? 0) : NaN;
}

/** The columns with what derives from them. */
export function indexTrace(head: TraceHead, ops: OpsTable, calls: CallsTable, turns: TurnsTable): Trace {
  return { head, ops, calls, turns, ...index(head, ops, calls, turns) };
}

/** The rows of the ops of a row of `turns`, in order of seq. */
export function opsOfTurn(trace: Trace, turn: number): Uint32Array {
  return trace.opsByTurn.subarray(trace.opsFrom[turn], trace.opsFrom[turn + 1]);
}

/** The row of `turns` that an op belongs to; -1 if there is none. */
export function turnOfOp(trace: Trace, op: number): number {
  const session = trace.ops.session[op] ?? 0;
  return turnRow(trace, session, trace.ops.turn[op] ?? 0);
}

/** The row of turn `number` of a session; -1 if there is none. */
export function turnRow(trace: Trace, session: number, number: number): number {
  let low = trace.turnsFrom[session] ?? 0;
  let high = (trace.turnsFrom[session + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = trace.turns.turn[middle] ?? 0;
    if (found === number) return middle;
    if (found < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The row of op `seq` of a session; -1 if there is none. */
export function opRow(trace: Trace, session: number, seq: number): number {
  const of = trace.head.sessions[session];
  if (!of) return -1;
  let low = of.first_op;
  let high = of.first_op + of.ops - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = trace.ops.seq[middle] ?? 0;
    if (found === seq) return middle;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function index(head: TraceHead, ops: OpsTable, calls: CallsTable, turns: TurnsTable) {
  const callOf = new Uint32Array(ops.seq.length).fill(NONE);
  calls.op.forEach((op, row) => {
    callOf[op] = row;
  });

  const turnsFrom = new Uint32Array(head.sessions.length + 1);
  for (const session of turns.session) turnsFrom[session + 1] = (turnsFrom[session + 1] ?? 0) + 1;
  for (let i = 1; i < turnsFrom.length; i++) turnsFrom[i] = (turnsFrom[i] ?? 0) + (turnsFrom[i - 1] ?? 0);

  // Work that ended late may stand among a later turn's: so count, then place.
  const rowOf = new Uint32Array(ops.seq.length).fill(NONE);
  const opsFrom = new Uint32Array(turns.turn.length + 1);
  let session = -1;
  let rows = new Map<number, number>();
  for (let op = 0; op < rowOf.length; op++) {
    if (ops.session[op] !== session) {
      session = ops.session[op] ?? 0;
      rows = new Map();
      for (let row = turnsFrom[session] ?? 0; row < (turnsFrom[session + 1] ?? 0); row++) {
        rows.set(turns.turn[row] ?? 0, row);
      }
    }
    const row = rows.get(ops.turn[op] ?? 0);
    if (row === undefined) continue;
    rowOf[op] = row;
    opsFrom[row + 1] = (opsFrom[row + 1] ?? 0) + 1;
  }
  for (let i = 1; i < opsFrom.length; i++) opsFrom[i] = (opsFrom[i] ?? 0) + (opsFrom[i - 1] ?? 0);
  const next = opsFrom.slice();
  const opsByTurn = new Uint32Array(opsFrom.at(-1) ?? 0);
  for (let op = 0; op < rowOf.length; op++) {
    const row = rowOf[op] ?? NONE;
    if (row === NONE) continue;
    const place = next[row] ?? 0;
    opsByTurn[place] = op;
    next[row] = place + 1;
  }

  const firstPart = new Uint32Array(rowOf.length).fill(NONE);
  const nextPart = new Uint32Array(rowOf.length).fill(NONE);
  for (let op = rowOf.length - 1; op >= 0; op--) {
    const parent = ops.parent[op] ?? NONE;
    if (parent === NONE || parent === op) continue;
    nextPart[op] = firstPart[parent] ?? NONE;
    firstPart[parent] = op;
  }
  return { callOf, turnsFrom, opsByTurn, opsFrom, firstPart, nextPart };
}
