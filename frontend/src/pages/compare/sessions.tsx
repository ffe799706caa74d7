import { Link, useSearchParams } from "wouter";
import { useSession, useStats } from "../../api/queries";
import type { SessionDetail, Stats } from "../../api/types";
import { differences } from "../../logic/compare";
import { formatChange, formatMetric, type Unit } from "../../logic/metrics";
import { sessionHref } from "../../logic/op-links";
import { titleOf } from "../../logic/session-names";
import { formatCost, formatCount, formatDuration, formatTotalCost } from "../../logic/units";
import { type WorkQuery, ZONE } from "../../logic/work-filter";
import { Panel } from "../../ui/charts/panel";
import { Day } from "../../ui/metrics";
import { ErrorState, Skeleton } from "../../ui/states";
import styles from "./compare.module.css";
import { DifferenceList } from "./difference-list";
import { TwinLanes } from "./lanes";
import { EndsPanel, TurnsPanel } from "./turns";

interface Row {
  label: string;
  unit: Unit;
  value: (session: SessionDetail["session"]) => number | null;
  text?: (session: SessionDetail["session"]) => string;
}

const ROWS: readonly Row[] = [
  {
    label: "Cost, with sub-agents",
    unit: "usd",
    value: (one) => one.tree.cost_usd,
    text: (one) => formatTotalCost(one.tree),
  },
  {
    label: "Its own cost",
    unit: "usd",
    value: (one) => one.own.cost_usd,
    text: (one) => formatTotalCost(one.own),
  },
  { label: "Busy", unit: "micros", value: (one) => one.busy_us },
  { label: "Waiting for you", unit: "micros", value: (one) => one.time.wait_us },
  { label: "Turns", unit: "count", value: (one) => one.turns },
  { label: "Model calls", unit: "count", value: (one) => one.tree.llm_calls },
  { label: "Tool calls", unit: "count", value: (one) => one.tree.tool_calls },
  { label: "Failures", unit: "count", value: (one) => one.tree.failures },
  { label: "Sub-agents", unit: "count", value: (one) => one.descendants },
  { label: "Fresh input", unit: "tokens", value: (one) => one.tree.tokens_in },
  { label: "Output", unit: "tokens", value: (one) => one.tree.tokens_out },
  { label: "Cache read", unit: "tokens", value: (one) => one.tree.tokens_cache_read },
  { label: "Fullest context", unit: "tokens", value: (one) => one.context_peak },
];

const SPLIT = [
  ["model_us", "Model", "--kind-llm"],
  ["tool_us", "Tool", "--kind-tool"],
  ["agent_us", "Sub-agent", "--kind-session"],
  ["compaction_us", "Compaction", "--kind-compaction"],
  ["idle_us", "Not known", "--kind-system"],
  ["wait_us", "You", "--kind-user"],
] as const;

const MEASURES = [
  ["duration_us", "Time", formatDuration],
  ["ops", "Calls", formatCount],
  ["cost_usd", "Cost", formatCost],
] as const;

