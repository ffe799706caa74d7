import { expect, test } from "vitest";
import { contextOf, costSteps, valueAt } from "./figures";
import { drawTrace } from "./trace-picture";

const TREE = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10, tokens: 100, cost: 5 },
      { kind: "tool", start: 10, duration: 5, status: "failed" },
      { kind: "llm", start: 20, duration: 10, tokens: 160, cost: 7 },
      { kind: "compaction", start: 40, duration: 0 },
      { kind: "llm", start: 50, duration: 10, tokens: 30, cost: 1 },
      { kind: "session", start: 60, duration: 30, child: 1 },
    ],
  ],
  [[{ kind: "llm", start: 65, duration: 5, tokens: 50, cost: 2 }]],
);

test("the cost grows when a call ends, to the session's own total and the tree's", () => {
  const { own, tree } = costSteps(TREE);
  expect([...own.value]).toEqual([5, 12, 13]);
  expect([...tree.time]).toEqual([10, 30, 60, 70]);
  expect(tree.value.at(-1)).toBe(15);
  expect(valueAt(tree, 29)).toBe(5);
  expect(valueAt(tree, -1)).toBe(0);
});

test("the context is the last call's, and falls at a compaction", () => {
  const context = contextOf(TREE);
  expect([...context.steps.value]).toEqual([100, 160, 30]);
  expect(context.compactions).toEqual([{ op: 3, time: 40, before: 160, after: 30 }]);
});

test("copies of another session's calls are in no sum", () => {
  const copied = drawTrace([[{ kind: "llm", start: 0, duration: 1, tokens: 9, cost: 9 }]]);
  copied.ops.flags[0] = 1;
  expect(costSteps(copied).own.value).toHaveLength(0);
});
