/** The states every region has besides its data: loading, empty, error, stale. */

import { ApiError } from "../api/client";
import { formatClock } from "../logic/time";
import styles from "./states.module.css";

/** Bars in the shape of the rows to come; they appear only when loading takes a while. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.bar} style={{ inlineSize: `${90 - ((row * 37) % 45)}%` }} />
      ))}
    </div>
  );
}

export function ErrorState({ what, error, onRetry }: { what: string; error: Error; onRetry: () => void }) {
  return (
    <div className={styles.message} role="alert">
      <p className={styles.title}>{what}</p>
      <p className={styles.detail}>
        {error.message}
        {error instanceof ApiError && error.status > 0 ? ` (${error.status})` : ""}
      </p>
      <button type="button" className={styles.button} onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

export function EmptyState({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <div className={styles.message}>
      <p className={styles.title}>{title}</p>
      {children}
    </div>
  );
}

/** The last data stays on screen; this says how old it is. */
export function StaleNote({ since, onRetry }: { since: number; onRetry: () => void }) {
  return (
    <span className={styles.stale} role="status">
      As of {formatClock(since * 1000)}.
      <button type="button" className={styles.link} onClick={onRetry}>
        Try again
      </button>
    </span>
  );
}

export function ActionButton({ onClick, children }: { onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className={styles.button} onClick={onClick}>
      {children}
    </button>
  );
}
