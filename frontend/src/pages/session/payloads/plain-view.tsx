/** A text of no known tool: JSON as a tree, else as it is. */

import { useMemo, useState } from "react";
import { parseJson } from "../../../logic/payloads/json-tree";
import { formatBytes } from "../../../logic/units";
import { BodyNotes } from "./body-notes";
import { JsonView } from "./json-view";
import { LineList } from "./line-list";
import { Lines, LongText } from "./long-text";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

/** Larger JSON is shown as indented lines first: its tree needs all of it. */
const TREE_BYTES = 1024 * 1024;

export function PlainView({ body }: { body: Body }) {
  const json = useMemo(
    () => (body.complete && body.text !== null ? parseJson(body.text) : undefined),
    [body.complete, body.text],
  );
  const looksLikeJson = body.payload.media_type.endsWith("json") || /^\s*[{[]/.test(body.text ?? "");
  return (
    <>
      {json !== undefined ? (
        <JsonView value={json} />
      ) : looksLikeJson && !body.complete && !body.loading ? (
        <LargeJson body={body} />
      ) : (
        <LongText body={body} />
      )}
      <BodyNotes body={body} />
    </>
  );
}

function LargeJson({ body }: { body: Body }) {
  const { payload, session } = body;
  const [lines, setLines] = useState(false);
  return (
    <div className={styles.view}>
      <div className={styles.notes}>
        JSON of {formatBytes(payload.bytes)}
        <button type="button" className={styles.link} aria-pressed={lines} onClick={() => setLines(!lines)}>
          {lines ? "Hide the lines" : "Show as indented lines"}
        </button>
        <button type="button" className={styles.link} onClick={body.all}>
          {payload.bytes > TREE_BYTES ? `Load all ${formatBytes(payload.bytes)} as a tree` : "Show as a tree"}
        </button>
      </div>
      {lines ? (
        <LineList session={session} payload={payload} options="?pretty=true" />
      ) : (
        <Lines text={body.text ?? ""} most={24} first />
      )}
    </div>
  );
}
