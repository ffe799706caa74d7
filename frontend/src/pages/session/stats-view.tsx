import { useMemo } from "react";
import { retryChains } from "../../core/breakdown";
import { selectionName, selectionOf } from "../../core/selection";
import { OP_ROW } from "../../core/waterfall-rows";
import { plural } from "../../logic/units";
import { Breakdown } from "./breakdown";
import { CacheHits, TokenMix } from "./stats-tokens";
import { CallDots } from "./stats-dots";
import { TurnHeat } from "./stats-heat";
import { Retries } from "./stats-retries";
import styles from "./stats-view.module.css";
import { useBenchState } from "./use-bench";
import type { ViewProps } from "./view-props";

/** A session tree in numbers, for the part of the time that is looked at. */
export default function StatsView(props: ViewProps) {
  const { bench, lanes } = props;
  const { trace } = lanes;
  const sel = useBenchState(bench, (state) => state.sel);
  const range = useBenchState(bench, (state) => state.range);
  const alone = useBenchState(bench, (state) => state.scope) === "self";
  const choice = useMemo(() => ({ range, alone }), [range, alone]);
  const chains = useMemo(() => retryChains(trace, choice), [trace, choice]);
  const goTo = (op: number) =>
    bench.set({ sel: selectionOf(trace, OP_ROW, op), origin: "stats", follow: false });
  return (
    <section
      className={styles.stats}
      aria-label="Statistics"
      data-pane="stats"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <Breakdown bench={bench} trace={trace} choice={choice} />
      <TurnHeat bench={bench} trace={trace} choice={choice} />
      <CallDots {...props} choice={choice} onGoTo={goTo} />
      <div className={styles.pair}>
        <TokenMix trace={trace} choice={choice} />
        <CacheHits bench={bench} trace={trace} choice={choice} />
      </div>
      <Retries trace={trace} chains={chains} onGoTo={goTo} />
      <p className={styles.foot}>
        {range ? "Of what began in the part of the time that is shown. " : ""}
        Copies of another session&apos;s steps are in no number.
        {chains.length > 0 ? ` ${plural(chains.length, "retry chain")}.` : ""}
      </p>
    </section>
  );
}
