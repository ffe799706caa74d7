import { expect, test } from "vitest";
import { formatMetric, nodeName } from "./topology";

const node = { kind: "tool", name: "Read", turn: null, nodes: 1 } as const;

test("a node is called what it is; what stands for many says for how many", () => {
  expect(nodeName(node)).toBe("Read");
  expect(nodeName({ ...node, kind: "rest", nodes: 47 })).toBe("+47 Read");
  expect(nodeName({ ...node, kind: "rest", name: null, nodes: 1200 })).toBe("+1,200");
  expect(nodeName({ ...node, kind: "turn", name: null, turn: 3 })).toBe("Turn 3");
  expect(nodeName({ ...node, kind: "llm", name: "claude-opus-4-6" })).toBe("opus-4-6");
  expect(nodeName({ ...node, kind: "reasoning", name: null })).toBe("Reasoning");
});

test("values are written in their own unit", () => {
  expect(formatMetric("time", 3.2e6)).toBe("3.2s");
  expect(formatMetric("cost", 1.5)).toBe("$1.50");
  expect(formatMetric("context", 81.4)).toBe("81 %");
});
