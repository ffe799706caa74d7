import { useStats } from "../../api/queries";
import { isPartial } from "../../logic/work-filter";
import { NothingHere } from "../../ui/nothing-here";
import { RangePicker } from "../../ui/range";
import { Shell } from "../../ui/shell";
import { useShortcuts } from "../../ui/shortcuts";
import { ErrorState } from "../../ui/states";
import { useQuarter } from "../../ui/today";
import { useLiveStats } from "../../ui/use-live-stats";
import { type PageWork, usePageWork } from "../../ui/use-work";
import { WorkBar } from "../../ui/work-bar";
import styles from "./analytics.module.css";
import { Breakdown } from "./breakdown";
import { Kpis } from "./kpis";
import { DistributionPanels, FailurePanel, WeekPanel } from "./panels";
import { Trend } from "./trend";
import { type AnalyticsView, viewFromUrl } from "./url";

export default function AnalyticsPage() {
  const page = usePageWork();
  const now = useQuarter();
  const view = viewFromUrl(page.params, page.work, now);
  const totals = useStats(page.work);
  const earlier = useStats(view.comparing ? page.earlier : null);
  useLiveStats("stats", "series", "heatmap", "distributions", "durations", "failures");
  const compare = () => page.change({ compare: view.comparing ? null : "1" });
  useShortcuts({ x: compare });
  const nothing = totals.data !== undefined && totals.data.totals.sessions === 0;
  return (
    <Shell crumbs={[{ text: "Analytics" }]} tools={<RangePicker {...page.range} />}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Analytics</h1>
        <WorkBar page={page}>
          <Switches page={page} view={view} onCompare={compare} />
        </WorkBar>
        <div className={styles.body}>
          {totals.data === undefined && totals.isError ? (
            <ErrorState
              what="The sums could not be loaded."
              error={totals.error}
              onRetry={() => void totals.refetch()}
            />
          ) : (
            <Kpis asked={totals} page={page} earlier={view.comparing ? earlier.data?.totals : undefined} />
          )}
          {nothing ? (
            <NothingHere page={page} />
          ) : page.work ? (
            <>
              <Trend page={page} view={view} totals={totals.data?.totals} />
              <Breakdown page={page} view={view} totals={totals.data?.totals} />
              <div className={styles.pair}>
                <WeekPanel page={page} metric={view.metric} />
                <FailurePanel page={page} />
              </div>
              <DistributionPanels page={page} partial={isPartial(page.work)} />
            </>
          ) : null}
        </div>
      </div>
    </Shell>
  );
}

function Switches({ page, view, onCompare }: { page: PageWork; view: AnalyticsView; onCompare: () => void }) {
  return (
    <>
      <fieldset className={styles.switch} title="What counts for a filter on sessions">
        <legend className="visually-hidden">What counts</legend>
        {[
          [null, "Own", "The work of the sessions that the filter lets through"],
          ["1", "Subtree", "The work of root sessions that the filter lets through, with all they started"],
        ].map(([value, text, hint]) => (
          <button
            key={text}
            type="button"
            aria-pressed={view.subtree === (value === "1")}
            title={hint ?? ""}
            onClick={() => page.change({ tree: value ?? null })}
          >
            {text}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={view.comparing}
        disabled={page.earlier === null}
        title={page.earlier === null ? "All time has no time before it" : "With as much time just before (x)"}
        onClick={onCompare}
      >
        Compare
      </button>
    </>
  );
}
