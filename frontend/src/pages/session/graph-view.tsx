import { useMemo, useState } from "react";
import { useLiveRefresh } from "../../api/live";
import { useSessionTopology } from "../../api/queries";
import { type GraphMetric, metricOf, SIZES, type TopologyNode } from "../../core/graph-layout";
import { type Selection, selectionName, selectionOf } from "../../core/selection";
import { nodeIdsOf, nodeIdsOfOp, type TopologyLevel } from "../../core/topology-ids";
import { OP_ROW } from "../../core/waterfall-rows";
import { formatMetric, kindName, nodeName } from "../../logic/topology";
import { formatTotalCost, groupThousands, plural } from "../../logic/units";
import { Graph, type GraphLayout } from "../../ui/graph/graph";
import { EmptyState, ErrorState, Skeleton, StaleNote } from "../../ui/states";
import styles from "./graph-view.module.css";
import { StressPanel } from "./stress-panel";
import { TopologyTable } from "./topology-table";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";
import { BarButton, BarNote, Choices, Select, ViewBar } from "./view-bar";
import type { ViewProps } from "./view-props";

const LEVELS: readonly (readonly [TopologyLevel, string, string])[] = [
  ["agents", "Agents", "Each agent with its tools and models"],
  ["turns", "+ Turns", "Turn by turn"],
  ["calls", "+ Calls", "Each call alone"],
];
const LEVEL_NAMES = LEVELS.map(([level]) => level);
const LAYOUTS: readonly (readonly [GraphLayout, string, string])[] = [
  ["tree", "Tree", "From left to right, who called on the left"],
  ["force", "Force", "What belongs together lies together"],
];
const LAYOUT_NAMES = LAYOUTS.map(([layout]) => layout);
const METRIC_CHOICES: readonly (readonly [GraphMetric, string])[] = [
  ["time", "Time"],
  ["cost", "Cost"],
  ["tokens", "Tokens"],
  ["count", "Calls"],
  ["failures", "Failures"],
  ["context", "Context"],
];
const METRIC_NAMES = METRIC_CHOICES.map(([metric]) => metric);
const NODES = 300;
const MOST_NODES = 2000;

