import { expect, test } from "vitest";
import {
  atOnce,
  contextLine,
  laneDepths,
  laneLinks,
  laneOrder,
  LaneRows,
  laneSums,
  MOST_ROWS,
} from "./lane-rows";
import { LaneCache } from "./lanes";
import { ACTIVITIES, selfTimes } from "./self-time";
import { drawTrace } from "./trace-picture";

const ALL = {
  order: "spawn",
  pinned: new Set<string>(),
  hidden: new Set<string>(),
  solo: new Set<string>(),
} as const;

const trace = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10, tokens: 100, cost: 5 },
      { kind: "session", name: "Task", start: 10, duration: 40, child: 1 },
      { kind: "session", name: "Task", start: 12, duration: 50, child: 2 },
      { kind: "tool", name: "Bash", start: 14, duration: 4, status: "failed" },
    ],
  ],
  [[{ kind: "llm", start: 12, duration: 30, tokens: 10, cost: 7 }]],
  [
    [
      { kind: "llm", start: 20, duration: 10, tokens: 10, cost: 50 },
      { kind: "tool", name: "Read", start: 30, duration: 30 },
    ],
  ],
);

test("the lanes come in the order of their start, of their cost or of their duration, the page's own first", () => {
  const sums = laneSums(trace);
  expect(laneOrder(trace, sums, ALL)).toEqual([0, 1, 2]);
  expect(laneOrder(trace, sums, { ...ALL, order: "cost" })).toEqual([0, 2, 1]);
  expect(laneOrder(trace, sums, { ...ALL, order: "duration" })).toEqual([0, 2, 1]);
});

test("a pinned lane stands first, a hidden one nowhere, and beside a solo only the page's own", () => {
  const sums = laneSums(trace);
  expect(laneOrder(trace, sums, { ...ALL, pinned: new Set(["codex:2"]) })).toEqual([0, 2, 1]);
  expect(laneOrder(trace, sums, { ...ALL, hidden: new Set(["codex:1", "codex:0"]) })).toEqual([0, 2]);
  expect(laneOrder(trace, sums, { ...ALL, solo: new Set(["codex:2"]) })).toEqual([0, 2]);
  expect([...laneDepths(trace)]).toEqual([0, 1, 1]);
});

test("what runs at the same time lies in rows below each other, nothing upon another", () => {
  const rows = new LaneRows(new LaneCache(trace)).of(0);
  expect(rows.map(({ bars }) => [...bars.order])).toEqual([[0, 1], [2], [3]]);
  for (const { bars } of rows) {
    const { order, start, duration } = bars;
    const ends = [...order].map((op) => (start[op] ?? 0) + (duration[op] ?? 0));
    const next = [...order].slice(1).map((op) => start[op] ?? 0);
    expect(next.every((time, place) => time >= (ends[place] ?? 0))).toBe(true);
  }
});

test("however much runs at once, the rows are few and every op has its place", () => {
  const many = drawTrace([
    Array.from({ length: 40 }, (_, i) => ({ kind: "tool" as const, start: i, duration: 100 })),
  ]);
  const rows = new LaneRows(new LaneCache(many)).of(0);
  expect(rows).toHaveLength(MOST_ROWS);
  expect(rows.reduce((sum, row) => sum + row.bars.order.length, 0)).toBe(40);
});

test("what a filter leaves out keeps its place, apart", () => {
  const mask = Uint8Array.of(1, 0, 1, 1, 1, 1, 1);
  const rows = new LaneRows(new LaneCache(trace), mask).of(0);
  expect(rows.map(({ bars, dimmed }) => [[...bars.order], [...(dimmed?.order ?? [])]])).toEqual([
    [[0], [1]],
    [[2], []],
    [[3], []],
  ]);
});

test("a lane's context is that of its own calls, of many in a place the fullest", () => {
  expect(contextLine(trace, 0, 10)).toEqual([100]);
  const grown = drawTrace([
    [100, 300, 200, 500].map((tokens, i) => ({ kind: "llm" as const, start: i, duration: 1, tokens })),
  ]);
  expect(contextLine(grown, 0, 2)).toEqual([300, 500]);
});

test("a sub-agent is linked to the op that ran it, from its start to its end", () => {
  expect(laneLinks(trace, laneSums(trace))).toEqual([
    { from: 0, to: 1, op: 1, spawn: 10, back: 50 },
    { from: 0, to: 2, op: 2, spawn: 12, back: 62 },
  ]);
});

test("who waits for a sub-agent is not at work", () => {
  const { time, value } = atOnce(trace);
  expect([...time]).toEqual([0, 10, 12, 14, 18, 20, 42, 60]);
  expect([...value]).toEqual([1, 0, 1, 2, 1, 2, 1, 0]);
});

test("a lane's sums are its own session's, its times each counted once", () => {
  const [main, , second] = laneSums(trace);
  expect(main).toMatchObject({ start: 0, end: 62, ops: 4, failures: 1, calls: 1, cost: 5, tokens: 100 });
  expect(Object.fromEntries(ACTIVITIES.map((name, part) => [name, main?.split[part]]))).toEqual({
    compaction: 0,
    model: 10,
    tool: 4,
    agent: 48,
  });
  expect(second).toMatchObject({ start: 20, end: 60, cost: 50 });
});

test("self times are together the time in which anything ran, whatever ran at once", () => {
  let state = 11;
  const draw = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const kinds = ["llm", "tool", "session", "reasoning", "compaction"] as const;
  for (let round = 0; round < 40; round++) {
    const ops = Array.from({ length: 1 + draw(60) }, () => ({
      kind: kinds[draw(kinds.length)] ?? "tool",
      start: draw(500),
      duration: draw(60),
    }));
    const drawn = drawTrace([ops]);
    const busy = new Set(ops.flatMap((op) => Array.from({ length: op.duration }, (_, i) => op.start + i)));
    const self = selfTimes(drawn);
    expect(self.reduce((sum, value) => sum + value, 0)).toBe(busy.size);
    self.forEach((value, op) => expect(value).toBeLessThanOrEqual(drawn.ops.duration[op] ?? 0));
  }
});

test("of two at once a model call has the time before a tool, and a tool before a sub-agent", () => {
  const drawn = drawTrace([
    [
      { kind: "session", start: 0, duration: 100 },
      { kind: "llm", start: 10, duration: 30 },
      { kind: "tool", start: 20, duration: 40 },
      { kind: "reasoning", start: 15, duration: 10, parent: 2 },
    ],
  ]);
  expect([...selfTimes(drawn)]).toEqual([50, 20, 20, 10]);
});
