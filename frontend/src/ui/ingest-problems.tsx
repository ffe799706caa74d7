/** What could not be read: what is wrong, the file and the line, and how it looks. */

import type { IngestErrorPage } from "../api/types";
import { groupThousands } from "../logic/units";
import { CopyButton } from "./copy-button";
import styles from "./ingest-problems.module.css";

export function IngestProblems({ errors }: { errors: IngestErrorPage["errors"] }) {
  return (
    <ul className={styles.list}>
      {errors.map((one) => {
        const place = `${one.root}/${one.path}${one.line === null ? "" : `:${one.line}`}`;
        return (
          <li key={`${one.root} ${one.path} ${one.offset}`} className={styles.problem}>
            <p>
              <b className={styles.bad}>{one.error_class}</b> {one.message}
            </p>
            <p className={styles.place}>
              <code>{place}</code>
              <span className={styles.muted}>byte {groupThousands(one.offset)}</span>
              <CopyButton text={place} label="Copy the place" />
            </p>
            {one.excerpt ? <pre className={styles.excerpt}>{one.excerpt}</pre> : null}
          </li>
        );
      })}
    </ul>
  );
}
