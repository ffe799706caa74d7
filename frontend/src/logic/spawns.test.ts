import { expect, it } from "vitest";
import type { Topology } from "../api/types";
import { spawnsOf } from "./spawns";

const load = { failures: 0, duration_us: 1, tokens: 0, cost_usd: 0.5, unpriced_calls: 0 };
const node = (id: string, kind: Topology["nodes"][number]["kind"]) =>
  ({ ...load, id, kind, name: id, calls: 1 }) as Topology["nodes"][number];

it("has the edges between agents, those that were run most first", () => {
  const told = spawnsOf({
    nodes: [node("main", "agent"), node("Explore", "agent"), node("Plan", "agent"), node("Read", "tool")],
    edges: [
      { ...load, source: "main", target: "Read", calls: 9 },
      { ...load, source: "main", target: "Plan", calls: 1 },
      { ...load, source: "main", target: "Explore", calls: 3 },
      { ...load, source: "Plan", target: "Explore", calls: 2 },
    ],
  });
  expect(told.spawns.map((one) => [one.from, one.to, one.calls])).toEqual([
    ["main", "Explore", 3],
    ["Plan", "Explore", 2],
    ["main", "Plan", 1],
  ]);
  expect([told.starters, told.started]).toEqual([
    ["main", "Plan"],
    ["Explore", "Plan"],
  ]);
});
