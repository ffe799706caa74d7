/** What was fetched or looked for on the web. Nothing here leads there by itself. */

import type { Op } from "../../../api/types";
import { readWebAnswer, readWebCall } from "../../../logic/payloads/web";
import { CopyButton } from "../../../ui/copy-button";
import { Markdown } from "../markdown";
import { BodyNotes } from "./body-notes";
import { Clamped } from "./clamped";
import { LongText } from "./long-text";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

export function WebView({ op, input, output }: { op: Op; input: Body | null; output: Body | null }) {
  const call = readWebCall(input?.text ?? null);
  const answer = readWebAnswer(output?.text ?? "");
  return (
    <div className={styles.view} data-view="web">
      {call.url ? <Address url={call.url} /> : null}
      {call.query ? (
        <p className={styles.query}>
          <span className={styles.label}>Search</span> {call.query}
        </p>
      ) : null}
      {call.question ? (
        <p className={styles.query}>
          <span className={styles.label}>Asked</span> {call.question}
        </p>
      ) : null}
      {op.status === "failed" ? <span className={styles.chip}>failed</span> : null}
      {answer.links.length > 0 ? (
        <ol className={styles.links}>
          {answer.links.map((link) => (
            <li key={link.url}>
              <b>{link.title}</b>
              <Address url={link.url} />
            </li>
          ))}
        </ol>
      ) : null}
      {output && !output.complete && !output.loading ? (
        <LongText body={output} />
      ) : answer.text !== "" ? (
        <Clamped lines={24}>
          <Markdown text={answer.text} />
        </Clamped>
      ) : null}
      {output ? <BodyNotes body={output} /> : null}
    </div>
  );
}

/** An address as a text: to be read and copied, not followed. */
function Address({ url }: { url: string }) {
  return (
    <span className={styles.address}>
      <code>{url}</code>
      <CopyButton text={url} label="Copy the address" />
    </span>
  );
}
