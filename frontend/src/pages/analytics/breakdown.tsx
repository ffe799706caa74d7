import { Link } from "wouter";
import { useDurations, useStats } from "../../api/queries";
import type { DurationGroups, StatsGroup, StatsTotals } from "../../api/types";
import { catalogHref, DIMENSIONS, type DimensionOf } from "../../logic/dimensions";
import { formatOf, isTold, METRICS, metricOf } from "../../logic/metrics";
import { formatDuration, groupThousands } from "../../logic/units";
import { type Further, isPartial, sessionsHref } from "../../logic/work-filter";
import { Panel, type Table } from "../../ui/charts/panel";
import { DataGrid, type GridColumn, ShareCell } from "../../ui/data-grid";
import { useSorting } from "../../ui/sorting";
import type { PageWork } from "../../ui/use-work";
import styles from "./analytics.module.css";
import { pageHref } from "../../ui/page-href";
import type { AnalyticsView } from "./url";

const COLUMNS = [
  "cost_usd",
  "sessions",
  "turns",
  "ops",
  "tokens_in",
  "tokens_out",
  "tokens_cache_read",
  "tokens_cache_write",
  "cache_hit_share",
  "llm_duration_us",
  "tool_duration_us",
  "wait_us",
  "failures",
  "failure_share",
  "cost_per_success_usd",
];
const MINOR = new Set([
  "tokens_in",
  "tokens_cache_read",
  "tokens_cache_write",
  "turns",
  "cost_per_success_usd",
]);

interface BreakdownProps {
  page: PageWork;
  view: AnalyticsView;
  totals: StatsTotals | undefined;
}

export function Breakdown({ page, view, totals }: BreakdownProps) {
  const { rows: dimension } = view;
  const asked = useStats(page.work, dimension.by);
  const timed = dimension.by === "model" || dimension.by === "tool";
  const durations = useDurations(page.work, timed);
  const sorting = useSorting(dimension.by === "tool" ? "ops" : "cost_usd");
  const partial = page.work !== null && isPartial(page.work);
  const shown = COLUMNS.map(metricOf).filter((metric) => isTold(metric, dimension, partial));
  const columns = columnsOf(page, dimension, shown, totals, timed ? (durations.data ?? null) : null);
  return (
    <Panel
      name="breakdown"
      title={`By ${dimension.label.toLowerCase()}`}
      asked={asked}
      table={asked.data && tableOf(asked.data.groups, dimension)}
      empty={asked.data?.groups.length === 0 ? `No ${dimension.many} in this.` : undefined}
      rows={8}
      controls={
        <select
          className={styles.choice}
          aria-label="A row for each"
          value={dimension.by}
          onChange={(event) => page.change({ rows: event.target.value })}
        >
          {DIMENSIONS.map((one) => (
            <option key={one.by} value={one.by}>
              by {one.label.toLowerCase()}
            </option>
          ))}
        </select>
      }
    >
      {asked.data ? (
        <DataGrid
          label={`Sums by ${dimension.label.toLowerCase()}`}
          rows={asked.data.groups}
          rowKey={(group) => group.key}
          columns={columns}
          sorting={sorting}
        />
      ) : null}
    </Panel>
  );
}

function columnsOf(
  page: PageWork,
  dimension: DimensionOf,
  shown: ReturnType<typeof metricOf>[],
  totals: StatsTotals | undefined,
  durations: DurationGroups | null,
): GridColumn<StatsGroup>[] {
  const only = (group: StatsGroup): Further => ({ [dimension.exact]: group.key });
  const spans = new Map(
    (dimension.by === "tool" ? durations?.tools : durations?.models)?.map((one) => [one.key, one]),
  );
  const name: GridColumn<StatsGroup> = {
    key: "name",
    label: dimension.label,
    text: true,
    value: (group) => group.key,
    cell: (group) => (
      <a
        href={`?${dimension.exact}=${encodeURIComponent(group.key)}`}
        title={`${group.key}\nClick: only this${dimension.catalog ? " · Shift: all about it" : ""}`}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey) return;
          if (event.shiftKey && dimension.catalog) return;
          event.preventDefault();
          page.change({ [dimension.exact]: group.key });
        }}
      >
        {group.key}
      </a>
    ),
  };
  const about: GridColumn<StatsGroup>[] = dimension.catalog
    ? [
        {
          key: "about",
          label: "",
          text: true,
          value: () => null,
          cell: (group) => (
            <Link
              href={catalogHref(dimension.catalog ?? "", group.key)}
              aria-label={`All about ${group.key}`}
              title="All about it"
            >
              ›
            </Link>
          ),
        },
      ]
    : [];
  const metrics = shown.map((metric): GridColumn<StatsGroup> => ({
    key: metric.key,
    label: metric.short,
    hint: `${metric.label}: ${metric.hint}`,
    minor: MINOR.has(metric.key),
    value: metric.value,
    cell: (group) => {
      const text = formatOf(metric, group);
      if (metric.key === "sessions") {
        return (
          <Link href={sessionsHref(page.work ?? {}, only(group))} data-count={group.sessions}>
            {groupThousands(group.sessions)}
          </Link>
        );
      }
      if (metric.key === "failures") {
        return group.failures > 0 ? (
          <Link
            href={pageHref("/failures", page, { [dimension.exact]: group.key })}
            data-count={group.failures}
          >
            {groupThousands(group.failures)}
          </Link>
        ) : (
          <span className={styles.muted}>0</span>
        );
      }
      if (metric.key === "cost_usd") {
        const whole = totals?.cost_usd ?? 0;
        return <ShareCell share={whole > 0 ? group.cost_usd / whole : 0}>{text}</ShareCell>;
      }
      return text;
    },
  }));
  const percentiles: GridColumn<StatsGroup>[] = durations
    ? (["p50_us", "p95_us"] as const).map((key) => ({
        key,
        label: key === "p50_us" ? "p50" : "p95",
        hint: key === "p50_us" ? "Half of the calls took no longer" : "19 of 20 calls took no longer",
        value: (group) => spans.get(group.key)?.[key] ?? null,
        cell: (group) => formatDuration(spans.get(group.key)?.[key] ?? null),
      }))
    : [];
  return [name, ...about, ...metrics, ...percentiles];
}

function tableOf(groups: readonly StatsGroup[], dimension: DimensionOf): Table {
  return {
    columns: [
      { label: dimension.label },
      ...METRICS.map((metric) => ({ label: metric.key, numeric: true })),
      { label: "unpriced_calls", numeric: true },
    ],
    rows: groups.map((group) => [
      group.key,
      ...METRICS.map((metric) => metric.value(group)),
      group.unpriced_calls,
    ]),
  };
}
