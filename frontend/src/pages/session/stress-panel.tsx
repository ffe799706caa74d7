import { useMemo } from "react";
import type { GraphMetric, TopologyNode } from "../../core/graph-layout";
import { stressOf } from "../../core/stress";
import { formatMetric, kindName, nodeName } from "../../logic/topology";
import styles from "./graph-view.module.css";

const SHOWN = 12;

interface StressPanelProps {
  nodes: readonly TopologyNode[];
  metric: GraphMetric;
  chosen: string | null;
  onChoose: (node: TopologyNode) => void;
}

/** The nodes with most of a metric, and how far each stands out. */
export function StressPanel({ nodes, metric, chosen, onChoose }: StressPanelProps) {
  const found = useMemo(() => stressOf(nodes, metric, SHOWN), [nodes, metric]);
  const most = found[0]?.value ?? 1;
  return (
    <aside className={styles.stress} aria-label="Stress">
      <h3 title="How many standard deviations above the mean of all nodes">What stands out</h3>
      {found.length === 0 ? <p className={styles.none}>Nothing has any of it.</p> : null}
      <ol>
        {found.map(({ node, value, z }) => (
          <li key={node.id}>
            <button
              type="button"
              className={styles.stressed}
              aria-pressed={node.id === chosen}
              title={`${kindName(node.kind)}${node.session?.agent ? ` of ${node.session.agent}` : ""}`}
              onClick={() => onChoose(node)}
            >
              <span className={styles.bar} style={{ width: `${(100 * value) / most}%` }} />
              <span className={styles.name}>{nodeName(node)}</span>
              <span>{formatMetric(metric, value)}</span>
              <span className={z >= 2 ? styles.far : styles.z} title="Standard deviations above the mean">
                {z >= 0 ? "+" : "−"}
                {Math.abs(z).toFixed(1)}σ
              </span>
            </button>
          </li>
        ))}
      </ol>
    </aside>
  );
}
