import { lazy, Suspense } from "react";
import { useCatalogDetail, useSeries } from "../../api/queries";
import { ApiError } from "../../api/client";
import type { CatalogDetail as Detail, CatalogRow } from "../../api/types";
import { bucketFor } from "../../logic/dimensions";
import { formatMetric, formatOf, isTold, metricOf, tokenRate } from "../../logic/metrics";
import { formatCount, formatDuration, groupThousands } from "../../logic/units";
import { instant, sessionsHref, type WorkQuery } from "../../logic/work-filter";
import { Histogram } from "../../ui/charts/histogram";
import { Panel } from "../../ui/charts/panel";
import { Kpi, KpiStrip } from "../../ui/kpi";
import { NothingHere } from "../../ui/nothing-here";
import { pageHref } from "../../ui/page-href";
import { ErrorState, Skeleton } from "../../ui/states";
import { useQuarter } from "../../ui/today";
import type { PageWork } from "../../ui/use-work";
import {
  ArgumentsPanel,
  ContextPanel,
  ErrorsPanel,
  GroupsPanel,
  OpsPanel,
  PricesPanel,
  TopPanel,
} from "./parts";
import styles from "./catalog.module.css";
import type { Kind } from "./kinds";

const TimeChart = lazy(() =>
  import("../../ui/charts/time-chart").then(({ TimeChart: chart }) => ({ default: chart })),
);

const KPIS = [
  "ops",
  "sessions",
  "cost_usd",
  "tokens",
  "cache_hit_share",
  "failures",
  "failure_share",
  "busy_us",
  "wait_us",
];

export function CatalogDetail({ about, name, page }: { about: Kind; name: string; page: PageWork }) {
  const asked = useCatalogDetail(about.kind, name, page.work);
  const now = useQuarter();
  const work: WorkQuery | null = page.work && { ...page.work, [about.dimension.exact]: name };
  const since = instant(work?.since, false);
  const bucket = bucketFor(since === undefined ? null : (instant(work?.until, true) ?? now) - since);
  const metric = metricOf(about.metric);
  const trend = useSeries(work, metric.key, bucket);
  const detail = asked.data;

  if (!detail && asked.isError) {
    return asked.error instanceof ApiError && asked.error.status === 404 ? (
      <>
        <h1 className={styles.name}>{name}</h1>
        <NothingHere page={page} what={`${about.one} ${name}`} />
      </>
    ) : (
      <ErrorState what="This could not be loaded." error={asked.error} onRetry={() => void asked.refetch()} />
    );
  }
  return (
    <>
      <h1 className={styles.name}>
        {name}
        {detail?.row.namespace ? <span className={styles.muted}> {detail.row.namespace}</span> : null}
      </h1>
      {detail && work ? (
        <Numbers about={about} detail={detail} work={work} page={page} name={name} />
      ) : (
        <Skeleton rows={2} label="Loading sums" />
      )}
      <div className={styles.wide}>
        <Panel
          name="trend"
          title={`${metric.label} by ${bucket}`}
          hint="Drag over the chart to choose a time."
          asked={trend}
          rows={8}
          table={
            trend.data && {
              columns: [
                { label: bucket },
                {
                  label: metric.label,
                  numeric: true,
                  format: (cell) => formatMetric(metric.unit, cell as number | null),
                },
              ],
              rows: trend.data.buckets.map((step, at) => [step.key, trend.data.lines[0]?.values[at] ?? null]),
            }
          }
        >
          {trend.data ? (
            <Suspense fallback={<Skeleton rows={8} label="Loading the chart" />}>
              <TimeChart
                series={trend.data}
                unit={metric.unit}
                stacked
                label={`${metric.label} by ${bucket}`}
                onRange={(from, until) => page.range.choose({ kind: "between", since: from, until })}
              />
            </Suspense>
          ) : null}
        </Panel>
        <Panel
          name="spread"
          title={about.ofSessions ? "Sessions by busy time" : "Calls by duration"}
          asked={asked}
          empty={detail?.spread.steps.length === 0 ? "No duration is known." : undefined}
          table={
            detail && {
              columns: [
                { label: "from", numeric: true, format: (cell) => formatDuration(Number(cell)) },
                {
                  label: "to",
                  numeric: true,
                  format: (cell) => (cell === null ? "–" : formatDuration(Number(cell))),
                },
                { label: about.ofSessions ? "sessions" : "calls", numeric: true },
              ],
              rows: detail.spread.steps.map((step) => [step.low, step.high, step.n]),
            }
          }
        >
          {detail && work ? (
            <Histogram
              spread={detail.spread}
              format={(value) => (value === 0 ? "0" : shortSpan(value))}
              noun={about.ofSessions ? ["session", "sessions"] : ["call", "calls"]}
              {...(about.ofSessions
                ? {
                    href: (low: number, high: number | null) =>
                      sessionsHref(work, {
                        q: `dur:${low === 0 ? ">" : ">="}${low}us${high === null ? "" : ` dur:<${high}us`}`,
                      }),
                  }
                : {})}
              none="of no known duration"
            />
          ) : null}
        </Panel>
      </div>
      <div className={styles.pair}>
        {about.kind === "tools" || about.kind === "projects" ? (
          <ArgumentsPanel asked={asked} told={detail?.arguments ?? null} files={about.kind === "projects"} />
        ) : null}
        {about.kind === "models" ? <PricesPanel asked={asked} bands={detail?.prices ?? []} /> : null}
        {about.kind === "models" ? <ContextPanel asked={asked} told={detail?.context ?? null} /> : null}
        {about.ofSessions ? (
          <>
            <GroupsPanel
              asked={asked}
              name="models"
              title="Cost by model"
              groups={detail?.models ?? []}
              measure="cost_usd"
              kind="models"
            />
            <GroupsPanel
              asked={asked}
              name="tools"
              title="Calls by tool"
              groups={detail?.tools ?? []}
              measure="ops"
              kind="tools"
            />
          </>
        ) : null}
        {detail?.errors.length ? (
          <ErrorsPanel asked={asked} groups={detail.errors} about={about} name={name} page={page} />
        ) : null}
        <TopPanel asked={asked} sessions={detail?.sessions ?? []} calls={about.calls} />
        <OpsPanel asked={asked} ops={detail?.slowest ?? []} name="slowest" title="Slowest" />
        {detail?.priciest.length ? (
          <OpsPanel asked={asked} ops={detail.priciest} name="priciest" title="Priciest" />
        ) : null}
      </div>
    </>
  );
}

