/** Changes of files: in one column, or old and new side by side where there is room. */

import { Fragment, useMemo, useState } from "react";
import type { DiffHunk, DiffRow, FileDiff } from "../../../logic/payloads/diff";
import { splitRows } from "../../../logic/payloads/diff";
import { groupThousands } from "../../../logic/units";
import { CopyButton } from "../../../ui/copy-button";
import { useSize } from "../../../ui/use-size";
import styles from "./diff-view.module.css";

const SPLIT_PX = 900;
const MOST_ROWS = 300;

export function DiffView({ files }: { files: readonly FileDiff[] }) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const { width } = useSize(box);
  return (
    <div ref={setBox} className={styles.diffs} data-view="diff" data-payload="tool_input">
      {files.map((file, index) => (
        // A file may be changed twice in one step.
        // oxlint-disable-next-line react/no-array-index-key
        <OneFile key={index} file={file} split={width >= SPLIT_PX && file.action === "edited"} />
      ))}
    </div>
  );
}

function OneFile({ file, split }: { file: FileDiff; split: boolean }) {
  const [all, setAll] = useState(false);
  const total = file.hunks.reduce((sum, hunk) => sum + hunk.rows.length, 0);
  const hunks = useMemo(() => (all ? file.hunks : firstRows(file.hunks, MOST_ROWS)), [file, all]);
  return (
    <section className={styles.file} data-added={file.added} data-removed={file.removed}>
      <header className={styles.head}>
        <span className={styles.path}>{file.path || "a file"}</span>
        {file.path ? <CopyButton text={file.path} label="Copy the path" /> : null}
        {file.action === "edited" ? null : <span className={styles.action}>{file.action}</span>}
        <span className={styles.counts}>
          <span className={styles.added}>+{groupThousands(file.added)}</span>{" "}
          <span className={styles.removed}>−{groupThousands(file.removed)}</span>
        </span>
      </header>
      {total === 0 ? <p className={styles.none}>No line differs.</p> : null}
      <div className={styles.body} data-split={split ? "" : undefined}>
        {hunks.map((hunk, index) => (
          // Hunks never move within one change.
          // oxlint-disable-next-line react/no-array-index-key
          <Fragment key={index}>
            {index > 0 || hunk.heading ? <div className={styles.gap}>⋯ {hunk.heading}</div> : null}
            {split ? (
              <Split hunk={hunk} />
            ) : (
              hunk.rows.map((row, place) => <Row key={keyOf(row, place)} row={row} />)
            )}
          </Fragment>
        ))}
      </div>
      {total > MOST_ROWS ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Show less" : `Show all ${groupThousands(total)} lines`}
        </button>
      ) : null}
    </section>
  );
}

function Row({ row }: { row: DiffRow }) {
  return (
    <div className={styles.row} data-mark={row.mark}>
      <span className={styles.number}>{row.before}</span>
      <span className={styles.number}>{row.after}</span>
      <span className={styles.mark}>{row.mark}</span>
      <span className={styles.text}>
        <Words row={row} />
      </span>
    </div>
  );
}

function Split({ hunk }: { hunk: DiffHunk }) {
  return splitRows(hunk.rows).map(({ left, right }, index) => (
    // Lines never move within one change.
    // oxlint-disable-next-line react/no-array-index-key
    <div key={index} className={styles.pair}>
      {[left, right].map((row, side) => (
        <div
          key={side === 0 ? "before" : "after"}
          className={styles.half}
          data-mark={row ? row.mark : undefined}
          data-none={row ? undefined : ""}
        >
          <span className={styles.number}>{side === 0 ? row?.before : row?.after}</span>
          <span className={styles.mark}>{row?.mark}</span>
          <span className={styles.text}>{row ? <Words row={row} /> : null}</span>
        </div>
      ))}
    </div>
  ));
}

function Words({ row }: { row: DiffRow }) {
  if (!row.parts) return row.text;
  return row.parts.map((part, index) =>
    part.changed ? (
      // Words never move within one line.
      // oxlint-disable-next-line react/no-array-index-key
      <span key={index} className={styles.word} data-word="">
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}

function keyOf(row: DiffRow, place: number): string {
  return `${place}${row.mark}`;
}

function firstRows(hunks: readonly DiffHunk[], most: number): DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = most;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ heading: hunk.heading, rows: hunk.rows.slice(0, left) });
    left -= hunk.rows.length;
  }
  return shown;
}
