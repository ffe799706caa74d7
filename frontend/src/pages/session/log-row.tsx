/** A row as a line of a log: when, what, how it went. */

import type { Op } from "../../api/types";
import type { TranscriptRow } from "../../logic/transcript-rows";
import { Clock, OpCost, OpDuration } from "../../ui/metrics";
import { nameOf, summaryOf } from "./rows";
import styles from "./modes.module.css";

export function LogRow({ row, current, live }: { row: TranscriptRow; current: boolean; live: boolean }) {
  const focus = { id: row.key, tabIndex: -1, "data-current": current ? "" : undefined };
  if (row.type === "logs") {
    return (
      <div {...focus}>
        {row.logs.map((log) => (
          <div key={log.n} className={styles.line} data-severity={log.severity}>
            <Clock micros={log.ts} />
            <span>{log.severity}</span>
            <span className={styles.cut}>
              {log.name} {log.message}
            </span>
          </div>
        ))}
      </div>
    );
  }
  if (row.type !== "op") {
    const said = row.turn.payloads.find((payload) => payload.kind === "prompt");
    return (
      <div className={styles.line} {...focus}>
        <Clock micros={row.turn.start_ts} />
        <span>prompt</span>
        <span className={styles.cut}>{said?.text ?? row.turn.label}</span>
      </div>
    );
  }
  return (
    <div className={styles.line} data-op-seq={row.op.seq} data-status={row.op.status} {...focus}>
      <Clock micros={row.op.start_ts} />
      <span>{row.op.kind === "session" ? "agent" : row.op.kind}</span>
      <span className={styles.cut}>
        <b>{nameOf(row.op)}</b> {row.op.error_message ?? (summaryOf(row.op) || answerOf(row.op))}
      </span>
      <span className={styles.number}>
        <OpCost op={row.op} />
      </span>
      <span className={styles.number}>
        <OpDuration op={row.op} live={live} />
      </span>
    </div>
  );
}

function answerOf(op: Op): string {
  return op.payloads.find((payload) => payload.kind === "answer" || payload.kind === "reasoning")?.text ?? "";
}