function Numbers({
  about,
  detail,
  work,
  page,
  name,
}: {
  about: Kind;
  detail: Detail;
  work: WorkQuery;
  page: PageWork;
  name: string;
}) {
  const { row } = detail;
  const shown = KPIS.map(metricOf).filter((metric) => isTold(metric, about.dimension, false));
  const rate = about.kind === "models" ? tokenRate(row) : null;
  return (
    <KpiStrip>
      {shown.map((metric) => (
        <Kpi
          key={metric.key}
          label={metric.key === "ops" ? (about.calls === "calls" ? "Calls" : "Ops") : metric.label}
          value={formatOf(metric, row)}
          hint={metric.hint}
          href={
            metric.key.startsWith("failure")
              ? pageHref("/failures", page, { [about.dimension.exact]: name })
              : sessionsHref(work)
          }
          count={metric.key.startsWith("failure") ? row.failures : row.sessions}
        />
      ))}
      <Durations row={row} about={about} />
      {rate === null ? null : (
        <Kpi
          label="Output tokens"
          value={formatMetric("rate", rate)}
          hint={`${groupThousands(row.tokens_out)} output tokens ÷ ${formatDuration(row.llm_duration_us)} of calls`}
        />
      )}
      {row.context_peak > 0 ? (
        <Kpi label="Fullest context" value={formatCount(row.context_peak)} hint="Tokens in one call" />
      ) : null}
    </KpiStrip>
  );
}

function Durations({ row, about }: { row: CatalogRow; about: Kind }) {
  const told = row.durations;
  const of = about.ofSessions ? "sessions' busy times" : "calls of known duration";
  return (
    <>
      {(["p50_us", "p95_us", "max_us"] as const).map((key) => (
        <Kpi
          key={key}
          label={key === "p50_us" ? "p50" : key === "p95_us" ? "p95" : "Longest"}
          value={formatDuration(told?.[key] ?? null)}
          hint={told ? `Of ${groupThousands(told.n)} ${of}` : `Of no ${of}`}
        />
      ))}
    </>
  );
}

function shortSpan(micros: number): string {
  for (const [size, unit] of [
    [3600e6, "h"],
    [60e6, "m"],
    [1e6, "s"],
    [1e3, "ms"],
  ] as const) {
    if (micros >= size) return `${Math.round(micros / size)}${unit}`;
  }
  return `${micros}µs`;
}