/** Who called what in the session tree, and where the stress was. */
export default function GraphView({ bench, lanes, mask, onOpenSession }: ViewProps) {
  const { trace } = lanes;
  const page = trace.head.sessions[0]?.id ?? "";
  const [level, setLevel] = useAddressChoice("level", LEVEL_NAMES);
  const [layout, setLayout] = useAddressChoice("layout", LAYOUT_NAMES);
  const [size, setSize] = useAddressChoice("size", METRIC_NAMES);
  const [shape, setShape] = useAddressChoice("as", ["chart", "table"] as const);
  const [stress, setStress] = useAddressChoice("stress", ["on", "off"] as const);
  const [nodes, setNodes] = useState(NODES);
  const sel = useBenchState(bench, (state) => state.sel);
  const range = useBenchState(bench, (state) => state.range);
  const query = useSessionTopology(page, { level, size: SIZES[size], nodes });
  useLiveRefresh(
    (change) => change.everything || trace.head.sessions.some(({ id }) => change.sessions.has(id)),
    () => query.refetch(),
  );
  const topology = query.data;
  const known = useMemo(() => new Map(topology?.nodes.map((node) => [node.id, node])), [topology]);
  const chosen = sel ? (nodeIdsOf(trace, sel, level).find((id) => known.has(id)) ?? null) : null;
  const matching = useMemo(() => {
    if (!mask) return null;
    const ids = new Set<string>();
    mask.forEach((match, op) => {
      if (match !== 0) for (const id of nodeIdsOfOp(trace, op, level)) ids.add(id);
    });
    return ids;
  }, [mask, trace, level]);

  const choose = (node: TopologyNode) =>
    bench.set({ sel: selectionOfNode(node), origin: "graph", follow: false });
  const open = (node: TopologyNode) => {
    if (node.kind === "rest") setNodes(Math.min(MOST_NODES, nodes * 2));
    else if (node.kind === "agent" && node.session && node.session.id !== page)
      onOpenSession(node.session.id);
  };
  const goToHeaviest = (id: string) => {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (let op = 0; op < trace.ops.seq.length; op++) {
      if (!nodeIdsOfOp(trace, op, level).slice(0, 2).includes(id)) continue;
      const long = trace.ops.duration[op] ?? Number.NaN;
      const weight = Number.isNaN(long) ? 0 : long;
      if (weight > most) [best, most] = [op, weight];
    }
    if (best !== -1) bench.set({ sel: selectionOf(trace, OP_ROW, best), origin: "graph", follow: false });
  };
  const node = chosen === null ? undefined : known.get(chosen);
  return (
    <section
      className={styles.view}
      aria-label="Graph"
      data-pane="graph"
      data-sel={sel ? selectionName(sel) : undefined}
      data-nodes={topology?.nodes.length}
    >
      <ViewBar label="Graph">
        <Choices label="Level" value={level} choices={LEVELS} onChoose={setLevel} />
        <Select label="Size" value={size} choices={METRIC_CHOICES} onChoose={setSize} />
        <Choices label="Layout" value={layout} choices={LAYOUTS} onChoose={setLayout} />
        <BarButton
          pressed={stress === "on"}
          hint="What was too many"
          onClick={() => setStress(stress === "on" ? "off" : "on")}
        >
          Stress
        </BarButton>
        <BarButton
          pressed={shape === "table"}
          hint="The same as rows and columns"
          onClick={() => setShape(shape === "table" ? "chart" : "table")}
        >
          Table
        </BarButton>
        {topology && topology.left_out > 0 && nodes < MOST_NODES ? (
          <BarButton
            hint={`${groupThousands(topology.left_out)} stand together with others`}
            onClick={() => setNodes(Math.min(MOST_NODES, nodes * 2))}
          >
            Show more
          </BarButton>
        ) : null}
        <BarNote>
          {query.isRefetchError ? (
            <StaleNote since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />
          ) : topology ? (
            `${plural(topology.total, "node")}${topology.left_out > 0 ? `, ${groupThousands(topology.left_out)} of them grouped` : ""}${range ? "; of all the time" : ""}`
          ) : null}
        </BarNote>
      </ViewBar>
      <div className={styles.body}>
        {!topology ? (
          query.isError ? (
            <ErrorState
              what="The graph could not be loaded."
              error={query.error}
              onRetry={() => void query.refetch()}
            />
          ) : (
            <Skeleton rows={12} label="Loading the graph" />
          )
        ) : topology.nodes.length <= 1 ? (
          <EmptyState title="Nothing was called in this session." />
        ) : shape === "table" ? (
          <TopologyTable topology={topology} metric={size} chosen={chosen} onChoose={choose} onOpen={open} />
        ) : (
          <Graph
            key={level}
            topology={topology}
            metric={size}
            layout={layout}
            chosen={chosen}
            isDimmed={matching ? (one) => !matching.has(one.id) : undefined}
            onChoose={choose}
            onOpen={open}
          />
        )}
        {topology && stress === "on" && topology.nodes.length > 1 ? (
          <StressPanel nodes={topology.nodes} metric={size} chosen={chosen} onChoose={choose} />
        ) : null}
      </div>
      {node ? (
        <div className={styles.detail} data-detail={node.id}>
          <b>{nodeName(node)}</b>
          <span>{kindName(node.kind)}</span>
          <span>{plural(node.calls, "call")}</span>
          <span>{formatMetric("time", metricOf(node, "time"))}</span>
          <span>
            {formatTotalCost({
              ...node,
              tokens_in: node.tokens,
              tokens_out: 0,
              tokens_cache_read: 0,
              tokens_cache_write: 0,
            })}
          </span>
          <span>{formatMetric("tokens", node.tokens)} tokens</span>
          {node.context_percent === null ? null : <span>context {Math.round(node.context_percent)} %</span>}
          {node.failures > 0 ? (
            <span className={styles.bad}>{groupThousands(node.failures)} failed</span>
          ) : null}
          <span className={styles.acts}>
            {node.kind === "rest" && nodes < MOST_NODES ? (
              <BarButton onClick={() => open(node)}>Show more</BarButton>
            ) : null}
            {node.kind === "agent" && node.session && node.session.id !== page ? (
              <BarButton onClick={() => open(node)}>Open</BarButton>
            ) : null}
            {node.kind !== "rest" && node.kind !== "turn" && node.kind !== "agent" && node.seq === null ? (
              <BarButton onClick={() => goToHeaviest(node.id)}>Longest call</BarButton>
            ) : null}
          </span>
        </div>
      ) : null}
    </section>
  );
}

/** An agent is its session, a turn its turn, a call its op; what stands for many is a group of the graph's. */
function selectionOfNode(node: TopologyNode): Selection {
  const session = node.session?.id;
  if (session !== undefined && node.kind === "agent") return { type: "sess", session };
  if (session !== undefined && node.kind === "turn" && node.turn !== null) {
    return { type: "turn", session, number: node.turn };
  }
  if (session !== undefined && node.seq !== null) return { type: "op", session, number: node.seq };
  return { type: "node", key: node.id };
}
