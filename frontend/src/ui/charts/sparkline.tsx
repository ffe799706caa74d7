/** A few numbers in a row, as bars the height of a line. */

import styles from "./sparkline.module.css";

export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values);
  const step = 100 / values.length;
  return (
    <svg
      className={styles.sparkline}
      viewBox="0 0 100 20"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {values.map((value, at) =>
        value > 0 ? (
          <rect
            // The place is what a bar is.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            x={at * step + step * 0.1}
            width={step * 0.8}
            y={20 - Math.max(1.5, (18 * value) / most)}
            height={Math.max(1.5, (18 * value) / most)}
          />
        ) : null,
      )}
      <path d="M0 19.75h100" className={styles.base} />
    </svg>
  );
}
