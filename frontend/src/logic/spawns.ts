/** Which agents started which: the edges between agents of a topology. */

import type { Topology } from "../api/types";

export interface Spawn {
  from: string;
  to: string;
  calls: number;
  failures: number;
  duration_us: number;
  cost_usd: number;
}

export interface Spawns {
  spawns: Spawn[];
  /** Those with most runs first. */
  starters: string[];
  started: string[];
}

export function spawnsOf(topology: Pick<Topology, "nodes" | "edges">): Spawns {
  const agents = new Map(
    topology.nodes.flatMap((node) => (node.kind === "agent" ? [[node.id, node.name ?? "unknown"]] : [])),
  );
  const spawns = topology.edges.flatMap((edge): Spawn[] => {
    const [from, to] = [agents.get(edge.source), agents.get(edge.target)];
    if (from === undefined || to === undefined) return [];
    const { calls, failures, duration_us, cost_usd } = edge;
    return [{ from, to, calls, failures, duration_us, cost_usd }];
  });
  return {
    spawns: spawns.toSorted((one, other) => other.calls - one.calls),
    starters: byRuns(spawns, "from"),
    started: byRuns(spawns, "to"),
  };
}

function byRuns(spawns: readonly Spawn[], side: "from" | "to"): string[] {
  const runs = new Map<string, number>();
  for (const one of spawns) runs.set(one[side], (runs.get(one[side]) ?? 0) + one.calls);
  return [...runs].toSorted((one, other) => other[1] - one[1]).map(([name]) => name);
}
