import { Link } from "wouter";
import { useCatalog, useStats } from "../../api/queries";
import type { CatalogRow, StatsGroup } from "../../api/types";
import { formatOf, formatShare, metricOf } from "../../logic/metrics";
import { formatCount, formatDuration, groupThousands } from "../../logic/units";
import { type Further, sessionsHref } from "../../logic/work-filter";
import { Panel, type Table } from "../../ui/charts/panel";
import { Sparkline } from "../../ui/charts/sparkline";
import { DataGrid, type GridColumn, ShareCell } from "../../ui/data-grid";
import { Day } from "../../ui/metrics";
import { useSorting } from "../../ui/sorting";
import type { PageWork } from "../../ui/use-work";
import { NothingHere } from "../../ui/nothing-here";
import { pageHref } from "../../ui/page-href";
import styles from "./catalog.module.css";
import type { Kind } from "./kinds";
import { SpawnMatrix } from "./spawns";

const cost = metricOf("cost_usd");

export function CatalogList({ about, page }: { about: Kind; page: PageWork }) {
  const asked = useCatalog(about.kind, page.work);
  const sorting = useSorting("ops");
  const rows = asked.data?.rows ?? [];
  return (
    <>
      {about.kind === "agents" ? <Clients page={page} /> : null}
      <Panel
        name={about.kind}
        title={about.kind === "agents" ? "Roles" : about.title}
        hint={about.kind === "agents" ? "Main sessions, and the types of their sub-agents" : ""}
        asked={asked}
        table={asked.data && tableOf(rows)}
        empty={asked.data && rows.length === 0 ? <NothingHere page={page} /> : undefined}
        rows={12}
        controls={
          <span className={styles.muted}>
            {asked.data ? `${groupThousands(rows.length)} ${rows.length === 1 ? about.one : about.kind}` : ""}
          </span>
        }
      >
        <DataGrid
          label={about.title}
          rows={rows}
          rowKey={(row) => row.name}
          columns={columnsOf(about, page, rows)}
          sorting={sorting}
        />
      </Panel>
      {about.kind === "agents" ? <SpawnMatrix page={page} /> : null}
    </>
  );
}

function columnsOf(about: Kind, page: PageWork, rows: readonly CatalogRow[]): GridColumn<CatalogRow>[] {
  const ops = rows.reduce((sum, row) => sum + row.ops, 0);
  const only = (row: CatalogRow): Further => ({ [about.dimension.exact]: row.name });
  const columns: (GridColumn<CatalogRow> & { not?: Kind["kind"][] })[] = [
    {
      key: "name",
      label: about.one,
      text: true,
      value: (row) => row.name,
      cell: (row) => (
        <Link href={pageHref(`/${about.kind}/${encodeURIComponent(row.name)}`, page)} title={row.name}>
          {row.name}
        </Link>
      ),
    },
    {
      key: "namespace",
      label: "family",
      text: true,
      minor: true,
      not: ["models", "agents", "projects"],
      value: (row) => row.namespace,
      cell: (row) => <span className={styles.muted}>{row.namespace ?? "–"}</span>,
    },
    {
      key: "days",
      label: "30 days",
      hint: "Ops on each of the last 30 days",
      text: true,
      minor: true,
      value: (row) => row.days.reduce((sum, day) => sum + day, 0),
      cell: (row) => (
        <span className={styles.spark}>
          <Sparkline
            values={row.days}
            label={`${row.name}: ${groupThousands(row.days.reduce((sum, day) => sum + day, 0))} in 30 days`}
          />
        </span>
      ),
    },
    {
      key: "ops",
      label: about.calls,
      hint: "In the chosen time, with its share of all",
      value: (row) => row.ops,
      cell: (row) => <ShareCell share={ops > 0 ? row.ops / ops : 0}>{formatCount(row.ops)}</ShareCell>,
    },
    {
      key: "sessions",
      label: "Sessions",
      value: (row) => row.sessions,
      cell: (row) => (
        <Link href={sessionsHref(page.work ?? {}, only(row))} data-count={row.sessions}>
          {groupThousands(row.sessions)}
        </Link>
      ),
    },
    {
      key: "cost_usd",
      label: "Cost",
      not: ["tools"],
      value: (row) => row.cost_usd,
      cell: (row) => formatOf(cost, row),
    },
    {
      key: "tokens",
      label: "Tokens",
      minor: true,
      not: ["tools"],
      value: (row) => row.tokens,
      cell: (row) => formatCount(row.tokens),
    },
    {
      key: "cache_hit_share",
      label: "Hit",
      hint: "Cache hit: tokens read from the cache ÷ all that was given to read",
      not: ["tools"],
      value: (row) => row.cache_hit_share,
      cell: (row) => formatShare(row.cache_hit_share),
    },
    {
      key: "failures",
      label: "Fails",
      value: (row) => row.failures,
      cell: (row) =>
        row.failures > 0 ? (
          <Link
            href={pageHref("/failures", page, { [about.dimension.exact]: row.name })}
            data-count={row.failures}
          >
            {groupThousands(row.failures)}
          </Link>
        ) : (
          <span className={styles.muted}>0</span>
        ),
    },
    {
      key: "failure_share",
      label: "Fail %",
      value: (row) => row.failure_share,
      cell: (row) => formatShare(row.failure_share),
    },
    {
      key: "total_us",
      label: "Time",
      hint: "All of its calls, end to end",
      not: ["agents", "projects"],
      value: (row) => row.duration_us,
      cell: (row) => formatDuration(row.duration_us),
    },
    {
      key: "p50_us",
      label: "p50",
      hint: about.ofSessions
        ? "Half of its sessions were busy no longer"
        : "Half of its calls took no longer",
      minor: true,
      value: (row) => row.durations?.p50_us ?? null,
      cell: (row) => formatDuration(row.durations?.p50_us ?? null),
    },
    {
      key: "p95_us",
      label: "p95",
      hint: about.ofSessions
        ? "19 of 20 of its sessions were busy no longer"
        : "19 of 20 of its calls took no longer",
      value: (row) => row.durations?.p95_us ?? null,
      cell: (row) => formatDuration(row.durations?.p95_us ?? null),
    },
    {
      key: "last_at",
      label: "Last used",
      hint: "To the quarter of an hour",
      value: (row) => row.last_at,
      cell: (row) => <Day micros={row.last_at} />,
    },
  ];
  return columns.filter((column) => !column.not?.includes(about.kind));
}

