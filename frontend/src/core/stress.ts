/** What was too many: the nodes that stand out from the others, metric by metric. */

import { type GraphMetric, metricOf, type TopologyNode } from "./graph-layout";

export interface Stress {
  node: TopologyNode;
  value: number;
  /** How many standard deviations it lies above the mean of all nodes. */
  z: number;
}

/** The greatest by a metric, at most `most`; none that have nothing of it, and no node that stands for others. */
export function stressOf(nodes: readonly TopologyNode[], metric: GraphMetric, most: number): Stress[] {
  const alone = nodes.filter((node) => node.kind !== "rest");
  const values = alone.map((node) => metricOf(node, metric));
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  const deviation = Math.sqrt(variance);
  return alone
    .map((node, place) => {
      const value = values[place] ?? 0;
      return { node, value, z: deviation > 0 ? (value - mean) / deviation : 0 };
    })
    .filter(({ value }) => value > 0)
    .toSorted((one, other) => other.value - one.value)
    .slice(0, most);
}
