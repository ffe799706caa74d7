import { expect, test } from "vitest";
import { settle } from "./force";
import { callers, extentOf, fanOuts, radii, type Topology, treeLayout } from "./graph-layout";
import { stressOf } from "./stress";

const LOAD = { calls: 1, failures: 0, duration_us: 0, tokens: 0, cost_usd: 0, unpriced_calls: 0 };

function drawn(nodes: Record<string, number>, ...edges: string[]): Topology {
  return {
    size: "cost",
    nodes: Object.entries(nodes).map(([id, cost_usd]) => ({
      ...LOAD,
      cost_usd,
      id,
      kind: id.startsWith("rest") ? ("rest" as const) : ("tool" as const),
      name: id,
      label: null,
      session: null,
      turn: null,
      seq: null,
      sessions: 0,
      nodes: 1,
      context_percent: null,
    })),
    edges: edges.map((edge) => {
      const [source = "", target = ""] = edge.split(">");
      return { ...LOAD, source, target };
    }),
    total: Object.keys(nodes).length,
    left_out: 0,
  };
}

const topology = drawn({ main: 4, a: 1, b: 16, c: 0 }, "main>a", "main>b", "a>c");

test("areas are as the values; what has nothing can still be seen", () => {
  const radius = radii(topology.nodes, "cost");
  expect((radius.get("b") ?? 0) / (radius.get("main") ?? 1)).toBe(2);
  expect(radius.get("c")).toBeGreaterThan(0);
});

test("a node hangs on the first that called it, also where they call each other", () => {
  expect(Object.fromEntries(callers(topology))).toEqual({ a: "main", b: "main", c: "a" });
  const circle = drawn({ x: 1, y: 1 }, "x>y", "y>x", "x>x");
  expect(Object.fromEntries(callers(circle))).toEqual({ y: "x" });
});

test("no two nodes of a tidy tree touch, and what is called lies right of who called it", () => {
  const nodes: Record<string, number> = { main: 50 };
  const edges: string[] = [];
  for (let i = 0; i < 60; i++) {
    nodes[`n${i}`] = (i * 7919) % 50;
    edges.push(`${i % 4 === 0 ? "main" : `n${i - 1}`}>n${i}`);
  }
  const many = drawn(nodes, ...edges);
  const radius = radii(many.nodes, "cost");
  const spots = treeLayout(many, radius);
  expect(spots.size).toBe(many.nodes.length);
  for (const { source, target } of many.edges) {
    expect(spots.get(target)?.x ?? 0).toBeGreaterThan(spots.get(source)?.x ?? Infinity);
  }
  const placed = [...spots];
  const touching = placed.flatMap(([one, at], place) =>
    placed.slice(place + 1).filter(([other, there]) => {
      const apart = Math.hypot(at.x - there.x, at.y - there.y);
      return apart < (radius.get(one) ?? 0) + (radius.get(other) ?? 0);
    }),
  );
  expect(touching).toEqual([]);
  expect(extentOf(spots, radius).right).toBeGreaterThan(extentOf(spots, radius).left);
});

test("several roots stand beside each other", () => {
  const spots = treeLayout(drawn({ a: 1, b: 1 }), radii([], "cost"));
  expect(new Set([...spots.values()].map(({ x }) => x)).size).toBe(1);
  expect(spots.size).toBe(2);
});

test("fan-out is how many others a node called", () => {
  expect(fanOuts(topology).get("main")).toBe(2);
});

test("settled by force, the same start ends at the same place, and nothing lies upon another", () => {
  const task = {
    nodes: topology.nodes.map(({ id }, place) => ({ id, x: place * 10, y: 0, radius: 10 })),
    edges: topology.edges.map(({ source, target }) => ({ source, target })),
  };
  const first = settle(task);
  expect(settle(task)).toEqual(first);
  const apart = first.flatMap((one, place) =>
    first.slice(place + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y)),
  );
  expect(Math.min(...apart)).toBeGreaterThan(15);
});

test("stress is what lies far above the mean, the greatest first, without what stands for many", () => {
  const found = stressOf(drawn({ a: 1, b: 1, c: 1, d: 9, e: 0, rest: 100 }).nodes, "cost", 2);
  expect(found.map(({ node, z }) => [node.id, Number(z.toFixed(2))])).toEqual([
    ["d", 1.99],
    ["a", -0.42],
  ]);
});
