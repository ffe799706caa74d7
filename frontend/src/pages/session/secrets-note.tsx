/** How many secrets are masked, and on demand what kinds of them the whole session holds. */

import { useId, useState } from "react";
import { useSecrets } from "../../api/queries";
import { groupThousands, plural } from "../../logic/units";
import { Chevron } from "../../ui/icons";
import styles from "./secrets-note.module.css";

export function SecretsNote({ session, masked }: { session: string; masked: number }) {
  const id = useId();
  const [asked, setAsked] = useState(false);
  const scan = useSecrets(session, asked);
  if (masked === 0) return null;
  const kinds = new Map<string, number>();
  for (const page of scan.data?.pages ?? [])
    for (const [kind, count] of Object.entries(page.kinds)) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  return (
    <>
      <button
        type="button"
        className={styles.open}
        popoverTarget={id}
        data-masked={masked}
        title="In what is loaded of the transcript. Click for the whole session"
        onClick={() => setAsked(true)}
      >
        {plural(masked, "secret")} masked
        <Chevron open />
      </button>
      <div id={id} popover="auto" className={styles.about}>
        <p>
          What looks like a secret is masked here and in exports. Reveal one beside the text that holds it.
        </p>
        {scan.isError ? (
          <p role="alert">The session could not be looked through: {scan.error.message}</p>
        ) : null}
        {scan.isPending ? (
          <p role="status">Looking through the session …</p>
        ) : (
          <dl className={styles.kinds}>
            {[...kinds].map(([kind, count]) => (
              <div key={kind}>
                <dt>{kind}</dt>
                <dd>{groupThousands(count)}</dd>
              </div>
            ))}
          </dl>
        )}
        {scan.hasNextPage ? (
          <button
            type="button"
            className={styles.more}
            disabled={scan.isFetchingNextPage}
            onClick={() => void scan.fetchNextPage()}
          >
            {scan.isFetchingNextPage ? "Looking further …" : "Look through the rest"}
          </button>
        ) : null}
      </div>
    </>
  );
}
