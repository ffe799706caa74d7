/** What B has less (to the left) and more (to the right) than A, the greatest difference first. */

import type { Difference } from "../../logic/compare";
import styles from "./compare.module.css";

export function DifferenceList({
  rows,
  format,
}: {
  rows: readonly Difference[];
  format: (value: number) => string;
}) {
  const most = Math.max(1e-12, ...rows.map((row) => Math.abs(row.more)));
  if (rows.length === 0) return <p className={styles.none}>Nothing on either side.</p>;
  return (
    <ul className={styles.differences}>
      {rows.map((row) => {
        const share = (50 * Math.abs(row.more)) / most;
        const sign = row.more < 0 ? "−" : "+";
        return (
          <li key={row.key} className={styles.difference} data-key={row.key}>
            <span className={styles.key} title={row.key}>
              {row.key}
            </span>
            <span className={styles.number}>{format(row.a)}</span>
            <span className={styles.track} aria-hidden="true">
              <span
                className={styles.bar}
                data-more={row.more > 0 ? "" : undefined}
                style={{ width: `${share}%`, left: row.more > 0 ? "50%" : `${50 - share}%` }}
              />
            </span>
            <span className={styles.number}>{format(row.b)}</span>
            <b className={styles.number}>{row.more === 0 ? "±0" : `${sign}${format(Math.abs(row.more))}`}</b>
          </li>
        );
      })}
    </ul>
  );
}
