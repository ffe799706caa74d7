import { expect, test } from "vitest";
import { breakdown, cacheHit, pageTurns, retryChains, turnBuckets } from "./breakdown";
import { countedOps, sumBy } from "./sums";
import { drawTrace } from "./trace-picture";

const ALL = { range: null, alone: false };

const trace = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10, tokens: 100, cost: 5 },
      { kind: "tool", name: "Bash", start: 10, duration: 4, status: "failed" },
      { kind: "llm", start: 14, duration: 6, tokens: 50, cost: 3 },
      { kind: "tool", name: "Bash", start: 20, duration: 8 },
    ],
    [
      { kind: "session", name: "Task", start: 40, duration: 40, child: 1 },
      { kind: "tool", name: "Read", start: 90, duration: 2 },
    ],
  ],
  [[{ kind: "tool", name: "Bash", start: 50, duration: 6, status: "failed" }]],
);

test("tools are summed up by name, whoever called them", () => {
  const { groups, all } = breakdown(trace, "tool", ALL);
  const bash = groups.find(({ key }) => key === "Bash");
  expect(bash).toMatchObject({ ops: 3, failures: 2, duration: 18, timed: 3, p50: 6, p95: 8 });
  expect(all).toMatchObject({ ops: 4, failures: 2, duration: 20 });
});

test("whatever they are grouped by, the sums are those of the figures, in a range too", () => {
  for (const range of [null, { start: 14, end: 60 }]) {
    const sums = sumBy(trace, countedOps(trace, range, "tree"), 1, () => 0);
    for (const by of ["kind", "agent", "turn", "status"] as const) {
      const { groups, all } = breakdown(trace, by, { range, alone: false });
      expect([all.ops, all.failures, all.cost, all.tokensIn]).toEqual([
        sums.ops[0],
        sums.failures[0],
        sums.cost[0],
        sums.tokensIn[0],
      ]);
      expect(groups.reduce((sum, group) => sum + group.ops, 0)).toBe(sums.ops[0]);
    }
  }
});

test("what a sub-agent did is in the turn that started it", () => {
  expect([...trace.ops.seq.keys()].map((op) => pageTurns(trace)(op))).toEqual([1, 1, 1, 1, 2, 2, 2]);
});

test("the session alone is summed up without its sub-agents", () => {
  expect(breakdown(trace, "tool", { range: null, alone: true }).all.ops).toBe(3);
});

test("of nothing sent no share came from the cache", () => {
  expect(cacheHit({ tokensIn: 25, cacheRead: 75, cacheWrite: 0 })).toBe(0.75);
  expect(cacheHit({ tokensIn: 0, cacheRead: 0, cacheWrite: 0 })).toBeNull();
});

test("many turns are put together, each in one place", () => {
  const many = drawTrace(
    Array.from({ length: 450 }, (_, i) => [{ kind: "tool" as const, start: i, duration: 1 }]),
  );
  const { numbers, of } = turnBuckets(many, 200);
  expect(numbers.length).toBeLessThanOrEqual(200);
  expect(numbers[0]).toEqual({ first: 1, last: 3 });
  expect([of(1), of(3), of(4), of(450), of(451)]).toEqual([0, 0, 1, 149, -1]);
});

test("a failure and the calls of the same tool after it are a chain, to the one that succeeds", () => {
  expect(retryChains(trace, ALL)).toEqual([
    { first: 1, last: 3, name: "Bash", tries: 2, failures: 1, solved: true, duration: 18, cost: 3 },
  ]);
});

const call = (name: string, start: number, status: "failed" | "completed") => ({
  kind: "tool" as const,
  name,
  start,
  duration: 1,
  status,
});

test("another tool between two tries ends a chain, and so does another session", () => {
  const drawn = drawTrace(
    [[call("Bash", 0, "failed"), call("Read", 1, "completed"), call("Bash", 2, "failed")]],
    [[call("Bash", 3, "failed"), call("Bash", 4, "failed")]],
  );
  expect(retryChains(drawn, ALL).map(({ first, tries, solved }) => [first, tries, solved])).toEqual([
    [3, 2, false],
  ]);
});
