/** A file's lines with their numbers, its words coloured by its language. */

import { useState } from "react";
import { groupThousands, plural } from "../../../logic/units";
import { languageOf, type ReadLines } from "../../../logic/payloads/read-lines";
import { CopyButton } from "../../../ui/copy-button";
import { useHighlight } from "./use-highlight";
import styles from "./code-view.module.css";

const MOST_LINES = 60;

export function CodeView({ read }: { read: ReadLines }) {
  const { path, first, lines, notes } = read;
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(0, MOST_LINES);
  const code = shown.join("\n");
  const html = useHighlight(code, languageOf(path));
  const last = first + lines.length - 1;
  return (
    <section
      className={styles.file}
      data-view="read"
      data-payload="tool_output"
      data-first={first}
      data-lines={lines.length}
    >
      <header className={styles.head}>
        <span className={styles.path}>
          {path ?? "a file"}:{first === last ? first : `${first}–${last}`}
        </span>
        {path ? <CopyButton text={path} label="Copy the path" /> : null}
        <span className={styles.count}>{plural(lines.length, "line")}</span>
      </header>
      <div className={styles.body}>
        <pre className={styles.numbers} aria-hidden="true">
          {shown.map((_, index) => first + index).join("\n")}
        </pre>
        <pre
          className={styles.code}
          // A region that scrolls has to be reachable by the keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          {html === undefined ? (
            <code>{code}</code>
          ) : (
            // Made by highlight.js, which escapes all that was in the code.
            // oxlint-disable-next-line react/no-danger
            <code data-highlighted="" dangerouslySetInnerHTML={{ __html: html }} />
          )}
        </pre>
      </div>
      {lines.length > MOST_LINES ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Show less" : `Show all ${groupThousands(lines.length)} lines`}
        </button>
      ) : null}
      {notes.map((note) => (
        <p key={note} className={styles.note}>
          {note}
        </p>
      ))}
    </section>
  );
}
