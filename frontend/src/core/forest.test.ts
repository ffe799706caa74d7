import { expect, test } from "vitest";
import { forestRows, noChildren } from "./forest";
import { CLOSED, LEAF, OPEN } from "./waterfall-rows";

const BELOW: Record<number, number[]> = { 0: [3, 4], 4: [5] };
const forest = {
  roots: Uint32Array.of(0, 1, 2),
  children: (node: number) => Uint32Array.from(BELOW[node] ?? []),
  name: (node: number) => `n${node}`,
};

test("what is open shows what is below it", () => {
  const closed = forestRows(forest, new Set(), null);
  expect([...closed.nodes]).toEqual([0, 1, 2]);
  expect([...closed.state]).toEqual([CLOSED, LEAF, LEAF]);
  const open = forestRows(forest, new Set(["n0", "n4"]), null);
  expect([...open.nodes]).toEqual([0, 3, 4, 5, 1, 2]);
  expect([...open.depth]).toEqual([0, 1, 1, 2, 0, 0]);
  expect([...open.state]).toEqual([OPEN, LEAF, OPEN, LEAF, LEAF, LEAF]);
});

test("siblings are ordered among themselves", () => {
  const rows = forestRows(forest, new Set(["n0"]), { value: (node) => node, descending: true });
  expect([...rows.nodes]).toEqual([2, 1, 0, 4, 3]);
});

const flat = (values: (number | string)[], descending: boolean) => [
  ...forestRows({ roots: Uint32Array.from(values.keys()), children: noChildren, name: String }, new Set(), {
    value: (node) => values[node] ?? Number.NaN,
    descending,
  }).nodes,
];

test("what is not known comes last, either way; what is the same stays as it was", () => {
  expect(flat([2, Number.NaN, 5, 2], true)).toEqual([2, 0, 3, 1]);
  expect(flat([2, Number.NaN, 5, 2], false)).toEqual([0, 3, 2, 1]);
});

test("names go by their letters, and numbers in them by their size", () => {
  expect(flat(["Turn 10", "turn 9", "Read"], false)).toEqual([2, 1, 0]);
});
