import type { Stats, StatsTotals } from "../../api/types";
import { formatChange, formatOf, type Metric, metricOf } from "../../logic/metrics";
import { isPartial, sessionsHref } from "../../logic/work-filter";
import { groupThousands } from "../../logic/units";
import { Kpi, KpiStrip } from "../../ui/kpi";
import { Skeleton } from "../../ui/states";
import { pageHref } from "../../ui/page-href";
import type { PageWork } from "../../ui/use-work";

const SHOWN = [
  "cost_usd",
  "sessions",
  "turns",
  "llm_calls",
  "tool_calls",
  "tokens",
  "cache_hit_share",
  "failures",
  "failure_share",
  "cost_per_success_usd",
  "busy_us",
  "wait_us",
];

interface KpisProps {
  asked: { data: Stats | undefined };
  page: PageWork;
  earlier: StatsTotals | undefined;
}

export function Kpis({ asked, page, earlier }: KpisProps) {
  const totals = asked.data?.totals;
  const { work } = page;
  if (!totals || !work) return <Skeleton rows={2} label="Loading sums" />;
  const shown = SHOWN.map(metricOf).filter((metric) => !(metric.ofTurns && isPartial(work)));
  return (
    <KpiStrip>
      {shown.map((metric) => {
        const now = metric.value(totals);
        const before = earlier ? metric.value(earlier) : null;
        return (
          <Kpi
            key={metric.key}
            label={metric.label}
            value={formatOf(metric, totals)}
            hint={hintOf(metric, totals, earlier)}
            href={hrefOf(metric, page)}
            count={metric.key === "failures" ? totals.failures : totals.sessions}
            change={earlier ? formatChange(metric.unit, now, before) : undefined}
            turn={turnOf(metric, now, before)}
          />
        );
      })}
    </KpiStrip>
  );
}

function hrefOf(metric: Metric, page: PageWork): string {
  if (metric.key === "failures" || metric.key === "failure_share") return pageHref("/failures", page);
  return sessionsHref(page.work ?? {});
}

function hintOf(metric: Metric, totals: StatsTotals, earlier: StatsTotals | undefined): string {
  const unpriced =
    metric.key === "cost_usd" && totals.unpriced_calls > 0
      ? `\n${groupThousands(totals.unpriced_calls)} of ${groupThousands(totals.llm_calls)} calls have no known price`
      : "";
  const before = earlier ? `\nBefore: ${formatOf(metric, earlier)}` : "";
  return `${metric.hint}${unpriced}${before}`;
}

function turnOf(metric: Metric, now: number | null, before: number | null): -1 | 0 | 1 {
  if (metric.worse === 0 || now === null || before === null || now === before) return 0;
  return now > before ? metric.worse : metric.worse === 1 ? -1 : 1;
}