export function CompareSessions({ a, b }: { a: string; b: string }) {
  const [one, other] = [useSession(a), useSession(b)];
  const models = [useStats(workOf(a), "model"), useStats(workOf(b), "model")] as const;
  const tools = [useStats(workOf(a), "tool"), useStats(workOf(b), "tool")] as const;
  const [params, setParams] = useSearchParams();
  const measure = MEASURES.find(([key]) => key === params.get("weight")) ?? MEASURES[0];
  const failed = [one, other].find((query) => query.isError && !query.data);
  if (failed?.error) {
    return (
      <ErrorState
        what="A session could not be loaded."
        error={failed.error}
        onRetry={() => void failed.refetch()}
      />
    );
  }
  if (!one.data || !other.data) return <Skeleton rows={10} label="Loading both sessions" />;
  const pair = [one.data.session, other.data.session] as const;
  const asked =
    tools[0].data && models[0].data && models[1].data ? tools[1] : (models.find((q) => !q.data) ?? tools[0]);
  return (
    <>
      <div className={styles.pairHead}>
        {pair.map((session, at) => (
          <div key={session.id} className={styles.side} data-side={at === 0 ? "a" : "b"}>
            <b>{at === 0 ? "A" : "B"}</b>
            <Link href={sessionHref(session.id)}>{titleOf(session)}</Link>
            <span className={styles.muted}>
              {session.model ?? "unknown model"} · <Day micros={session.started_at} />
            </span>
          </div>
        ))}
        <Link className={styles.swap} href={`/compare?a=${encodeURIComponent(b)}&b=${encodeURIComponent(a)}`}>
          Swap
        </Link>
      </div>
      <div className={styles.pair}>
        <Panel
          name="numbers"
          title="Numbers"
          asked={other}
          table={{
            columns: [{ label: "metric" }, { label: "a", numeric: true }, { label: "b", numeric: true }],
            rows: ROWS.map((row) => [row.label, row.value(pair[0]), row.value(pair[1])]),
          }}
        >
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
                <th scope="col">B to A</th>
              </tr>
            </thead>
            <tbody>
              {ROWS.map((row) => (
                <tr key={row.label} data-metric={row.label}>
                  <th scope="row">{row.label}</th>
                  {pair.map((session) => (
                    <td key={session.id}>
                      {row.text ? row.text(session) : formatMetric(row.unit, row.value(session))}
                    </td>
                  ))}
                  <td>{formatChange(row.unit, row.value(pair[1]), row.value(pair[0])) ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
        <Panel name="split" title="Where the time went" asked={other}>
          <div className={styles.splits}>
            {pair.map((session, at) => (
              <SplitBar key={session.id} name={at === 0 ? "A" : "B"} session={session} />
            ))}
            <ul className={styles.legend}>
              {SPLIT.map(([key, label, token]) => (
                <li key={key}>
                  <span className={styles.swatch} style={{ background: `var(${token})` }} />
                  {label}
                  <span className={styles.muted}>
                    {formatDuration(pair[0].time[key])} → {formatDuration(pair[1].time[key])}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        </Panel>
      </div>
      <TwinLanes a={a} b={b} />
      <Panel
        name="less-more"
        title="What B did less, and more"
        hint="By model and tool, sub-agents with it; the greatest difference first"
        asked={asked}
        controls={
          <select
            className={styles.choice}
            aria-label="Weighed by"
            value={measure[0]}
            onChange={(event) =>
              setParams((before) => {
                const after = new URLSearchParams(before);
                after.set("weight", event.target.value);
                return after;
              })
            }
          >
            {MEASURES.map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        }
      >
        <DifferenceList
          rows={differences(
            weights(models[0].data, tools[0].data, measure[0]),
            weights(models[1].data, tools[1].data, measure[0]),
          )}
          format={measure[2]}
        />
      </Panel>
      <TurnsPanel a={a} b={b} />
      <EndsPanel a={a} b={b} />
    </>
  );
}

function weights(
  models: Stats | undefined,
  tools: Stats | undefined,
  measure: (typeof MEASURES)[number][0],
): Map<string, number> {
  const groups = [
    ...(models?.groups ?? []).map((group) => [`model › ${group.key}`, group] as const),
    ...(tools?.groups ?? []).map((group) => [`tool › ${group.key}`, group] as const),
  ];
  return new Map(groups.map(([key, group]) => [key, group[measure]]));
}

function SplitBar({ name, session }: { name: string; session: SessionDetail["session"] }) {
  const whole = SPLIT.reduce((sum, [key]) => sum + session.time[key], 0);
  const told = SPLIT.filter(([key]) => session.time[key] > 0)
    .map(([key, label]) => `${label} ${formatDuration(session.time[key])}`)
    .join(", ");
  return (
    <div className={styles.split}>
      <b>{name}</b>
      <span className={styles.splitBar} role="img" aria-label={`${name}: ${told}`}>
        {SPLIT.map(([key, label, token]) =>
          session.time[key] > 0 ? (
            <span
              key={key}
              title={`${label}: ${formatDuration(session.time[key])}`}
              style={{ flexGrow: session.time[key] / Math.max(1, whole), background: `var(${token})` }}
            />
          ) : null,
        )}
      </span>
      <span className={styles.number}>{formatDuration(whole)}</span>
    </div>
  );
}

/** The work of a session and of all that it started. */
function workOf(id: string): WorkQuery {
  return { q: `session:${quoted(id)}`, tree: true, tz: ZONE };
}

function quoted(value: string): string {
  return /[\s",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
