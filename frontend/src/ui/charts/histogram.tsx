/** How values are spread: one bar for each step, each a link to what is in it. */

import { Link } from "wouter";
import type { Spread } from "../../api/types";
import styles from "./histogram.module.css";

interface HistogramProps {
  spread: Spread;
  /** A bound, written. */
  format: (value: number) => string;
  /** One of them, several of them. */
  noun: [one: string, many: string];
  href?: (low: number, high: number | null) => string;
  /** What the values of 0 are. */
  none?: string;
  noneHref?: string | undefined;
}

export function Histogram({ spread, format, noun, href, none, noneHref }: HistogramProps) {
  const most = Math.max(1, ...spread.steps.map((step) => step.n));
  const all = spread.none + spread.steps.reduce((sum, step) => sum + step.n, 0);
  return (
    <div className={styles.histogram}>
      <ol className={styles.steps} data-labels={Math.ceil(spread.steps.length / 7)}>
        {spread.steps.map((step) => {
          const label = stepLabel(step.low, step.high, format);
          const text = `${label}: ${step.n.toLocaleString("en-US")} ${noun[step.n === 1 ? 0 : 1]}`;
          const bar = (
            <>
              <span className={styles.count}>{step.n > 0 ? step.n.toLocaleString("en-US") : ""}</span>
              <span className={styles.bar} style={{ height: `${(100 * step.n) / most}%` }} />
            </>
          );
          return (
            <li key={step.low} className={styles.step} title={`${text} (${share(step.n, all)})`}>
              {href && step.n > 0 ? (
                <Link
                  className={styles.column}
                  href={href(step.low, step.high)}
                  aria-label={text}
                  data-count={step.n}
                >
                  {bar}
                </Link>
              ) : (
                <span className={styles.column} role="img" aria-label={text}>
                  {bar}
                </span>
              )}
              <span className={styles.bound} aria-hidden="true">
                {format(step.low)}
              </span>
            </li>
          );
        })}
      </ol>
      {none && spread.none > 0 ? (
        <p className={styles.none}>
          {noneHref ? (
            <Link href={noneHref} data-count={spread.none}>
              {spread.none.toLocaleString("en-US")} {none}
            </Link>
          ) : (
            `${spread.none.toLocaleString("en-US")} ${none}`
          )}
        </p>
      ) : null}
    </div>
  );
}

export function stepLabel(low: number, high: number | null, format: (value: number) => string): string {
  if (high === null) return `${format(low)} and more`;
  return low === 0 ? `under ${format(high)}` : `${format(low)} – ${format(high)}`;
}

function share(n: number, all: number): string {
  return `${all > 0 ? Math.round((100 * n) / all) : 0} %`;
}
