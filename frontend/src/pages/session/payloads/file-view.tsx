/** Anything that cannot be shown: what it is, how it begins, and itself for download. */

import { usePayloadPart } from "../../../api/queries";
import { hexRows } from "../../../logic/payloads/hex";
import { formatBytes } from "../../../logic/units";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

const SHOWN_BYTES = 256;

export function FileView({ body, why }: { body: Body; why?: string }) {
  const { session, payload, url } = body;
  const start = usePayloadPart(session, payload, `0-${SHOWN_BYTES - 1}`, payload.bytes > 0);
  return (
    <div className={styles.view} data-view="file">
      <div className={styles.notes}>
        <b>{payload.media_type || "unknown type"}</b>
        <span>{formatBytes(payload.bytes)}</span>
        <a href={url} download className={styles.link}>
          Download
        </a>
        {why ? <span>{why}</span> : null}
      </div>
      {start.isError ? (
        <p role="alert" className={styles.bad}>
          It could not be read: {start.error.message}
        </p>
      ) : (
        <pre className={styles.hex}>
          {(start.data ? hexRows(start.data.data.slice(0, SHOWN_BYTES)) : []).map((row) => (
            <span key={row.offset} className={styles.hexRow}>
              <span className={styles.muted}>{row.offset}</span> {row.bytes.padEnd(47)} {row.text}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}
