import { expect, test } from "vitest";
import { type FlameNode, listTree } from "./flame-tree";
import { sandwich, sandwichBoxes, sandwichNames } from "./sandwich";
import { drawTrace } from "./trace-picture";

const ALL = { metric: "count", alone: false, range: null, mask: null } as const;

/** Turns as words, with a model call before each tool. */
const said = (...turns: string[]) =>
  drawTrace(
    turns.map((turn, number) =>
      turn.split(" ").flatMap((name, place) => [
        { kind: "llm" as const, start: number * 1000 + place * 20, duration: 10 },
        { kind: "tool" as const, name, start: number * 1000 + place * 20 + 10, duration: 10 },
      ]),
    ),
  );

const lines = (root: FlameNode) =>
  listTree(root).map(({ node, depth }) => `${"  ".repeat(depth)}${node.name} ${node.total}`);

const trace = said("Grep Read Edit Bash", "Grep Read Bash", "Read");

test("what precedes and follows a tool is told step by step, to the ends of its turn", () => {
  const { before, after } = sandwich(trace, "tool:Read", ALL);
  expect(lines(before)).toEqual(["Read 3", "  Grep 2", "    Start of the turn 2", "  Start of the turn 1"]);
  expect(lines(after)).toEqual([
    "Read 3",
    "  Bash 1",
    "    End of the turn 1",
    "  Edit 1",
    "    Bash 1",
    "      End of the turn 1",
    "  End of the turn 1",
  ]);
});

test("each step's children are together what it is itself", () => {
  const { before, after } = sandwich(trace, "tool:Bash", ALL);
  for (const tree of [before, after]) {
    for (const { node } of listTree(tree)) {
      expect(node.total).toBe(node.own + node.children.reduce((sum, child) => sum + child.total, 0));
    }
  }
});

test("the tool stands once, between what was before it and what came after", () => {
  const { boxes, nodes, middle } = sandwichBoxes(sandwich(trace, "tool:Read", ALL));
  const rowsOf = (name: string) => nodes.flatMap((node, box) => (node.name === name ? [boxes.row[box]] : []));
  expect(rowsOf("Read")).toEqual([middle]);
  expect(rowsOf("Grep")).toEqual([middle - 1]);
  expect(rowsOf("Edit")).toEqual([middle + 1]);
});

test("only the calls of the range count, but what was around them is told", () => {
  const range = { start: 1000, end: 2000 };
  expect(lines(sandwich(trace, "tool:Read", { ...ALL, range }).before)).toEqual([
    "Read 1",
    "  Grep 1",
    "    Start of the turn 1",
  ]);
});

test("tools are offered by how often they were called", () => {
  expect(sandwichNames(trace, false).map(({ name, count }) => `${name} ${count}`)).toEqual([
    "Read 3",
    "Bash 2",
    "Grep 2",
    "Edit 1",
  ]);
});
