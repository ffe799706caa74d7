import { lazy, Suspense } from "react";
import { useSeries } from "../../api/queries";
import type { Series, StatsTotals } from "../../api/types";
import { type Bucket, DIMENSIONS } from "../../logic/dimensions";
import { plural } from "../../logic/units";
import { formatMetric, isTold, METRICS } from "../../logic/metrics";
import { isPartial, sessionsHref } from "../../logic/work-filter";
import { isoTime } from "../../logic/csv";
import { Panel, type Table } from "../../ui/charts/panel";
import { ActionButton, EmptyState, Skeleton } from "../../ui/states";
import type { PageWork } from "../../ui/use-work";
import styles from "./analytics.module.css";
import { addsUp, type AnalyticsView } from "./url";

const TimeChart = lazy(() =>
  import("../../ui/charts/time-chart").then(({ TimeChart: chart }) => ({ default: chart })),
);

const BUCKETS: readonly Bucket[] = ["hour", "day", "week", "month"];

interface TrendProps {
  page: PageWork;
  view: AnalyticsView;
  totals: StatsTotals | undefined;
}

export function Trend({ page, view, totals }: TrendProps) {
  const { metric, lines, bucket } = view;
  const asked = useSeries(page.work, metric.key, bucket, lines?.by);
  const partial = page.work !== null && isPartial(page.work);
  return (
    <Panel
      name="trend"
      title={`${metric.label} by ${bucket}`}
      hint={`${metric.hint}. Drag over the chart to choose a time.`}
      asked={asked}
      table={asked.data && tableOf(asked.data, view, page)}
      sessions={page.work && totals ? { href: sessionsHref(page.work), count: totals.sessions } : undefined}
      rows={9}
      empty={
        metric.unit === "usd" && totals && totals.cost_usd === 0 && totals.unpriced_calls > 0 ? (
          <EmptyState title="None of these calls has a known price.">
            <ActionButton onClick={() => page.change({ metric: "tokens" })}>Show tokens</ActionButton>
          </EmptyState>
        ) : undefined
      }
      controls={
        <>
          <select
            className={styles.choice}
            aria-label="Metric"
            value={metric.key}
            onChange={(event) => page.change({ metric: event.target.value })}
          >
            {METRICS.filter((one) => isTold(one, lines, partial)).map((one) => (
              <option key={one.key} value={one.key}>
                {one.label}
              </option>
            ))}
          </select>
          <select
            className={styles.choice}
            aria-label="A line for each"
            value={lines?.by ?? "none"}
            onChange={(event) => page.change({ by: event.target.value, rows: null })}
          >
            <option value="none">all together</option>
            {DIMENSIONS.map((one) => (
              <option key={one.by} value={one.by}>
                by {one.label.toLowerCase()}
              </option>
            ))}
          </select>
          <select
            className={styles.choice}
            aria-label="Step in time"
            value={bucket}
            onChange={(event) => page.change({ bucket: event.target.value })}
          >
            {BUCKETS.map((one) => (
              <option key={one} value={one}>
                per {one}
              </option>
            ))}
          </select>
        </>
      }
    >
      {asked.data ? (
        <Suspense fallback={<Skeleton rows={9} label="Loading the chart" />}>
          <TimeChart
            series={asked.data}
            unit={metric.unit}
            stacked={addsUp(metric)}
            label={`${metric.label} by ${bucket}`}
            onRange={(since, until) => page.range.choose({ kind: "between", since, until })}
          />
        </Suspense>
      ) : null}
    </Panel>
  );
}

function tableOf(series: Series, view: AnalyticsView, page: PageWork): Table {
  const format = (cell: unknown) => formatMetric(view.metric.unit, cell as number | null);
  return {
    columns: [
      { label: view.bucket },
      { label: "begins (UTC)" },
      ...series.lines.map((line) => ({
        label: line.key ?? (series.others > 0 ? plural(series.others, "other") : "all"),
        numeric: true,
        format,
      })),
    ],
    rows: series.buckets.map((bucket, at) => [
      bucket.key,
      isoTime(bucket.start),
      ...series.lines.map((line) => line.values[at] ?? null),
    ]),
    href: (row, column) => {
      const bucket = series.buckets[row];
      if (column !== 0 || !bucket || !page.work) return null;
      return sessionsHref(page.work, { since: String(bucket.start), until: String(bucket.end - 1) });
    },
  };
}
