/** How a step failed: what was said first, where in a program it was said only on demand. */

import { Link } from "wouter";
import type { Op } from "../../../api/types";
import { errorText } from "../../../logic/payloads/error-text";
import { failuresLike } from "../../../logic/payloads/failures-like";
import { Clamped } from "./clamped";
import styles from "./payloads.module.css";

export function ErrorView({ op }: { op: Op }) {
  if (!op.error_message && !op.error_class) return null;
  const { message, stack } = errorText(op.error_message ?? "");
  return (
    <div className={styles.failure} data-view="error">
      {op.error_class ? <b data-error-class={op.error_class}>{op.error_class}</b> : null}
      <Link href={failuresLike(op)} className={styles.similar}>
        Similar failures
      </Link>
      {message ? (
        <Clamped lines={6}>
          <p className={styles.failureText}>{message}</p>
        </Clamped>
      ) : null}
      {stack ? (
        <details className={styles.stack}>
          <summary>Stack, {stack.split("\n").length} lines</summary>
          <pre className={styles.text}>{stack}</pre>
        </details>
      ) : null}
    </div>
  );
}
