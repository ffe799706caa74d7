import { expect, it } from "vitest";
import { differences, sideBySide } from "./compare";

it("tells what either side has, the greatest difference first", () => {
  const a = new Map([
    ["Read", 5],
    ["Bash", 2],
    ["Grep", 1],
  ]);
  const b = new Map([
    ["Read", 4],
    ["Bash", 9],
    ["Edit", 3],
  ]);
  expect(differences(a, b).map((one) => [one.key, one.more])).toEqual([
    ["Bash", 7],
    ["Edit", 3],
    ["Grep", -1],
    ["Read", -1],
  ]);
});

it("leaves out what neither side has", () => {
  expect(differences(new Map([["x", 0]]), new Map())).toEqual([]);
});

it("puts what is at the same place beside each other", () => {
  expect(sideBySide([1, 2], [3])).toEqual([
    [1, 3],
    [2, undefined],
  ]);
});
