import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeTrace, opRow, opsOfTurn, turnOfOp, turnRow } from "./trace";
import { NONE, TRACE_TABLES } from "./trace-columns";

function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

/** What the server sends, binary and as JSON; written by tests/store/test_trace.py. */
function sample(): { body: ArrayBuffer; view: Record<string, Record<string, (number | null)[]>> } {
  const bytes = Uint8Array.from(read("trace-sample.bin"));
  return { body: bytes.buffer, view: JSON.parse(read("trace-sample.json").toString()) };
}

describe("a trace as the server sends it", () => {
  const { body, view } = sample();
  const trace = decodeTrace(body);

  test("is decoded to the values that the server tells as JSON", () => {
    expect(trace.head).toMatchObject(view["head"] ?? {});
    for (const table of ["ops", "calls", "turns"] as const) {
      for (const [column] of TRACE_TABLES[table]) {
        const values = [
          ...(trace[table] as unknown as Record<string, ArrayLike<number> & Iterable<number>>)[column]!,
        ];
        expect(
          values.map((value) => (Number.isNaN(value) ? null : value)),
          `${table}.${column}`,
        ).toEqual(view[table]?.[column]);
      }
    }
  });

  test("is in one buffer, which a worker can hand over", () => {
    for (const table of [trace.ops, trace.calls, trace.turns]) {
      for (const column of Object.values(table)) expect(column.buffer).toBe(trace.ops.start.buffer);
    }
  });

  test("finds each op by its seq, its turn by its number, and its call", () => {
    for (let op = 0; op < trace.ops.seq.length; op++) {
      const session = trace.ops.session[op] ?? 0;
      expect(opRow(trace, session, trace.ops.seq[op] ?? 0)).toBe(op);
      const turn = turnOfOp(trace, op);
      expect(turnRow(trace, session, trace.ops.turn[op] ?? 0)).toBe(turn);
      expect([...opsOfTurn(trace, turn)]).toContain(op);
    }
    trace.calls.op.forEach((op, call) => expect(trace.callOf[op]).toBe(call));
    expect(trace.callOf.filter((call) => call !== NONE)).toHaveLength(trace.calls.op.length);
    expect(opRow(trace, 0, 9999)).toBe(-1);
    expect(turnRow(trace, 0, 9999)).toBe(-1);
  });

  test("of another version is refused", () => {
    const other = body.slice(0);
    new DataView(other).setUint8(4, 99);
    expect(() => decodeTrace(other)).toThrow("different versions");
    expect(() => decodeTrace(new ArrayBuffer(3))).toThrow("different versions");
  });
});
