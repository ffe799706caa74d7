/** A tool's input as the thing it is: a command, an edit, a patch, else its fields. */

import { parseObject, readFields, shellCommand } from "../../logic/arguments";
import { type DiffLine, diffLines, patchLines } from "../../logic/diff";
import styles from "./input-view.module.css";

export function InputView({ text, tool }: { text: string; tool: string | null }) {
  const command = shellCommand(text);
  if (command !== undefined) return <Command command={command} />;
  if (text.startsWith("*** Begin Patch")) return <Diff lines={patchLines(text)} />;
  const fields = text.trimStart().startsWith("{") ? readFields(text.trim()) : undefined;
  const before = fields?.get("old_string");
  const after = fields?.get("new_string") ?? (tool === "Write" ? fields?.get("content") : undefined);
  if (fields && after !== undefined) {
    return (
      <>
        <p className={styles.path}>{fields.get("file_path")}</p>
        <Diff lines={diffLines(before ?? "", after)} />
      </>
    );
  }
  const parsed = parseObject(text);
  return parsed ? <Fields object={parsed} /> : <pre className={styles.text}>{text}</pre>;
}

function Command({ command }: { command: string }) {
  return (
    <pre className={styles.text}>
      <span className={styles.prompt} aria-hidden="true">
        ${" "}
      </span>
      {command}
    </pre>
  );
}

function Diff({ lines }: { lines: DiffLine[] }) {
  return (
    <pre className={styles.diff}>
      {lines.map((line, index) => (
        // Lines never move within one edit.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={styles.diffLine} data-mark={line.mark}>
          {line.mark} {line.text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function Fields({ object }: { object: Record<string, unknown> }) {
  return (
    <dl className={styles.fields}>
      {Object.entries(object).map(([key, value]) => (
        <div key={key} className={styles.field}>
          <dt>{key}</dt>
          <dd>
            <pre className={styles.text}>
              {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
            </pre>
          </dd>
        </div>
      ))}
    </dl>
  );
}
