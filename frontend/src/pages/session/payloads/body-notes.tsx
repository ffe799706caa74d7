/** Below a text: what is on its way, what failed, and which secrets it holds. */

import { plural } from "../../../logic/units";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

export function BodyNotes({ body }: { body: Body }) {
  const { error, loading, masked, revealed } = body;
  if (!error && !loading && masked.length === 0) return null;
  return (
    <div className={styles.notes}>
      {loading ? <span role="status">Loading …</span> : null}
      {error ? (
        <span role="alert" className={styles.bad}>
          It could not be loaded: {error.message}{" "}
          <button type="button" className={styles.link} onClick={body.retry}>
            Try again
          </button>
        </span>
      ) : null}
      {masked.length > 0 ? (
        <span className={styles.secrets} data-secrets={masked.length}>
          {plural(masked.length, "secret")} masked:
          {masked.map((secret, number) => (
            <button
              // Secrets never move within one text.
              // oxlint-disable-next-line react/no-array-index-key
              key={number}
              type="button"
              className={styles.link}
              aria-pressed={revealed.has(number)}
              onClick={() => body.toggle(number)}
            >
              {revealed.has(number) ? "Mask" : "Reveal"} {secret.kind}
            </button>
          ))}
        </span>
      ) : null}
    </div>
  );
}
