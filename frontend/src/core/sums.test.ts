import { expect, test } from "vitest";
import { ACTIVITIES } from "./self-time";
import { countedOps, type Measure, sumBy, tokensOf, turnOfSession } from "./sums";
import { drawTrace } from "./trace-picture";

const TREE = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10, tokens: 100, cost: 5 },
      { kind: "tool", start: 10, duration: 5, status: "failed", name: "Bash" },
      { kind: "tool", start: 12, duration: 6, name: "Read" },
    ],
    [
      { kind: "llm", start: 20, duration: 10, tokens: 160, cost: 7 },
      { kind: "session", start: 60, duration: 30, child: 1 },
    ],
  ],
  [[{ kind: "llm", start: 65, duration: 5, tokens: 50, cost: 2 }]],
);

const one = (...of: Parameters<typeof countedOps>) => sumBy(of[0], countedOps(...of), 1, () => 0);

test("without a range everything counts, with one what begins in it", () => {
  const all = one(TREE, null, "tree");
  expect([all.ops, all.failures, all.calls, all.cost, all.total].map((column) => column[0])).toEqual([
    6, 1, 3, 14, 66,
  ]);
  const [first, second] = [
    one(TREE, { start: 0, end: 20 }, "tree"),
    one(TREE, { start: 20, end: 99 }, "tree"),
  ];
  for (const measure of ["ops", "failures", "calls", "cost", "tokensIn", "self", "total"] as Measure[]) {
    expect((first[measure][0] ?? 0) + (second[measure][0] ?? 0)).toBe(all[measure][0]);
  }
});

test("the session alone is without what it started", () => {
  expect(one(TREE, null, "self").cost[0]).toBe(12);
  expect(one(TREE, null, "self").ops[0]).toBe(5);
});

test("groups are together the whole, and no instant of a session counts twice", () => {
  const rows = countedOps(TREE, null, "tree");
  const byKind = sumBy(TREE, rows, TREE.head.kinds.length, (op) => TREE.ops.kind[op] ?? 0);
  const all = one(TREE, null, "tree");
  expect(byKind.self.reduce((sum, value) => sum + value, 0)).toBe(all.self[0]);
  expect(byKind.self[TREE.head.kinds.indexOf("tool")]).toBe(8);
  expect(all.split[ACTIVITIES.indexOf("tool")]).toBe(8);
  expect(tokensOf(byKind, TREE.head.kinds.indexOf("llm"))).toBe(310);
});

test("a mask leaves out what it does not have, and copies are in no sum", () => {
  expect([...countedOps(TREE, null, "tree", Uint8Array.of(1, 0, 0, 1, 0, 1))]).toEqual([0, 3, 5]);
  const copied = drawTrace([[{ kind: "llm", start: 0, duration: 1, tokens: 9, cost: 9 }]]);
  copied.ops.flags[0] = 1;
  expect(one(copied, null, "tree").ops[0]).toBe(0);
});

test("what a sub-agent did is of the page's turn that started it", () => {
  expect([...turnOfSession(TREE)]).toEqual([-1, 1]);
});
