/** A text of any length: its last lines first, all of it on demand. */

import { useState } from "react";
import { usePayloadPart } from "../../../api/queries";
import { ansiSpans } from "../../../logic/payloads/ansi";
import { lastLines } from "../../../logic/payloads/chunks";
import { formatBytes, groupThousands } from "../../../logic/units";
import { LineList } from "./line-list";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

const LAST_LINES = 200;
const TAIL_BYTES = 64 * 1024;

/** A text with a terminal's colours. */
export function AnsiText({ text }: { text: string }) {
  return ansiSpans(text).map((span, index) =>
    span.colour || span.bold || span.dim || span.italic || span.underline ? (
      <span
        // Spans never move within one text.
        // oxlint-disable-next-line react/no-array-index-key
        key={index}
        data-ansi={span.colour ?? "plain"}
        className={[
          span.bold && styles.bold,
          span.dim && styles.dim,
          span.italic && styles.italic,
          span.underline && styles.underline,
        ]
          .filter(Boolean)
          .join(" ")}
      >
        {span.text}
      </span>
    ) : (
      span.text
    ),
  );
}

/** A text that is at hand. */
export function Lines({
  text,
  most = LAST_LINES,
  first = false,
}: {
  text: string;
  most?: number;
  first?: boolean;
}) {
  const [all, setAll] = useState(false);
  if (text === "") return <p className={styles.nothing}>empty</p>;
  const lines = text.split("\n");
  const cut = !all && lines.length > most;
  const shown = cut ? (first ? lines.slice(0, most) : lines.slice(-most)).join("\n") : text;
  const more =
    lines.length > most ? (
      <button type="button" className={styles.link} onClick={() => setAll(!all)}>
        {all ? "Show less" : `Show all ${groupThousands(lines.length)} lines`}
      </button>
    ) : null;
  return (
    <>
      {cut && !first ? (
        <div className={styles.notes}>
          The last {most} lines. {more}
        </div>
      ) : null}
      <pre className={styles.text}>
        <AnsiText text={shown} />
      </pre>
      {cut && !first ? null : more ? <div className={styles.notes}>{more}</div> : null}
    </>
  );
}

/**
 * A payload's text. Of a large one the last lines are fetched, and all of it only where one
 * scrolls to. `cut` takes away what a format wrote around it.
 */
export function LongText({ body, cut = same }: { body: Body; cut?: (text: string) => string }) {
  const { payload, session } = body;
  const [all, setAll] = useState(false);
  const large = payload.truncated && !body.complete && !body.loading;
  const tail = usePayloadPart(session, payload, `-${TAIL_BYTES}`, large && !all);
  if (body.complete) return <Lines text={cut(body.text ?? "")} />;
  if (all) return <LineList session={session} payload={payload} />;
  const size = formatBytes(payload.bytes);
  const text =
    tail.data &&
    lastLines(
      new TextDecoder().decode(tail.data.data),
      LAST_LINES,
      tail.data.data.length === tail.data.total,
    );
  return (
    <>
      <div className={styles.notes}>
        {text === undefined ? `The start of ${size}.` : `The last lines of ${size}.`}
        <button type="button" className={styles.link} onClick={() => setAll(true)} data-load-all>
          Load all {size}
        </button>
        <a href={body.url} className={styles.link}>
          Open as text
        </a>
      </div>
      {tail.isError ? (
        <p role="alert" className={styles.bad}>
          Its end could not be loaded: {tail.error.message}{" "}
          <button type="button" className={styles.link} onClick={() => void tail.refetch()}>
            Try again
          </button>
        </p>
      ) : null}
      <pre className={styles.text} data-tail={text === undefined ? undefined : ""}>
        {text === undefined ? (body.text ?? "") : <AnsiText text={cut(text)} />}
      </pre>
    </>
  );
}

const same = (text: string) => text;
