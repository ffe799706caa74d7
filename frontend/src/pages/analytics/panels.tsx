import { Link } from "wouter";
import { useDistributions, useFailures, useHeatmap } from "../../api/queries";
import type { Spread } from "../../api/types";
import { formatMetric, type Metric } from "../../logic/metrics";
import { formatCost, formatCount, formatDuration, groupThousands } from "../../logic/units";
import { sessionsHref } from "../../logic/work-filter";
import { DAYS, WeekHeatmap } from "../../ui/charts/heatmap";
import { Histogram } from "../../ui/charts/histogram";
import { Panel, type Table } from "../../ui/charts/panel";
import type { PageWork } from "../../ui/use-work";
import styles from "./analytics.module.css";
import { pageHref } from "../../ui/page-href";

export function WeekPanel({ page, metric }: { page: PageWork; metric: Metric }) {
  const asked = useHeatmap(page.work, metric.key);
  const format = (value: number | null) => formatMetric(metric.unit, value);
  const rows = asked.data?.rows ?? [];
  const table: Table = {
    columns: [
      { label: "hour" },
      ...DAYS.map((day) => ({
        label: day,
        numeric: true,
        format: (cell: unknown) => format(cell as number | null),
      })),
    ],
    rows: Array.from({ length: 24 }, (_, hour) => [
      `${String(hour).padStart(2, "0")}:00`,
      ...rows.map((row) => row[hour] ?? null),
    ]),
  };
  return (
    <Panel
      name="week"
      title={`${metric.label} by hour and weekday`}
      hint={`${metric.hint}, by the clock of ${asked.data?.tz ?? "your zone"}`}
      asked={asked}
      table={asked.data && table}
      rows={7}
    >
      <WeekHeatmap
        rows={rows}
        format={format}
        label={`${metric.label} by hour and weekday`}
        href={(hour) => sessionsHref(page.work ?? {}, { hour_of_week: hour })}
      />
    </Panel>
  );
}

export function FailurePanel({ page }: { page: PageWork }) {
  const asked = useFailures(page.work, { limit: 7, examples: 1 });
  const groups = asked.data?.groups ?? [];
  return (
    <Panel
      name="failures"
      title="What fails most"
      hint="Failed ops, those that differ in details only together"
      asked={asked}
      empty={groups.length === 0 ? "Nothing failed." : undefined}
      table={{
        columns: [
          { label: "count", numeric: true },
          { label: "tool" },
          { label: "class" },
          { label: "signature" },
          { label: "recovered", numeric: true },
          { label: "sessions", numeric: true },
          { label: "cost_usd", numeric: true, format: (cell) => formatCost(Number(cell)) },
        ],
        rows: groups.map((group) => [
          group.count,
          group.name ?? group.kind,
          group.error_class,
          group.signature,
          group.recovered,
          group.sessions,
          group.cost_usd,
        ]),
      }}
      rows={7}
      controls={
        asked.data ? (
          <Link href={pageHref("/failures", page)} data-count={asked.data.failures}>
            {groupThousands(asked.data.failures)} in all
          </Link>
        ) : null
      }
    >
      <ul className={styles.signatures}>
        {groups.map((group) => (
          <li key={group.key}>
            <Link
              href={pageHref("/failures", page, { group: group.key })}
              className={styles.signature}
              data-count={group.count}
              title={group.signature}
            >
              <b>{formatCount(group.count)}</b>
              <span className={styles.message}>
                {group.name ?? "Model call"} <span className={styles.muted}>{group.signature}</span>
              </span>
              <span className={styles.muted}>{group.recovered === group.count ? "recovered" : ""}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const SPREADS = [
  {
    key: "busy_us",
    title: "Sessions by busy time",
    hint: "Time within a session's turns; of the whole session",
    field: "dur",
    unit: "us",
    format: (value: number) => (value === 0 ? "0" : shortDuration(value)),
    none: "without a known time",
  },
  {
    key: "cost_usd",
    title: "Sessions by cost",
    hint: "A session's own cost, as far as prices are known; of the whole session",
    field: "cost",
    unit: "",
    format: (value: number) => (value === 0 ? "$0" : shortCost(value)),
    none: "without a known cost",
  },
  {
    key: "context_peak",
    title: "Sessions by fullest context",
    hint: "Most tokens that one of its model calls held",
    field: "ctx",
    unit: "",
    format: (value: number) => formatCount(value),
    none: "without a known context",
  },
] as const;

export function DistributionPanels({ page, partial }: { page: PageWork; partial: boolean }) {
  const asked = useDistributions(page.work);
  return (
    <div className={styles.three}>
      {SPREADS.map((one) => {
        const spread: Spread | undefined = asked.data?.[one.key];
        const href = (low: number, high: number | null) =>
          sessionsHref(page.work ?? {}, {
            q: [
              `${one.field}:${low === 0 ? ">" : ">="}${plain(low)}${one.unit}`,
              ...(high === null ? [] : [`${one.field}:<${plain(high)}${one.unit}`]),
            ].join(" "),
          });
        return (
          <Panel
            key={one.key}
            name={one.key.replace("_", "-")}
            title={one.title}
            hint={partial ? `${one.hint}, whatever part of it the filter asks for` : one.hint}
            asked={asked}
            empty={spread?.steps.length === 0 ? "Nothing to tell." : undefined}
            table={
              spread && {
                columns: [
                  { label: "from", numeric: true, format: (cell) => one.format(Number(cell)) },
                  {
                    label: "to",
                    numeric: true,
                    format: (cell) => (cell === null ? "–" : one.format(Number(cell))),
                  },
                  { label: "sessions", numeric: true },
                ],
                rows: spread.steps.map((step) => [step.low, step.high, step.n]),
                href: (row, column) => {
                  const step = spread.steps[row];
                  return step && column === 2 && step.n > 0 ? href(step.low, step.high) : null;
                },
              }
            }
          >
            {spread ? (
              <Histogram
                spread={spread}
                format={one.format}
                noun={["session", "sessions"]}
                href={href}
                none={one.none}
              />
            ) : null}
          </Panel>
        );
      })}
    </div>
  );
}

/** Digits that the filter's language knows. */
function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/0+$/, "");
}

function shortDuration(micros: number): string {
  for (const [size, unit] of [
    [3600e6, "h"],
    [60e6, "m"],
    [1e6, "s"],
    [1e3, "ms"],
  ] as const) {
    if (micros >= size) return `${Math.round(micros / size)}${unit}`;
  }
  return formatDuration(micros);
}

function shortCost(usd: number): string {
  return usd < 1 ? `$${String(Number(usd.toPrecision(2)))}` : formatCost(usd).replace(".00", "");
}
