import { METRICS, type Metric, VIEWS, type Workbench } from "../../core/selection";
import type { Gap } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { formatDuration, plural } from "../../logic/units";
import { PanesIcon, PathIcon, PauseIcon, TextPaneIcon, WidePaneIcon } from "../../ui/icons";
import { FilterField } from "./filter-field";
import { FindField } from "./find-field";
import styles from "./ribbon.module.css";
import { useBenchState } from "./use-bench";
import type { Matches } from "./use-matches";
import { VIEW_TABLE } from "./views";

export type Layout = "inspect" | "read" | "trace";

interface LayoutChoice {
  layout: Layout;
  text: string;
  /** What it is called where there is room for one pane only. */
  alone: string;
  hint: string;
  icon: React.ReactNode;
}

const LAYOUTS: LayoutChoice[] = [
  {
    layout: "inspect",
    text: "Inspect",
    alone: "",
    hint: "View and transcript (Shift+1)",
    icon: <PanesIcon />,
  },
  {
    layout: "trace",
    text: "Trace",
    alone: "View",
    hint: "The view, large (Shift+3)",
    icon: <WidePaneIcon />,
  },
  {
    layout: "read",
    text: "Read",
    alone: "Transcript",
    hint: "The transcript alone (Shift+2)",
    icon: <TextPaneIcon />,
  },
];

const METRIC_NAMES: Record<Metric, string> = {
  time: "Time",
  self: "Self time",
  cost: "Cost",
  tokens: "Tokens",
  count: "Count",
  failures: "Failures",
};

interface RibbonProps {
  bench: Workbench;
  trace: Trace | undefined;
  matches: Matches;
  /** All long waits, folded or not. */
  waits: readonly Gap[];
  folded: boolean;
  /** Something of the session is at work. */
  active: boolean;
  layout: Layout;
  /** Room for one pane only. */
  narrow: boolean;
  onLayout: (layout: Layout) => void;
}

/** What is shown of the session, and how. */
export function Ribbon(props: RibbonProps) {
  const { bench, trace, matches, waits, folded, active, layout, narrow, onLayout } = props;
  const view = useBenchState(bench, (state) => state.view);
  const follow = useBenchState(bench, (state) => state.follow);
  const scope = useBenchState(bench, (state) => state.scope);
  const metric = useBenchState(bench, (state) => state.metric);
  const path = useBenchState(bench, (state) => state.path);
  const hidden = waits.reduce((sum, wait) => sum + wait.end - wait.start, 0);
  return (
    <div className={styles.ribbon}>
      <div className={styles.layouts} role="group" aria-label="View">
        {VIEWS.map((name, index) => {
          const one = VIEW_TABLE[name];
          return one ? (
            <button
              key={name}
              type="button"
              className={styles.layout}
              aria-pressed={name === view}
              title={`${one.text} (${index + 1})`}
              onClick={() => bench.set({ view: name })}
            >
              {one.text}
            </button>
          ) : null;
        })}
      </div>
      <FilterField bench={bench} trace={trace} matches={matches} />
      <FindField bench={bench} found={matches.found} />
      {trace && trace.head.sessions.length > 1 ? (
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={scope === "tree"}
          title="Count what sub-agents did, too, or only the session's own work"
          onClick={() => bench.set({ scope: scope === "tree" ? "self" : "tree" })}
        >
          Sub-agents
        </button>
      ) : null}
      <select
        className={styles.select}
        aria-label="Measure"
        title="What areas, shares and orders go by"
        value={metric}
        onChange={(event) => bench.set({ metric: event.target.value as Metric })}
      >
        {METRICS.map((one) => (
          <option key={one} value={one}>
            {METRIC_NAMES[one]}
          </option>
        ))}
      </select>
      {waits.length > 0 ? (
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={folded}
          data-waits={waits.length}
          title={`Long waits in which nothing happened, folded to narrow bands (z): ${plural(waits.length, "wait")}, ${formatDuration(hidden)}`}
          onClick={() => bench.fold(!folded)}
        >
          <PauseIcon />
          {plural(waits.length, "gap")}, {formatDuration(hidden)} {folded ? "hidden" : "shown"}
        </button>
      ) : null}
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={path}
        aria-label="Critical path only"
        title="Only what the turns waited for: the critical path (p)"
        onClick={() => bench.set({ path: !path })}
      >
        <PathIcon />
      </button>
      {active || follow ? (
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={follow}
          title="Keep the end in sight as it grows (l)"
          onClick={() => bench.set({ follow: !follow })}
        >
          Follow
        </button>
      ) : null}
      <div className={styles.layouts} role="group" aria-label="Layout">
        {LAYOUTS.filter(({ layout: one }) => !narrow || one !== "inspect").map((one) => (
          <button
            key={one.layout}
            type="button"
            className={styles.layout}
            aria-pressed={one.layout === layout}
            aria-label={narrow ? undefined : one.text}
            title={one.hint}
            onClick={() => onLayout(one.layout)}
          >
            {narrow ? one.alone : one.icon}
          </button>
        ))}
      </div>
    </div>
  );
}
