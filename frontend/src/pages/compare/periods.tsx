import { Link } from "wouter";
import { useStats } from "../../api/queries";
import { differences } from "../../logic/compare";
import { formatChange, formatOf, METRICS } from "../../logic/metrics";
import { formatCost } from "../../logic/units";
import { isPartial, sessionsHref } from "../../logic/work-filter";
import { Panel } from "../../ui/charts/panel";
import { NothingHere } from "../../ui/nothing-here";
import { EmptyState } from "../../ui/states";
import type { PageWork } from "../../ui/use-work";
import styles from "./compare.module.css";
import { DifferenceList } from "./difference-list";

export function ComparePeriods({ page }: { page: PageWork }) {
  const now = useStats(page.work, "model");
  const before = useStats(page.earlier, "model");
  if (page.work && !page.earlier) return <EmptyState title="All time has no time before it." />;
  const [told, earlier] = [now.data?.totals, before.data?.totals];
  const partial = page.work !== null && isPartial(page.work);
  const shown = METRICS.filter((metric) => !("ofTurns" in metric && metric.ofTurns && partial));
  const asked = now.data ? before : now;
  return (
    <>
      <Panel
        name="periods"
        title="This period and the one before"
        asked={asked}
        empty={told?.sessions === 0 && earlier?.sessions === 0 ? <NothingHere page={page} /> : undefined}
        rows={12}
        table={
          told && earlier
            ? {
                columns: [
                  { label: "metric" },
                  { label: "before", numeric: true },
                  { label: "now", numeric: true },
                ],
                rows: shown.map((metric) => [metric.key, metric.value(earlier), metric.value(told)]),
              }
            : undefined
        }
        controls={
          told && earlier && page.work && page.earlier ? (
            <span className={styles.links}>
              <Link href={sessionsHref(page.earlier)} data-count={earlier.sessions}>
                before: {earlier.sessions} sessions
              </Link>
              <Link href={sessionsHref(page.work)} data-count={told.sessions}>
                now: {told.sessions} sessions
              </Link>
            </span>
          ) : null
        }
      >
        {told && earlier ? (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">Before</th>
                <th scope="col">Now</th>
                <th scope="col">Change</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((metric) => {
                const change = formatChange(metric.unit, metric.value(told), metric.value(earlier));
                return (
                  <tr key={metric.key} data-metric={metric.key}>
                    <th scope="row" title={metric.hint}>
                      {metric.label}
                    </th>
                    <td>{formatOf(metric, earlier)}</td>
                    <td>{formatOf(metric, told)}</td>
                    <td>{change ?? "–"}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ) : null}
      </Panel>
      <Panel name="models" title="Cost by model: less, more" asked={asked}>
        <DifferenceList
          rows={differences(costs(before.data?.groups), costs(now.data?.groups))}
          format={formatCost}
        />
      </Panel>
    </>
  );
}

function costs(groups: readonly { key: string; cost_usd: number }[] | undefined): Map<string, number> {
  return new Map((groups ?? []).map((group) => [group.key, group.cost_usd]));
}
