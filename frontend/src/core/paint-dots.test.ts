import { expect, test } from "vitest";
import { dotRows, hitDot } from "./paint-dots";
import { TimeAxis } from "./time-axis";
import { drawTrace } from "./trace-picture";

const call = (name: string, start: number) => ({ kind: "tool" as const, name, start, duration: 1 });
const trace = drawTrace([
  [
    call("Bash", 10),
    call("Read", 20),
    call("Bash", 30),
    call("Edit", 40),
    call("Grep", 50),
    { kind: "llm", start: 0, duration: 9 },
  ],
]);
const all = [...trace.ops.seq.keys()];

test("the tools most called have a row each, the others one together", () => {
  expect(dotRows(trace, all, 9).map(({ name, ops }) => [name, [...ops]])).toEqual([
    ["Bash", [0, 2]],
    ["Read", [1]],
    ["Edit", [3]],
    ["Grep", [4]],
  ]);
  expect(dotRows(trace, all, 2).map(({ name, ops }) => [name, [...ops]])).toEqual([
    ["Bash", [0, 2]],
    ["3 others", [1, 3, 4]],
  ]);
});

test("a click finds the nearest call of the row it is in", () => {
  const scene = {
    trace,
    rows: dotRows(trace, all, 9),
    axis: new TimeAxis(0, 100, 100),
    ticks: [],
    density: 1,
    chosen: -1,
    preview: null,
  };
  expect(hitDot(scene, 28, 5)).toBe(2);
  expect(hitDot(scene, 19, 25)).toBe(1);
  expect(hitDot(scene, 80, 5)).toBe(-1);
  expect(hitDot(scene, 30, 500)).toBe(-1);
});
