/** A payload's text or image: its start at once, the whole on demand. */

import { useState } from "react";
import { payloadUrl } from "../../api/client";
import { usePayloadText } from "../../api/queries";
import type { Payload } from "../../api/types";
import { wrappedLines } from "../../logic/text";
import { formatBytes } from "../../logic/units";
import { Markdown } from "./markdown";
import { InputView } from "./input-view";
import styles from "./payload.module.css";

/** More than this in one element makes the page slow; the rest is a click away as plain text. */
const MOST_SHOWN = 400_000;

/** Other pictures may hold a script; the server gives them for download only. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

/** Lines shown before somebody asks for all, by what it is. */
const FIRST_LINES = { prompt: 24, markdown: 40, reasoning: 3, input: 40, output: 16 };

interface PayloadViewProps {
  session: string;
  payload: Payload;
  as: keyof typeof FIRST_LINES;
  tool?: string | null;
}

export function PayloadView({ session, payload, as, tool = null }: PayloadViewProps) {
  const [whole, setWhole] = useState(false);
  const url = payloadUrl(session, payload.id);
  const rest = usePayloadText(session, payload, whole && payload.truncated && payload.text !== null);

  if (payload.text === null) return <Medium payload={payload} url={url} />;

  const loaded = whole && payload.truncated ? rest.data : payload.text;
  const start = (loaded ?? payload.text).slice(0, MOST_SHOWN);
  const lines = FIRST_LINES[as];
  // Three lines of a thought should all say something.
  const dense = as === "reasoning" ? start.trim().replace(/\n\s*\n/g, "\n") : start;
  const long = payload.truncated || wrappedLines(dense, lines) > lines;
  const clamped = long && !whole;
  const text = clamped ? dense : start;
  return (
    <>
      <div
        className={clamped ? styles.clamped : undefined}
        style={clamped ? { maxHeight: `${lines * 1.45}em` } : undefined}
      >
        {as === "input" ? (
          <InputView text={text} tool={tool} />
        ) : as === "output" ? (
          <pre className={styles.text}>{text === "" ? <i className={styles.nothing}>empty</i> : text}</pre>
        ) : as === "reasoning" ? (
          <p className={styles.prose}>{text}</p>
        ) : (
          <Markdown text={text} />
        )}
      </div>
      {long ? (
        <div className={styles.more}>
          <button type="button" className={styles.show} onClick={() => setWhole(!whole)}>
            {whole ? "Show less" : `Show all ${formatBytes(payload.bytes)}`}
          </button>
          {whole && rest.isLoading ? <span role="status">Loading …</span> : null}
          {whole && rest.isError ? (
            <span role="alert" className={styles.failed}>
              The rest could not be loaded: {rest.error.message}
              <button type="button" className={styles.show} onClick={() => void rest.refetch()}>
                Try again
              </button>
            </span>
          ) : null}
          {whole && (loaded?.length ?? 0) > MOST_SHOWN ? (
            <span>
              This is the start. <a href={url}>Open all {formatBytes(payload.bytes)}</a>
            </span>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

function Medium({ payload, url }: { payload: Payload; url: string }) {
  if (PICTURES.test(payload.media_type)) {
    return (
      <a href={url} className={styles.imageLink}>
        <img
          className={styles.image}
          src={url}
          loading="lazy"
          alt={`${payload.kind.replace("_", " ")}, ${formatBytes(payload.bytes)}`}
        />
      </a>
    );
  }
  return (
    <a href={url} className={styles.file}>
      {payload.media_type}, {formatBytes(payload.bytes)}
    </a>
  );
}
