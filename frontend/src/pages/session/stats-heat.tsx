import { useMemo } from "react";
import { type GroupBy, keyOf, type OpsChoice, opsOf, pageTurns, turnBuckets } from "../../core/breakdown";
import { weigher } from "../../core/flame-tree";
import type { Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import { formatWeight, WEIGHTS } from "../../logic/weights";
import { groupName } from "./breakdown";
import { DataTable } from "./data-table";
import { Panel } from "./panel";
import styles from "./stats-view.module.css";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";
import { Choices, Select } from "./view-bar";

const BUCKETS = 200;
const ROWS = 12;
const ROW_PX = 20;
const DIMENSIONS: readonly (readonly [GroupBy, string])[] = [
  ["tool", "Tools"],
  ["kind", "Kinds"],
  ["model", "Models"],
  ["agent", "Agents"],
];
const DIMENSION_NAMES = DIMENSIONS.map(([dimension]) => dimension);

interface TurnHeatProps {
  bench: Workbench;
  trace: Trace;
  choice: OpsChoice;
}

interface HeatRow {
  key: string;
  name: string;
  values: Float64Array;
  total: number;
}

/** Turn by turn, how much of what there was. */
export function TurnHeat({ bench, trace, choice }: TurnHeatProps) {
  const [dimension, setDimension] = useAddressChoice("heat", DIMENSION_NAMES);
  const metric = useBenchState(bench, (state) => state.metric);
  const buckets = useMemo(() => turnBuckets(trace, BUCKETS), [trace]);
  const rows = useMemo(() => {
    const key = keyOf(trace, dimension);
    const turn = pageTurns(trace);
    const weigh = weigher(trace, metric, choice.alone);
    const found = new Map<string, Float64Array>();
    for (const op of opsOf(trace, choice)) {
      const name = key(op);
      const at = buckets.of(turn(op));
      if (name === null || at === -1) continue;
      let values = found.get(name);
      if (!values) found.set(name, (values = new Float64Array(buckets.numbers.length)));
      values[at] = (values[at] ?? 0) + weigh(op);
    }
    const all = [...found]
      .map(([name, values]): HeatRow => ({
        key: name,
        name: groupName(dimension, name),
        values,
        total: values.reduce((sum, value) => sum + value, 0),
      }))
      .filter(({ total }) => total > 0)
      .toSorted((one, other) => other.total - one.total);
    if (all.length <= ROWS) return all;
    const rest = all.slice(ROWS - 1);
    const values = new Float64Array(buckets.numbers.length);
    for (const row of rest) row.values.forEach((value, at) => (values[at] = (values[at] ?? 0) + value));
    const total = rest.reduce((sum, row) => sum + row.total, 0);
    return [...all.slice(0, ROWS - 1), { key: "…", name: `${rest.length} others`, values, total }];
  }, [trace, dimension, metric, choice, buckets]);
  const most = rows.reduce((one, row) => row.values.reduce((two, value) => Math.max(two, value), one), 0);
  const text = (at: number) => {
    const { first, last } = buckets.numbers[at] ?? { first: 0, last: 0 };
    return first === last ? `Turn ${first}` : `Turns ${first}–${last}`;
  };
  const goTo = (at: number) => {
    const session = trace.head.sessions[0]?.id ?? "";
    const number = buckets.numbers[at]?.first ?? 0;
    bench.set({ sel: { type: "turn", session, number }, origin: "stats", follow: false });
  };
  const sel = useBenchState(bench, (state) => state.sel);
  const chosen =
    sel?.type === "turn" && sel.session === trace.head.sessions[0]?.id ? buckets.of(sel.number) : -1;
  const table = () => (
    <DataTable
      label="Turns by what was done"
      columns={[
        { text: "Turn", width: "110px" },
        ...rows.map((row) => ({ text: row.name, width: "90px", number: true })),
      ]}
      count={buckets.numbers.length}
      cell={(at, column) => {
        if (column === 0) return text(at);
        const value = rows[column - 1]?.values[at] ?? 0;
        return value > 0 ? formatWeight(metric, value) : "";
      }}
      chosen={chosen}
      onChoose={goTo}
    />
  );
  return (
    <Panel
      title="Turn by turn"
      hint="The darker the more; a click goes to the turn"
      tools={
        <>
          <Choices label="Rows" value={dimension} choices={DIMENSIONS} onChoose={setDimension} />
          <Select
            label="By"
            value={metric}
            choices={WEIGHTS}
            onChoose={(next) => bench.set({ metric: next })}
          />
        </>
      }
      table={table}
    >
      {rows.length === 0 ? (
        <p className={styles.none}>There is none of it here.</p>
      ) : (
        <div className={styles.heat} aria-hidden="true">
          <div className={styles.heatNames}>
            {rows.map((row) => (
              <span key={row.key} title={`${row.name}: ${formatWeight(metric, row.total)}`}>
                {row.name}
              </span>
            ))}
          </div>
          <svg
            viewBox={`0 0 ${buckets.numbers.length} ${rows.length * ROW_PX}`}
            preserveAspectRatio="none"
            height={rows.length * ROW_PX}
            data-buckets={buckets.numbers.length}
          >
            {rows.map((row, number) =>
              [...row.values].map((value, at) =>
                value > 0 ? (
                  <rect
                    // oxlint-disable-next-line react/no-array-index-key
                    key={at}
                    x={at}
                    y={number * ROW_PX + 1}
                    width={buckets.numbers.length > 60 ? 1 : 0.94}
                    height={ROW_PX - 2}
                    fillOpacity={0.12 + 0.88 * Math.sqrt(value / most)}
                  />
                ) : null,
              ),
            )}
            {chosen === -1 ? null : (
              <rect className={styles.heatChosen} x={chosen} y={0} width={1} height={rows.length * ROW_PX} />
            )}
            {buckets.numbers.map((bucket, at) => (
              // The keyboard goes there by the table; this is the pointer's way.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <rect
                key={bucket.first}
                className={styles.heatHit}
                x={at}
                y={0}
                width={1}
                height={rows.length * ROW_PX}
                onClick={() => goTo(at)}
              >
                <title>
                  {[
                    text(at),
                    ...rows
                      .filter((row) => (row.values[at] ?? 0) > 0)
                      .map((row) => `${row.name}: ${formatWeight(metric, row.values[at] ?? 0)}`),
                  ].join("\n")}
                </title>
              </rect>
            ))}
          </svg>
        </div>
      )}
    </Panel>
  );
}
