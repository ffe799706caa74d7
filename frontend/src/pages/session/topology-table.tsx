import { useMemo } from "react";
import {
  callers,
  type GraphMetric,
  metricOf,
  type Topology,
  type TopologyNode,
} from "../../core/graph-layout";
import { formatMetric, kindName, nodeName } from "../../logic/topology";
import { formatCount, formatDuration, formatTotalCost, groupThousands } from "../../logic/units";
import { type Column, DataTable } from "./data-table";

const COLUMNS: readonly Column[] = [
  { text: "What", width: "minmax(180px, 1fr)" },
  { text: "Kind", width: "86px" },
  { text: "Calls", width: "60px", number: true },
  { text: "Failed", width: "60px", number: true },
  { text: "Time", width: "80px", number: true },
  { text: "Cost", width: "80px", number: true },
  { text: "Tokens", width: "64px", number: true },
  { text: "Context", width: "64px", number: true, hint: "The fullest of its model calls" },
];

interface TopologyTableProps {
  topology: Topology;
  metric: GraphMetric;
  chosen: string | null;
  onChoose: (node: TopologyNode) => void;
  onOpen: (node: TopologyNode) => void;
}

/** A topology as rows: what was called stands below who called it first, the greatest first. */
export function TopologyTable({ topology, metric, chosen, onChoose, onOpen }: TopologyTableProps) {
  const listed = useMemo(() => listTopology(topology, metric), [topology, metric]);
  const cell = (row: number, column: number): React.ReactNode => {
    const node = listed[row]?.node;
    if (!node) return null;
    return [
      nodeName(node),
      kindName(node.kind),
      groupThousands(node.calls),
      node.failures > 0 ? groupThousands(node.failures) : "",
      formatDuration(node.duration_us),
      formatTotalCost({
        ...node,
        tokens_in: node.tokens,
        tokens_out: 0,
        tokens_cache_read: 0,
        tokens_cache_write: 0,
      }),
      node.tokens > 0 ? formatCount(node.tokens) : "",
      node.context_percent === null ? "" : formatMetric("context", node.context_percent),
    ][column];
  };
  return (
    <DataTable
      label="Graph as a table"
      columns={COLUMNS}
      count={listed.length}
      cell={cell}
      depth={(row) => listed[row]?.depth ?? 0}
      chosen={listed.findIndex(({ node }) => node.id === chosen)}
      onChoose={(row) => {
        const found = listed[row];
        if (found) onChoose(found.node);
      }}
      onOpen={(row) => {
        const found = listed[row];
        if (found) onOpen(found.node);
      }}
      rowKey={(row) => listed[row]?.node.id ?? ""}
    />
  );
}

function listTopology(topology: Topology, metric: GraphMetric): { node: TopologyNode; depth: number }[] {
  const above = callers(topology);
  const below = new Map<string, TopologyNode[]>();
  for (const node of topology.nodes) {
    const key = above.get(node.id) ?? "";
    below.set(key, [...(below.get(key) ?? []), node]);
  }
  const listed: { node: TopologyNode; depth: number }[] = [];
  const visit = (key: string, depth: number): void => {
    const nodes = (below.get(key) ?? []).toSorted(
      (one, other) => metricOf(other, metric) - metricOf(one, metric),
    );
    for (const node of nodes) {
      listed.push({ node, depth });
      visit(node.id, depth + 1);
    }
  };
  visit("", 0);
  return listed;
}
