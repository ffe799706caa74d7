import { useMemo, useState } from "react";
import { breakdown, cacheHit, type GroupBy, type GroupSums, type OpsChoice } from "../../core/breakdown";
import type { Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import { modelName } from "../../logic/session-names";
import { formatCount, formatDuration, formatTotalCost, groupThousands, MISSING } from "../../logic/units";
import { formatShare } from "../../logic/weights";
import { type Kind, KIND_LABELS } from "../../ui/icons";
import { type Column, DataTable } from "./data-table";
import { Panel } from "./panel";
import styles from "./stats-view.module.css";
import { useAddressChoice } from "./use-address";
import { Choices } from "./view-bar";

const GROUPS: readonly (readonly [GroupBy, string])[] = [
  ["tool", "Tools"],
  ["kind", "Kinds"],
  ["model", "Models"],
  ["agent", "Agents"],
  ["turn", "Turns"],
  ["status", "Status"],
];
const GROUP_NAMES = GROUPS.map(([group]) => group);

interface Metric {
  text: string;
  hint?: string;
  width: string;
  value: (sums: GroupSums) => number;
  show: (sums: GroupSums) => string;
}

const time = (micros: number) => (Number.isNaN(micros) ? MISSING : formatDuration(micros));
const count = (value: number) => (value > 0 ? groupThousands(value) : "");
const tokens = (value: number) => (value > 0 ? formatCount(value) : "");

const METRICS: readonly Metric[] = [
  { text: "Steps", width: "54px", value: (one) => one.ops, show: (one) => groupThousands(one.ops) },
  { text: "Failed", width: "54px", value: (one) => one.failures, show: (one) => count(one.failures) },
  {
    text: "Fail %",
    width: "50px",
    value: (one) => one.failures / one.ops,
    show: (one) => (one.failures > 0 ? formatShare(one.failures, one.ops) : ""),
  },
  {
    text: "Time",
    hint: "Of all its steps; of those at the same time each counts",
    width: "70px",
    value: (one) => one.duration,
    show: (one) => (one.timed > 0 ? formatDuration(one.duration) : MISSING),
  },
  {
    text: "Self",
    hint: "Each instant of a session counts once, for what ran then",
    width: "70px",
    value: (one) => one.self,
    show: (one) => (one.timed > 0 ? formatDuration(one.self) : MISSING),
  },
  { text: "p50", width: "60px", value: (one) => one.p50 || 0, show: (one) => time(one.p50) },
  { text: "p95", width: "60px", value: (one) => one.p95 || 0, show: (one) => time(one.p95) },
  {
    text: "Cost",
    width: "72px",
    value: (one) => one.cost,
    show: (one) => {
      const text = formatTotalCost({
        cost_usd: one.cost / 1e9,
        unpriced_calls: one.unpriced,
        tokens_in: one.tokensIn,
        tokens_out: one.tokensOut,
        tokens_cache_read: one.cacheRead,
        tokens_cache_write: one.cacheWrite,
      });
      return text === MISSING ? "" : text;
    },
  },
  {
    text: "In",
    hint: "Fresh input",
    width: "54px",
    value: (one) => one.tokensIn,
    show: (one) => tokens(one.tokensIn),
  },
  { text: "Out", width: "54px", value: (one) => one.tokensOut, show: (one) => tokens(one.tokensOut) },
  {
    text: "Cache r",
    hint: "Read from the cache",
    width: "56px",
    value: (one) => one.cacheRead,
    show: (one) => tokens(one.cacheRead),
  },
  {
    text: "Cache w",
    hint: "Written to the cache",
    width: "56px",
    value: (one) => one.cacheWrite,
    show: (one) => tokens(one.cacheWrite),
  },
  {
    text: "Hit",
    hint: "How much of what a model was sent came from the cache",
    width: "46px",
    value: (one) => cacheHit(one) ?? -1,
    show: (one) => {
      const hit = cacheHit(one);
      return hit === null ? "" : formatShare(hit, 1);
    },
  },
  {
    text: "Context",
    hint: "Most tokens that one call was sent",
    width: "58px",
    value: (one) => one.context,
    show: (one) => tokens(one.context),
  },
];
/** Columns that are always there. */
const ALWAYS = 7;
const COST = METRICS.findIndex(({ text }) => text === "Cost");
const SELF = METRICS.findIndex(({ text }) => text === "Self");

interface BreakdownProps {
  bench: Workbench;
  trace: Trace;
  choice: OpsChoice;
}

/** All metrics by one group. */
export function Breakdown({ bench, trace, choice }: BreakdownProps) {
  const [by, setBy] = useAddressChoice("by", GROUP_NAMES);
  const [order, setOrder] = useState<{ metric: number; up: boolean } | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const { groups, all } = useMemo(() => breakdown(trace, by, choice), [trace, by, choice]);
  const usual = all.cost > 0 ? COST : SELF;
  const sorted = useMemo(() => {
    if (by === "turn" && !order) return groups.toSorted((one, other) => Number(one.key) - Number(other.key));
    const value = METRICS[order?.metric ?? usual]?.value ?? ((one: GroupSums) => one.ops);
    const sign = order?.up ? 1 : -1;
    return groups.toSorted((one, other) => sign * (value(one) - value(other)) || other.self - one.self);
  }, [groups, order, by, usual]);
  // A column in which nothing stands is left out.
  const metrics = METRICS.filter(({ value }, place) => place < ALWAYS || value(all) > 0);
  const columns = metrics.map((metric): Column => {
    const place = METRICS.indexOf(metric);
    const now = order?.metric ?? (by === "turn" ? -1 : usual);
    return {
      text: metric.text,
      width: metric.width,
      number: true,
      ...(metric.hint ? { hint: metric.hint } : {}),
      sorted: place === now ? (order?.up ? "ascending" : "descending") : undefined,
      onSort: () => setOrder({ metric: place, up: order?.metric === place ? !order.up : false }),
    };
  });
  const shown = [all, ...sorted];
  const choose = (row: number) => {
    const group = shown[row];
    setChosen(row === 0 ? null : (group?.key ?? null));
    if (by === "turn" && row > 0 && group) {
      const session = trace.head.sessions[0]?.id ?? "";
      bench.set({
        sel: { type: "turn", session, number: Number(group.key) },
        origin: "stats",
        follow: false,
      });
    }
  };
  const cell = (row: number, column: number): React.ReactNode => {
    const group = shown[row];
    if (!group) return null;
    if (column === 0) return row === 0 ? <b>All</b> : groupName(by, group.key);
    const metric = metrics[column - 1];
    return (
      <span data-metric={metric?.text} data-value={metric?.value(group)}>
        {metric?.show(group)}
      </span>
    );
  };
  return (
    <Panel
      title="Breakdown"
      tools={<Choices label="Group by" value={by} choices={GROUPS} onChoose={setBy} />}
    >
      <div className={styles.tableBox} style={{ height: Math.min(shown.length, 14) * 24 + 34 }}>
        <DataTable
          label="Breakdown"
          columns={[{ text: "What", width: "minmax(130px, 1fr)" }, ...columns]}
          count={shown.length}
          cell={cell}
          chosen={chosen === null ? -1 : shown.findIndex((group, row) => row > 0 && group.key === chosen)}
          onChoose={choose}
          rowKey={(row) => (row === 0 ? "all" : (shown[row]?.key ?? ""))}
        />
      </div>
    </Panel>
  );
}

/** What a group is called. */
export function groupName(by: GroupBy, key: string): string {
  if (by === "turn") return key === "0" ? "Before the first prompt" : `Turn ${key}`;
  if (by === "model") return key ? modelName(key) : "unknown";
  if (by === "kind") return KIND_LABELS[key as Kind] ?? key;
  return key || "unknown";
}
