/** A command, how it ended, and what it wrote. */

import type { Op } from "../../../api/types";
import { readCall, readResult } from "../../../logic/payloads/shell";
import { plural } from "../../../logic/units";
import { CopyButton } from "../../../ui/copy-button";
import { BodyNotes } from "./body-notes";
import { Lines, LongText } from "./long-text";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

export function ShellView({ op, input, output }: { op: Op; input: Body | null; output: Body | null }) {
  const call = readCall(input?.text ?? null);
  const result = readResult(output?.text ?? "", op.error_message);
  // Claude Code tells every other end as an error with its number.
  const implied =
    result.exit === undefined &&
    op.status === "completed" &&
    op.name === "Bash" &&
    output?.session.startsWith("claude_code:") === true;
  const exit = implied ? 0 : result.exit;
  return (
    <div className={styles.view} data-view="shell">
      {call.command === undefined && call.typed === undefined ? null : (
        <div className={styles.command} data-payload="tool_input">
          <pre className={styles.commandText}>
            <span className={styles.prompt} aria-hidden="true">
              {call.command === undefined ? "> " : "$ "}
            </span>
            {call.command ?? (call.typed || "(waits for more output)")}
          </pre>
          <CopyButton text={call.command ?? call.typed ?? ""} label="Copy the command" />
        </div>
      )}
      <div className={styles.chips}>
        {exit === undefined ? null : (
          <span
            className={styles.chip}
            data-exit={exit}
            data-bad={exit === 0 ? undefined : ""}
            title={implied ? "Not recorded; the agent tells every other end as an error" : undefined}
          >
            exit {exit}
          </span>
        )}
        {call.cwd ? <span className={styles.chip}>in {call.cwd}</span> : null}
        {result.notes.map(([label, value]) => (
          <span key={label} className={styles.chip}>
            {label.toLowerCase()} {value}
          </span>
        ))}
        {call.description ? <span className={styles.aside}>{call.description}</span> : null}
      </div>
      {input ? <BodyNotes body={input} /> : null}
      {output ? (
        <div className={styles.view} data-payload="tool_output">
          {result.errors !== "" ? <p className={styles.label}>Standard output</p> : null}
          {output.complete ? (
            result.output.trim() === "" ? (
              <p className={styles.nothing}>It wrote nothing{result.errors ? " there" : ""}.</p>
            ) : (
              <Lines text={result.output} />
            )
          ) : (
            <LongText body={output} cut={(text) => readResult(text, null).output} />
          )}
          {result.errors !== "" ? (
            <>
              <p className={styles.label}>
                Standard error, {plural(result.errors.split("\n").length, "line")}
              </p>
              <div className={styles.stderr}>
                <Lines text={result.errors} />
              </div>
            </>
          ) : null}
          <BodyNotes body={output} />
        </div>
      ) : null}
    </div>
  );
}