function tableOf(rows: readonly CatalogRow[]): Table {
  const fields = [
    "ops",
    "sessions",
    "cost_usd",
    "unpriced_calls",
    "tokens_in",
    "tokens_out",
    "tokens_cache_read",
    "tokens_cache_write",
    "failures",
    "failure_share",
    "duration_us",
    "last_at",
  ] as const;
  return {
    columns: [
      { label: "name" },
      ...fields.map((label) => ({ label, numeric: true })),
      ...(["n", "p50_us", "p95_us", "max_us"] as const).map((label) => ({ label, numeric: true })),
    ],
    rows: rows.map((row) => [
      row.name,
      ...fields.map((field) => row[field]),
      row.durations?.n ?? null,
      row.durations?.p50_us ?? null,
      row.durations?.p95_us ?? null,
      row.durations?.max_us ?? null,
    ]),
  };
}

/** The programs that ran agents: Claude Code, Codex, … */
function Clients({ page }: { page: PageWork }) {
  const asked = useStats(page.work, "format");
  const sorting = useSorting("sessions", "clients");
  const columns = clientColumns(page);
  return (
    <Panel name="clients" title="Programs" asked={asked} rows={3}>
      <DataGrid
        label="Programs"
        rows={asked.data?.groups ?? []}
        rowKey={(row) => row.key}
        columns={columns}
        sorting={sorting}
      />
    </Panel>
  );
}

function clientColumns(page: PageWork): GridColumn<StatsGroup>[] {
  return [
    { key: "name", label: "client", text: true, value: (row) => row.key, cell: (row) => row.key },
    {
      key: "sessions",
      label: "Sessions",
      value: (row) => row.sessions,
      cell: (row) => (
        <Link href={sessionsHref(page.work ?? {}, { format: row.key })} data-count={row.sessions}>
          {groupThousands(row.sessions)}
        </Link>
      ),
    },
    ...["turns", "ops", "cost_usd", "tokens", "cache_hit_share", "failures", "failure_share", "busy_us"].map(
      (key): GridColumn<StatsGroup> => {
        const metric = metricOf(key);
        return {
          key,
          label: metric.short,
          hint: metric.hint,
          value: metric.value,
          cell: (row) => formatOf(metric, row),
        };
      },
    ),
  ];
}
