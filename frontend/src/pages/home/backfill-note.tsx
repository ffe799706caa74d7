import { Link } from "wouter";
import type { Home } from "../../api/types";
import { formatBytes, formatDuration, groupThousands } from "../../logic/units";
import styles from "./home.module.css";

/** How far the reading of what was there before is. */
export function BackfillNote({ ingest: { backfill } }: { ingest: Home["ingest"] }) {
  if (!backfill) return null;
  const left = backfill.seconds_left;
  return (
    <section className={styles.backfill} aria-label="Reading the agents' files">
      <p>
        Reading what is there: {groupThousands(backfill.files)} of {groupThousands(backfill.files_total)}{" "}
        files, {formatBytes(backfill.bytes)} of {formatBytes(backfill.bytes_total)} at{" "}
        {formatBytes(Math.round(backfill.bytes_per_second))}/s
        {left === null ? "" : `, about ${formatDuration(left * 1e6)} left`}. What is read appears at once.{" "}
        <Link href="/sources">Sources</Link>
      </p>
      <progress
        className={styles.progress}
        aria-label="Read"
        max={Math.max(1, backfill.bytes_total)}
        value={backfill.bytes}
      />
    </section>
  );
}
