/** A row as the server tells it: JSON, nothing left out. */

import type { Json } from "../../logic/payloads/json-tree";
import type { TranscriptRow } from "../../logic/transcript-rows";
import { JsonView } from "./payloads/json-view";
import { nameOf } from "./rows";
import styles from "./modes.module.css";

export function RawRow({ row, current }: { row: TranscriptRow; current: boolean }) {
  const { ops: _, ...turn } = row.turn;
  const told = row.type === "op" || row.type === "answer" ? row.op : row.type === "logs" ? row.logs : turn;
  const name =
    row.type === "op" || row.type === "answer"
      ? `#${row.op.seq} ${nameOf(row.op)}`
      : row.type === "logs"
        ? "logs"
        : `turn ${row.turn.turn}`;
  return (
    <div className={styles.raw} id={row.key} tabIndex={-1} data-current={current ? "" : undefined}>
      <span className={styles.rawName}>{name}</span>
      <JsonView value={told as unknown as Json} />
    </div>
  );
}
