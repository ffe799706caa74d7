/** Turn beside turn, and how both sessions begin and end. */

import { diffLines } from "diff";
import { useEnds, useTurnSums } from "../../api/queries";
import { sideBySide } from "../../logic/compare";
import { formatCost, formatDuration, groupThousands } from "../../logic/units";
import { Panel } from "../../ui/charts/panel";
import styles from "./compare.module.css";

export function TurnsPanel({ a, b }: { a: string; b: string }) {
  const [one, other] = [useTurnSums(a), useTurnSums(b)];
  const rows = sideBySide(one.data ?? [], other.data ?? []);
  return (
    <Panel
      name="turns"
      title="Turn beside turn"
      asked={one.data ? other : one}
      empty={one.data && other.data && rows.length === 0 ? "Neither has turns." : undefined}
      table={{
        columns: [
          "turn",
          "a_prompt",
          "a_duration_us",
          "a_cost_usd",
          "a_steps",
          "b_prompt",
          "b_duration_us",
          "b_cost_usd",
          "b_steps",
        ].map((label) => ({ label })),
        rows: rows.map(([left, right], at) => [
          at + 1,
          ...[left, right].flatMap((turn) => [turn?.label, turn?.duration_us, turn?.cost_usd, turn?.calls]),
        ]),
      }}
    >
      <div className={styles.scroller}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Turn</th>
              {["A", "B"].flatMap((side) => [
                <th key={`${side} prompt`} scope="col" className={styles.prompt}>
                  {side}: prompt
                </th>,
                <th key={`${side} time`} scope="col">
                  {side}: work
                </th>,
                <th key={`${side} cost`} scope="col">
                  {side}: cost
                </th>,
                <th key={`${side} steps`} scope="col">
                  {side}: steps
                </th>,
              ])}
            </tr>
          </thead>
          <tbody>
            {rows.map(([left, right], at) => (
              <tr key={`${left?.id ?? ""} ${right?.id ?? ""}`}>
                <th scope="row">{at + 1}</th>
                {(["a", "b"] as const).flatMap((side) => {
                  const turn = side === "a" ? left : right;
                  return [
                    <td key={`${side} prompt`} className={styles.prompt} title={turn?.label ?? undefined}>
                      {turn?.label ?? ""}
                    </td>,
                    <td key={`${side} time`}>{turn ? formatDuration(turn.duration_us) : ""}</td>,
                    <td key={`${side} cost`}>{turn ? formatCost(turn.cost_usd) : ""}</td>,
                    <td key={`${side} steps`}>{turn ? groupThousands(turn.calls) : ""}</td>,
                  ];
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function EndsPanel({ a, b }: { a: string; b: string }) {
  const [one, other] = [useEnds(a), useEnds(b)];
  return (
    <div className={styles.pair}>
      {(["prompt", "answer"] as const).map((which) => {
        const [before, after] = [one.data?.[which] ?? null, other.data?.[which] ?? null];
        return (
          <Panel
            key={which}
            name={which}
            title={which === "prompt" ? "First prompt: A → B" : "Last answer: A → B"}
            hint="The first 2,000 characters of each"
            asked={one.data ? other : one}
            empty={before === null && after === null ? "Neither has one." : undefined}
          >
            {before === after ? <p className={styles.none}>The same.</p> : null}
            <pre className={styles.diff}>
              {diffLines(before ?? "", after ?? "").map((part, at) => (
                // Parts may be alike: the place is what tells them apart.
                // oxlint-disable-next-line react/no-array-index-key
                <span key={at} data-mark={part.added ? "+" : part.removed ? "-" : " "}>
                  {part.value}
                </span>
              ))}
            </pre>
          </Panel>
        );
      })}
    </div>
  );
}
