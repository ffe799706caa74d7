import { useMemo } from "react";
import { type Scope, type Workbench, writeRange } from "../../core/selection";
import { ACTIVITIES } from "../../core/self-time";
import { costOf, countedOps, sumBy, type Sums, tokensOf } from "../../core/sums";
import type { Gap } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { formatClock } from "../../logic/time";
import { formatCount, formatDuration, formatTotalCost, groupThousands, plural } from "../../logic/units";
import styles from "./range-bar.module.css";
import { useBenchState } from "./use-bench";

interface RangeBarProps {
  bench: Workbench;
  trace: Trace;
  whole: Gap;
}

/** The ranges one went into, each a way back, and what the part that is looked at adds up to. */
export function RangeBar({ bench, trace, whole }: RangeBarProps) {
  const range = useBenchState(bench, (state) => state.range);
  const scope = useBenchState(bench, (state) => state.scope);
  return (
    <div className={styles.bar} data-totals={range ? writeRange(range) : "all"}>
      <Breadcrumbs bench={bench} />
      <Totals trace={trace} range={range} whole={whole} scope={scope} />
    </div>
  );
}

export function Breadcrumbs({ bench }: { bench: Workbench }) {
  const range = useBenchState(bench, (state) => state.range);
  const committed = useBenchState(bench, (state) => state.committed);
  const loose = range !== null && range !== committed.at(-1);
  return (
    <nav className={styles.crumbs} aria-label="Ranges">
      <button
        type="button"
        className={styles.crumb}
        aria-current={range ? undefined : "true"}
        title="All of the time (0)"
        onClick={() => bench.leaveTo(0)}
      >
        All
      </button>
      {committed.map((one, index) => (
        <button
          key={`${one.start} ${one.end}`}
          type="button"
          className={styles.crumb}
          data-crumb={writeRange(one)}
          aria-current={one === range ? "true" : undefined}
          title={`${formatClock(one.start)} to ${formatClock(one.end)}`}
          onClick={() => bench.leaveTo(index + 1)}
        >
          {formatDuration(one.end - one.start)}
        </button>
      ))}
      {loose ? (
        <button
          type="button"
          className={styles.loose}
          title={`${formatClock(range.start)} to ${formatClock(range.end)}: keep it, to come back to it (Enter)`}
          onClick={() => bench.commit(range)}
        >
          {formatDuration(range.end - range.start)} +
        </button>
      ) : null}
    </nav>
  );
}

interface TotalsProps {
  trace: Trace;
  range: Gap | null;
  whole: Gap;
  scope: Scope;
}

export function useRangeSums(trace: Trace, range: Gap | null, scope: Scope): Sums {
  return useMemo(() => sumBy(trace, countedOps(trace, range, scope), 1, () => 0), [trace, range, scope]);
}

const SPLIT_NAMES: Record<(typeof ACTIVITIES)[number], string> = {
  compaction: "compacting",
  model: "model",
  tool: "tools",
  agent: "sub-agents",
};

/** How long a range is, and what began in it. */
export function Totals({ trace, range, whole, scope }: TotalsProps) {
  const sums = useRangeSums(trace, range, scope);
  const shown = range ?? whole;
  const fresh = [
    `${groupThousands(sums.tokensIn[0] ?? 0)} fresh input`,
    `${groupThousands(sums.tokensOut[0] ?? 0)} output`,
    `${groupThousands(sums.cacheRead[0] ?? 0)} read from the cache`,
    `${groupThousands(sums.cacheWrite[0] ?? 0)} written to it`,
  ];
  const failures = sums.failures[0] ?? 0;
  return (
    <dl className={styles.figures}>
      <Figure name="duration" value={shown.end - shown.start}>
        {formatDuration(shown.end - shown.start)}
      </Figure>
      <Figure name="ops" value={sums.ops[0] ?? 0}>
        {plural(sums.ops[0] ?? 0, "op")}
      </Figure>
      <Figure name="cost" value={(sums.cost[0] ?? 0) / 1e9}>
        {formatTotalCost(costOf(sums, 0))}
      </Figure>
      <Figure name="tokens" value={tokensOf(sums, 0)} title={fresh.join(", ")}>
        {formatCount(tokensOf(sums, 0))} tok
      </Figure>
      <Figure name="failures" value={failures} bad={failures > 0}>
        {groupThousands(failures)} failed
      </Figure>
      <Figure
        name="split"
        value={sums.self[0] ?? 0}
        title="Time in which something ran, each instant of a session once"
      >
        {splitText(sums)}
      </Figure>
    </dl>
  );
}

function splitText(sums: Sums): string {
  const parts = ACTIVITIES.flatMap((activity, place) => {
    const micros = sums.split[place] ?? 0;
    return micros > 0 ? [{ name: SPLIT_NAMES[activity], micros }] : [];
  });
  return parts
    .toSorted((one, other) => other.micros - one.micros)
    .map(({ name, micros }) => `${name} ${formatDuration(micros)}`)
    .join(", ");
}

interface FigureProps {
  name: string;
  value: number;
  title?: string;
  bad?: boolean;
  children: React.ReactNode;
}

function Figure({ name, value, title, bad = false, children }: FigureProps) {
  if (name === "split" && value === 0) return null;
  return (
    <div className={styles.figure}>
      <dt className="visually-hidden">{name}</dt>
      <dd data-total={name} data-value={value} title={title} className={bad ? styles.bad : undefined}>
        {children}
      </dd>
    </div>
  );
}
