import { useMemo } from "react";
import { figures } from "../../core/figures";
import { VIEWS, type Workbench, writeRange } from "../../core/selection";
import type { Gap } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { formatCount, formatDuration, formatTotalCost, groupThousands, plural } from "../../logic/units";
import { CloseIcon, PauseIcon } from "../../ui/icons";
import styles from "./ribbon.module.css";
import { useBenchState } from "./use-bench";
import { VIEW_TABLE } from "./views";

export type Layout = "inspect" | "read" | "trace";

interface LayoutChoice {
  layout: Layout;
  text: string;
  /** What it is called where there is room for one pane only. */
  alone: string;
  hint: string;
}

const LAYOUTS: LayoutChoice[] = [
  { layout: "inspect", text: "Inspect", alone: "", hint: "Waterfall and transcript (Shift+1)" },
  { layout: "trace", text: "Trace", alone: "Waterfall", hint: "The waterfall, large (Shift+3)" },
  { layout: "read", text: "Read", alone: "Transcript", hint: "The transcript alone (Shift+2)" },
];

interface RibbonProps {
  bench: Workbench;
  trace: Trace | undefined;
  whole: Gap | undefined;
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

/** How the page is laid out, and what the part that is looked at adds up to. */
export function Ribbon({
  bench,
  trace,
  whole,
  waits,
  folded,
  active,
  layout,
  narrow,
  onLayout,
}: RibbonProps) {
  const range = useBenchState(bench, (state) => state.range);
  const view = useBenchState(bench, (state) => state.view);
  const follow = useBenchState(bench, (state) => state.follow);
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
      <div className={styles.layouts} role="group" aria-label="Layout">
        {LAYOUTS.filter(({ layout: one }) => !narrow || one !== "inspect").map((one) => (
          <button
            key={one.layout}
            type="button"
            className={styles.layout}
            aria-pressed={one.layout === layout}
            title={one.hint}
            onClick={() => onLayout(one.layout)}
          >
            {narrow ? one.alone : one.text}
          </button>
        ))}
      </div>
      {waits.length > 0 ? (
        <button
          type="button"
          className={styles.waits}
          aria-pressed={folded}
          data-waits={waits.length}
          title="Long waits in which nothing happened, folded to narrow bands (z)"
          onClick={() => bench.set({ gaps: !folded })}
        >
          <PauseIcon />
          {plural(waits.length, "wait")}, {formatDuration(hidden)} {folded ? "folded" : "shown"}
        </button>
      ) : null}
      {active || follow ? (
        <button
          type="button"
          className={styles.follow}
          aria-pressed={follow}
          title="Keep the end in sight as it grows (l)"
          onClick={() => bench.set({ follow: !follow })}
        >
          Follow
        </button>
      ) : null}
      {trace && whole ? (
        <RangeTotals trace={trace} range={range} whole={whole} />
      ) : (
        <span className={styles.totals} />
      )}
      {range ? (
        <button
          type="button"
          className={styles.clear}
          onClick={() => bench.settle(null)}
          title="Show all (0)"
        >
          <CloseIcon />
          All
        </button>
      ) : null}
    </div>
  );
}

function RangeTotals({ trace, range, whole }: { trace: Trace; range: Gap | null; whole: Gap }) {
  const sums = useMemo(() => figures(trace, range), [trace, range]);
  const shown = range ?? whole;
  const cost = sums.cost / 1e9;
  return (
    <div className={styles.totals} data-totals={range ? writeRange(range) : "all"}>
      <span className={styles.scope}>{range ? "In this part" : "All, with sub-agents"}</span>
      <dl className={styles.figures}>
        <Figure name="duration" value={shown.end - shown.start}>
          {formatDuration(shown.end - shown.start)}
        </Figure>
        <Figure name="ops" value={sums.ops}>
          {plural(sums.ops, "op")}
        </Figure>
        <Figure name="cost" value={cost}>
          {formatTotalCost({
            cost_usd: cost,
            unpriced_calls: sums.unpriced,
            tokens_in: sums.tokensIn,
            tokens_out: sums.tokensOut,
            tokens_cache_read: sums.cacheRead,
            tokens_cache_write: sums.cacheWrite,
          })}
        </Figure>
        <Figure
          name="tokens"
          value={sums.tokensIn + sums.tokensOut + sums.cacheRead + sums.cacheWrite}
          title={`${groupThousands(sums.tokensIn)} fresh input, ${groupThousands(sums.tokensOut)} output, ${groupThousands(sums.cacheRead)} read from the cache, ${groupThousands(sums.cacheWrite)} written to it`}
        >
          {formatCount(sums.tokensIn)} in, {formatCount(sums.tokensOut)} out,{" "}
          {formatCount(sums.cacheRead + sums.cacheWrite)} cache
        </Figure>
        <Figure name="failures" value={sums.failures} bad={sums.failures > 0}>
          {groupThousands(sums.failures)} failed
        </Figure>
      </dl>
    </div>
  );
}

interface FigureProps {
  name: string;
  value: number;
  title?: string;
  bad?: boolean;
  children: React.ReactNode;
}

function Figure({ name, value, title, bad = false, children }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt className="visually-hidden">{name}</dt>
      <dd data-total={name} data-value={value} title={title} className={bad ? styles.bad : undefined}>
        {children}
      </dd>
    </div>
  );
}
