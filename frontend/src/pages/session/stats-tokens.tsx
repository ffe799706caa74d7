import { useMemo } from "react";
import { breakdown, cacheHit, type GroupSums, type OpsChoice, turnBuckets } from "../../core/breakdown";
import type { Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import { formatCount, groupThousands } from "../../logic/units";
import { formatShare } from "../../logic/weights";
import { DataTable } from "./data-table";
import { Panel } from "./panel";
import styles from "./stats-view.module.css";
import { useBenchState } from "./use-bench";

const PARTS = [
  ["fresh", "Fresh input", (sums: GroupSums) => sums.tokensIn],
  ["read", "Cache read", (sums: GroupSums) => sums.cacheRead],
  ["write", "Cache write", (sums: GroupSums) => sums.cacheWrite],
  ["answer", "Output", (sums: GroupSums) => sums.tokensOut - sums.reasoning],
  ["reasoning", "Reasoning", (sums: GroupSums) => sums.reasoning],
] as const;

/** What the tokens were, of all calls together. */
export function TokenMix({ trace, choice }: { trace: Trace; choice: OpsChoice }) {
  const { all } = useMemo(() => breakdown(trace, "kind", choice), [trace, choice]);
  const sum = PARTS.reduce((total, [, , value]) => total + value(all), 0);
  return (
    <Panel title="Token mix">
      {sum === 0 ? (
        <p className={styles.none}>No tokens are known.</p>
      ) : (
        <>
          <div className={styles.mix} aria-hidden="true">
            {PARTS.map(([part, , value]) =>
              value(all) > 0 ? (
                <span key={part} data-part={part} style={{ width: `${(100 * value(all)) / sum}%` }} />
              ) : null,
            )}
          </div>
          <table className={styles.legend}>
            <thead className="visually-hidden">
              <tr>
                <th scope="col">Tokens</th>
                <th scope="col">How many</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {PARTS.map(([part, text, value]) => (
                <tr key={part}>
                  <th scope="row">
                    <span className={styles.swatch} data-part={part} aria-hidden="true" />
                    {text}
                  </th>
                  <td title={groupThousands(value(all))} data-tokens={part} data-value={value(all)}>
                    {formatCount(value(all))}
                  </td>
                  <td>{formatShare(value(all), sum)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Panel>
  );
}

const HITS = 200;
const HIT_PX = 96;

/** Turn by turn, how much of what the models were sent came from the cache. */
export function CacheHits({ bench, trace, choice }: { bench: Workbench; trace: Trace; choice: OpsChoice }) {
  const sel = useBenchState(bench, (state) => state.sel);
  const { groups, all } = useMemo(() => breakdown(trace, "turn", choice), [trace, choice]);
  const buckets = useMemo(() => turnBuckets(trace, HITS), [trace]);
  const sums = useMemo(() => {
    const found = buckets.numbers.map(() => ({ tokensIn: 0, cacheRead: 0, cacheWrite: 0 }));
    for (const group of groups) {
      const sum = found[buckets.of(Number(group.key))];
      if (!sum) continue;
      sum.tokensIn += group.tokensIn;
      sum.cacheRead += group.cacheRead;
      sum.cacheWrite += group.cacheWrite;
    }
    return found;
  }, [groups, buckets]);
  const page = trace.head.sessions[0]?.id ?? "";
  const chosen = sel?.type === "turn" && sel.session === page ? buckets.of(sel.number) : -1;
  const text = (at: number) => {
    const { first, last } = buckets.numbers[at] ?? { first: 0, last: 0 };
    return first === last ? `Turn ${first}` : `Turns ${first}–${last}`;
  };
  const goTo = (at: number) =>
    bench.set({
      sel: { type: "turn", session: page, number: buckets.numbers[at]?.first ?? 0 },
      origin: "stats",
      follow: false,
    });
  const share = (at: number) => {
    const sum = sums[at];
    return sum ? cacheHit(sum) : null;
  };
  const hit = cacheHit(all);
  const table = () => (
    <DataTable
      label="Cache hits by turn"
      columns={[
        { text: "Turn", width: "minmax(100px, 1fr)" },
        { text: "Hit", width: "60px", number: true },
        { text: "Read", width: "70px", number: true },
        { text: "Sent", width: "70px", number: true },
      ]}
      count={sums.length}
      cell={(at, column) => {
        const sum = sums[at] ?? { tokensIn: 0, cacheRead: 0, cacheWrite: 0 };
        const sent = sum.tokensIn + sum.cacheRead + sum.cacheWrite;
        return [text(at), formatShare(sum.cacheRead, sent), formatCount(sum.cacheRead), formatCount(sent)][
          column
        ];
      }}
      chosen={chosen}
      onChoose={goTo}
    />
  );
  return (
    <Panel
      title={hit === null ? "Cache hits" : `Cache hits: ${formatShare(hit, 1)}`}
      hint="How much of what the models were sent came from the cache, turn by turn"
      table={table}
    >
      {hit === null ? (
        <p className={styles.none}>No model was sent anything here.</p>
      ) : (
        <div className={styles.hits} aria-hidden="true">
          <span>100 %</span>
          <svg viewBox={`0 0 ${sums.length} ${HIT_PX}`} preserveAspectRatio="none" height={HIT_PX}>
            {sums.map((_, at) => {
              const part = share(at);
              return (
                // The keyboard goes there by the table; this is the pointer's way.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                <g
                  key={buckets.numbers[at]?.first}
                  className={at === chosen ? styles.hitChosen : styles.hit}
                  onClick={() => goTo(at)}
                >
                  <title>{`${text(at)}: ${part === null ? "nothing sent" : formatShare(part, 1)}`}</title>
                  <rect className={styles.hitGround} x={at} y={0} width={1} height={HIT_PX} />
                  {part === null ? null : (
                    <rect x={at + 0.05} y={HIT_PX * (1 - part)} width={0.9} height={HIT_PX * part} />
                  )}
                </g>
              );
            })}
          </svg>
          <span>0</span>
        </div>
      )}
    </Panel>
  );
}
