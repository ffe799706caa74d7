import { expect, test } from "vitest";
import { type Selection, selectionName } from "./selection";
import { stepDear, stepInLane, stepTurn } from "./steps";
import { drawTrace } from "./trace-picture";

const TREE = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 5, tokens: 10, cost: 3 },
      { kind: "tool", start: 9, duration: 1 },
      { kind: "tool", start: 5, duration: 1 },
    ],
    [
      { kind: "llm", start: 20, duration: 5, tokens: 10, cost: 8 },
      { kind: "session", start: 30, child: 1 },
    ],
  ],
  [[{ kind: "llm", start: 31, duration: 5, tokens: 10, cost: 5 }]],
);
const op = (number: number, session = "codex:0"): Selection => ({ type: "op", session, number });
const turn = (number: number): Selection => ({ type: "turn", session: "codex:0", number });
const name = (sel: Selection | null) => sel && selectionName(sel);

test("in its lane an op's neighbours are those by time", () => {
  expect(name(stepInLane(TREE, op(1), 1))).toBe("op:3");
  expect(name(stepInLane(TREE, op(3), 1))).toBe("op:2");
  expect(name(stepInLane(TREE, op(2), -1))).toBe("op:3");
  expect(stepInLane(TREE, op(1), -1)).toBeNull();
  expect(stepInLane(TREE, op(1, "codex:1"), 1)).toBeNull();
});

test("from a turn, and from nothing, one comes into the lane", () => {
  expect(name(stepInLane(TREE, null, 1))).toBe("op:1");
  expect(name(stepInLane(TREE, null, -1))).toBe("op:5");
  expect(name(stepInLane(TREE, turn(2), 1))).toBe("op:4");
  expect(name(stepInLane(TREE, turn(2), -1))).toBe("op:2");
});

test("the next turn is that of the session one is in", () => {
  expect(name(stepTurn(TREE, null, 1))).toBe("turn:1");
  expect(name(stepTurn(TREE, op(2), 1))).toBe("turn:2");
  expect(name(stepTurn(TREE, turn(2), -1))).toBe("turn:1");
  expect(stepTurn(TREE, turn(2), 1)).toBeNull();
  expect(stepTurn(TREE, op(1, "codex:1"), 1)).toBeNull();
});

test("the most expensive call is first, and behind the last it begins anew", () => {
  expect(name(stepDear(TREE, null))).toBe("op:4");
  expect(stepDear(TREE, op(4))).toEqual(op(1, "codex:1"));
  expect(name(stepDear(TREE, op(1, "codex:1")))).toBe("op:1");
  expect(name(stepDear(TREE, op(1)))).toBe("op:4");
});
