import { expect, test } from "vitest";
import type { Trace } from "./trace";
import { drawTrace } from "./trace-picture";
import {
  OP_ROW,
  openingsTo,
  opName,
  TURN_ROW,
  timeOf,
  turnName,
  visibleRow,
  type WaterfallRows,
  waterfallRows,
} from "./waterfall-rows";

const TREE = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10 },
      { kind: "reasoning", start: 2, duration: 3, parent: 1 },
      { kind: "tool", name: "Bash", start: 10, duration: 5, parent: 1 },
      { kind: "session", name: "Task", start: 20, duration: 30, child: 1 },
    ],
    [{ kind: "llm", start: 100, duration: 10 }],
    [],
  ],
  [[{ kind: "llm", start: 21, duration: 9 }], [{ kind: "tool", name: "Grep", start: 31, duration: 9 }]],
);

/** Rows as text: indented, with their standing. */
function shown(trace: Trace, rows: WaterfallRows): string[] {
  return Array.from({ length: rows.length }, (_, row) => {
    const ref = rows.ref[row] ?? 0;
    const { ops, turns, head } = trace;
    const text =
      rows.type[row] === TURN_ROW
        ? `turn ${turns.turn[ref]}`
        : head.names[ops.name[ref] ?? 0] || head.kinds[ops.kind[ref] ?? 0];
    return `${"  ".repeat(rows.depth[row] ?? 0)}${" ▸▾"[rows.state[row] ?? 0]?.trim() ?? ""}${text}`;
  });
}

test("a turn is a row, closed unless it is empty", () => {
  expect(shown(TREE, waterfallRows(TREE, new Set()))).toEqual(["▸turn 1", "▸turn 2", "turn 3"]);
});

test("an open turn shows its ops, each below what it belongs to", () => {
  const opened = new Set([turnName(TREE, 0)]);
  expect(shown(TREE, waterfallRows(TREE, opened))).toEqual([
    "▾turn 1",
    "  llm",
    "    reasoning",
    "    Bash",
    "  ▸Task",
    "▸turn 2",
    "turn 3",
  ]);
});

test("an open sub-agent shows its turns", () => {
  const opened = new Set([turnName(TREE, 0), opName(TREE, 3)]);
  expect(shown(TREE, waterfallRows(TREE, opened)).slice(4, 8)).toEqual([
    "  ▾Task",
    "    ▸turn 1",
    "    ▸turn 2",
    "▸turn 2",
  ]);
});

test("an op deep below is shown once all above it is open", () => {
  const grep = 6;
  const rows = waterfallRows(TREE, new Set(openingsTo(TREE, grep)));
  expect(shown(TREE, rows)[visibleRow(TREE, rows, { type: OP_ROW, ref: grep })]).toBe("      Grep");
});

test("sessions that started each other are shown once", () => {
  const circle = drawTrace(
    [[{ kind: "session", start: 0, child: 1 }]],
    [[{ kind: "session", start: 1, child: 0 }]],
  );
  const opened = new Set([turnName(circle, 0), turnName(circle, 1), opName(circle, 0), opName(circle, 1)]);
  expect(waterfallRows(circle, opened).length).toBe(4);
});

test("what ended late stands with its own turn, though it belongs to nothing there", () => {
  const late = drawTrace([
    [{ kind: "llm", start: 0, duration: 1 }],
    [{ kind: "tool", name: "Bash", start: 5, duration: 1, parent: 1 }],
  ]);
  const opened = new Set([turnName(late, 0), turnName(late, 1)]);
  expect(shown(late, waterfallRows(late, opened))).toEqual(["▾turn 1", "  llm", "▾turn 2", "  Bash"]);
});

test("what is in a closed row is shown by that row", () => {
  const grep = { type: OP_ROW, ref: 6 };
  const rowIn = (opened: string[]) => {
    const rows = waterfallRows(TREE, new Set(opened));
    return shown(TREE, rows)[visibleRow(TREE, rows, grep)];
  };
  expect(rowIn([])).toBe("▸turn 1");
  expect(rowIn([turnName(TREE, 0)])).toBe("  ▸Task");
  expect(rowIn([turnName(TREE, 0), opName(TREE, 3)])).toBe("    ▸turn 2");
  expect(visibleRow(TREE, waterfallRows(TREE, new Set()), { type: OP_ROW, ref: -1 })).toBe(-1);
});

test("a time is as long as it is known to be", () => {
  expect(timeOf(TREE, { type: TURN_ROW, ref: 0 })).toEqual({ start: 0, end: 50 });
  expect(timeOf(TREE, { type: OP_ROW, ref: 2 })).toEqual({ start: 10, end: 15 });
  expect(timeOf(TREE, { type: TURN_ROW, ref: 2 })).toBeUndefined();
});
