/** Where the nodes of a topology lie: a tidy tree from left to right, its greatest first. */

import { hierarchy, tree } from "d3-hierarchy";
import type { Topology, TopologyNode } from "../api/types";

export type { Topology, TopologyNode } from "../api/types";
export type TopologyEdge = Topology["edges"][number];
export type GraphMetric = "time" | "cost" | "tokens" | "count" | "failures" | "context";

/** What the server calls what nodes are sized by. */
export const SIZES = {
  time: "duration",
  cost: "cost",
  tokens: "tokens",
  count: "calls",
  failures: "failures",
  context: "context",
} as const satisfies Record<GraphMetric, string>;

/** Microseconds, US dollars, tokens, a count, percent. */
export function metricOf(
  load: Pick<TopologyEdge, "duration_us" | "cost_usd" | "tokens" | "calls" | "failures"> & {
    context_percent?: number | null;
  },
  metric: GraphMetric,
): number {
  if (metric === "time") return load.duration_us;
  if (metric === "cost") return load.cost_usd;
  if (metric === "tokens") return load.tokens;
  if (metric === "count") return load.calls;
  return metric === "failures" ? load.failures : (load.context_percent ?? 0);
}

export interface Spot {
  x: number;
  y: number;
}

const LEAST_RADIUS = 5;
const MOST_RADIUS = 30;
const LEVEL_PX = 210;
const LINE_PX = 20;

/** Radii whose areas are as the metric's values: of the greatest the greatest. */
export function radii(nodes: readonly TopologyNode[], metric: GraphMetric): Map<string, number> {
  const most = nodes.reduce((one, node) => Math.max(one, metricOf(node, metric)), 0);
  return new Map(
    nodes.map((node) => {
      const part = most > 0 ? Math.max(0, metricOf(node, metric)) / most : 0;
      return [node.id, Math.max(LEAST_RADIUS, MOST_RADIUS * Math.sqrt(part))];
    }),
  );
}

/** What each node hangs on in the tree: the first that called it; a node that none did hangs on nothing. */
export function callers({ nodes, edges }: Topology): Map<string, string> {
  const targets = new Map<string, string[]>();
  for (const { source, target } of edges) {
    if (source !== target) targets.set(source, [...(targets.get(source) ?? []), target]);
  }
  const called = new Set(edges.filter(({ source, target }) => source !== target).map(({ target }) => target));
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const walk = (from: string) => {
    const queue = [from];
    seen.add(from);
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      for (const target of targets.get(id) ?? []) {
        if (seen.has(target)) continue;
        seen.add(target);
        found.set(target, id);
        queue.push(target);
      }
    }
  };
  for (const { id } of nodes) if (!called.has(id)) walk(id);
  // What calls each other in a circle has no first one: take the greatest.
  for (const { id } of nodes) if (!seen.has(id)) walk(id);
  return found;
}

interface Branch {
  id: string;
  branches: Branch[];
}

export function treeLayout(topology: Topology, radiusOf: ReadonlyMap<string, number>): Map<string, Spot> {
  const above = callers(topology);
  const branches = new Map(topology.nodes.map(({ id }): [string, Branch] => [id, { id, branches: [] }]));
  const top: Branch = { id: "", branches: [] };
  for (const { id } of topology.nodes) {
    const branch = branches.get(id);
    if (branch) (branches.get(above.get(id) ?? "") ?? top).branches.push(branch);
  }
  const alone = top.branches.length === 1 ? top.branches[0] : undefined;
  const radius = (branch: Branch) => Math.max(LINE_PX / 2, (radiusOf.get(branch.id) ?? LEAST_RADIUS) + 4);
  const laid = tree<Branch>()
    .nodeSize([1, LEVEL_PX])
    .separation(
      (one, other) => radius(one.data) + radius(other.data) + (one.parent === other.parent ? 0 : 8),
    )(hierarchy(alone ?? top, (branch) => branch.branches));
  const spots = new Map<string, Spot>();
  laid.each((node) => {
    if (node.data.id !== "") spots.set(node.data.id, { x: node.y, y: node.x });
  });
  return spots;
}

/** How many others each node called. */
export function fanOuts({ edges }: Topology): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of edges) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

/** The frame around all nodes. */
export function extentOf(
  spots: ReadonlyMap<string, Spot>,
  radiusOf: ReadonlyMap<string, number>,
): { left: number; top: number; right: number; bottom: number } {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [id, { x, y }] of spots) {
    const radius = radiusOf.get(id) ?? 0;
    left = Math.min(left, x - radius);
    right = Math.max(right, x + radius);
    top = Math.min(top, y - radius);
    bottom = Math.max(bottom, y + radius);
  }
  return left <= right ? { left, top, right, bottom } : { left: 0, top: 0, right: 1, bottom: 1 };
}
