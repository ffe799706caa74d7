/** What was said: its start at once, the whole on demand. */

import { useState } from "react";
import type { Payload } from "../../api/types";
import { isText } from "../../logic/details";
import { wrappedLines } from "../../logic/text";
import { formatBytes } from "../../logic/units";
import { Markdown } from "./markdown";
import { BodyNotes } from "./payloads/body-notes";
import { LongText, Sole } from "./lazy-details";
import { useBody } from "./payloads/use-body";
import styles from "./payload.module.css";

/** More than this in one element makes the page slow; the rest is a click away as plain text. */
const MOST_SHOWN = 400_000;

/** Lines shown before somebody asks for all, by what it is. */
const FIRST_LINES = { prompt: 24, markdown: 40, reasoning: 3, output: 16 };

interface PayloadViewProps {
  session: string;
  payload: Payload;
  as: keyof typeof FIRST_LINES;
}

export function PayloadView({ session, payload, as }: PayloadViewProps) {
  const [whole, setWhole] = useState(false);
  const body = useBody(session, payload, whole);
  if (!isText(payload) || (body.text === null && !payload.truncated)) return <Sole body={body} />;
  if (body.text === null) return <LongText body={body} />;

  const start = body.text.slice(0, MOST_SHOWN);
  const lines = FIRST_LINES[as];
  // Three lines of a thought should all say something.
  const dense = as === "reasoning" ? start.trim().replace(/\n\s*\n/g, "\n") : start;
  const long = payload.truncated || wrappedLines(dense, lines) > lines;
  const clamped = long && !whole;
  const text = clamped ? dense : start;
  return (
    <>
      {whole && !body.complete && !body.loading ? (
        <LongText body={body} />
      ) : (
        <div
          className={clamped ? styles.clamped : undefined}
          style={clamped ? { maxHeight: `${lines * 1.45}em` } : undefined}
        >
          {as === "output" ? (
            <pre className={styles.text}>{text === "" ? <i className={styles.nothing}>empty</i> : text}</pre>
          ) : as === "reasoning" ? (
            <p className={styles.prose}>{text}</p>
          ) : (
            <Markdown text={text} />
          )}
        </div>
      )}
      {long ? (
        <div className={styles.more}>
          <button type="button" className={styles.show} onClick={() => setWhole(!whole)}>
            {whole ? "Show less" : `Show all ${formatBytes(payload.bytes)}`}
          </button>
          {whole && body.text.length > MOST_SHOWN ? (
            <span>
              This is the start. <a href={body.url}>Open all {formatBytes(payload.bytes)}</a>
            </span>
          ) : null}
        </div>
      ) : null}
      <BodyNotes body={body} />
    </>
  );
}
