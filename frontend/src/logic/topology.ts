/** What a topology's nodes are called, and how what they weigh is written. */

import type { TopologyNode } from "../api/types";
import { modelName } from "./session-names";
import { formatCost, formatCount, formatDuration, groupThousands } from "./units";

const KINDS: Record<TopologyNode["kind"], string> = {
  agent: "Agent",
  turn: "Turn",
  llm: "Model",
  tool: "Tool",
  session: "Sub-agent",
  reasoning: "Reasoning",
  system: "System",
  internal: "Internal",
  compaction: "Compaction",
  rest: "Others",
};

export function kindName(kind: TopologyNode["kind"]): string {
  return KINDS[kind];
}

/** `Read`, `Turn 3`, `+47 Read`. */
export function nodeName(node: Pick<TopologyNode, "kind" | "name" | "turn" | "nodes">): string {
  if (node.kind === "rest") return `+${groupThousands(node.nodes)}${node.name ? ` ${node.name}` : ""}`;
  if (node.kind === "turn") return node.turn === 0 ? "Before the first prompt" : `Turn ${node.turn}`;
  return node.kind === "llm" ? modelName(node.name) : (node.name ?? KINDS[node.kind]);
}

/** @param value Microseconds, US dollars, tokens, a count, percent. */
export function formatMetric(
  metric: "time" | "cost" | "tokens" | "count" | "failures" | "context",
  value: number,
): string {
  if (metric === "time") return formatDuration(value);
  if (metric === "cost") return formatCost(value);
  if (metric === "tokens") return formatCount(value);
  return metric === "context" ? `${Math.round(value)} %` : groupThousands(value);
}
