import { expect, test, vi } from "vitest";
import {
  placeInPage,
  readRange,
  readRanges,
  readSelection,
  rowOfSelection,
  selectionOf,
  Workbench,
  writeRange,
  writeSelection,
} from "./selection";
import { drawTrace } from "./trace-picture";
import { OP_ROW, TURN_ROW } from "./waterfall-rows";

const TREE = drawTrace(
  [
    [{ kind: "llm", start: 0 }],
    [
      { kind: "llm", start: 10 },
      { kind: "session", start: 20, child: 1 },
    ],
  ],
  [[{ kind: "tool", start: 21 }]],
);

test("a selection and a range are text in the address, and text is them", () => {
  for (const text of ["op:17", "turn:0", "op:3@codex:1", "sess:codex:1", "node:tool/Bash"]) {
    const sel = readSelection(text, "codex:0");
    expect(sel && writeSelection(sel, "codex:0")).toBe(text);
  }
  const range = readRange("1767268800000000-1767268860000000");
  expect(range && writeRange(range)).toBe("1767268800000000-1767268860000000");
});

test("what is no selection and no range is none", () => {
  for (const text of [null, "", "op:", "op:x", "sess:", "op:12345678901"])
    expect(readSelection(text, "codex:0")).toBeNull();
  for (const text of [null, "", "5-1", "1", "a-b", "1-2-3"]) expect(readRange(text)).toBeNull();
});

test("every row is selected by what it is, and found again", () => {
  for (const [type, table] of [
    [OP_ROW, TREE.ops],
    [TURN_ROW, TREE.turns],
  ] as const) {
    for (let ref = 0; ref < table.turn.length; ref++) {
      expect(rowOfSelection(TREE, selectionOf(TREE, type, ref))).toEqual({ type, ref });
    }
  }
});

test("what a sub-agent did lies where the page's session ran it", () => {
  const grep = { type: "op", session: "codex:1", number: 1 } as const;
  expect(placeInPage(TREE, grep)).toEqual({ turn: 2, seq: 3 });
  expect(placeInPage(TREE, { ...grep, type: "turn" })).toEqual({ turn: 2, seq: 3 });
  expect(placeInPage(TREE, { type: "turn", session: "codex:0", number: 2 })).toEqual({ turn: 2, seq: null });
  expect(placeInPage(TREE, { ...grep, session: "codex:9" })).toBeNull();
});

test("those who listen hear of a change, and of none that changes nothing", () => {
  const bench = new Workbench();
  const heard = vi.fn<() => void>();
  bench.subscribe(heard);
  bench.set({ gaps: null });
  expect(heard).not.toHaveBeenCalled();
  bench.toggle("codex:0 t1");
  expect(heard).toHaveBeenCalledOnce();
  expect(bench.state.opened.has("codex:0 t1")).toBe(true);
});

test("one goes into ranges and back out of them", () => {
  const bench = new Workbench();
  const [outer, inner] = [
    { start: 0, end: 100 },
    { start: 10, end: 20 },
  ];
  bench.commit(outer);
  bench.set({ preview: inner });
  bench.commit(inner);
  expect(bench.state).toMatchObject({ range: inner, preview: null, committed: [outer, inner] });
  bench.leaveTo(1);
  expect(bench.state).toMatchObject({ range: outer, committed: [outer] });
  bench.leaveTo(0);
  expect(bench.state).toMatchObject({ range: null, committed: [] });
  expect(readRanges([outer, inner].map(writeRange).join(","))).toEqual([outer, inner]);
  expect(readRanges("5-1,x")).toEqual([]);
});

test("a sub-agent's session is where it was started", () => {
  expect(rowOfSelection(TREE, { type: "sess", session: "codex:1" })).toEqual({ type: OP_ROW, ref: 2 });
  expect(rowOfSelection(TREE, { type: "sess", session: "codex:0" }).ref).toBe(-1);
  expect(rowOfSelection(TREE, { type: "node", key: "tool/Bash" }).ref).toBe(-1);
});

test("one leaves the find, then the drawn range, then what is chosen, then the ranges", () => {
  const [outer, inner, drawn] = [
    { start: 0, end: 100 },
    { start: 10, end: 20 },
    { start: 12, end: 14 },
  ];
  const bench = new Workbench({ find: "disk", sel: { type: "turn", session: "codex:0", number: 1 } });
  bench.commit(outer);
  bench.commit(inner);
  bench.set({ range: { start: 11, end: 19 }, preview: drawn });
  const left = () => {
    bench.escape();
    const { find, preview, sel, range, committed } = bench.state;
    return [find, preview, sel?.type ?? null, range, committed.length];
  };
  const zoomed = bench.state.range;
  expect(left()).toEqual(["", drawn, "turn", zoomed, 2]);
  expect(left()).toEqual(["", null, "turn", zoomed, 2]);
  expect(left()).toEqual(["", null, null, zoomed, 2]);
  expect(left()).toEqual(["", null, null, inner, 2]);
  expect(left()).toEqual(["", null, null, outer, 1]);
  expect(left()).toEqual(["", null, null, null, 0]);
});

test("one long wait is shown as it is until all are folded anew", () => {
  const bench = new Workbench();
  bench.unfold({ start: 5, end: 9 });
  expect([...bench.state.unfolded]).toEqual([5]);
  bench.fold(true);
  expect(bench.state.unfolded.size).toBe(0);
});
