/** What a search found: files in their folders, with how often it was found in each. */

import { useMemo, useState } from "react";
import { type FileNode, fileTree, type FoundFile, foundFiles } from "../../../logic/payloads/found-files";
import { readFields } from "../../../logic/arguments";
import { firstField } from "../../../logic/payloads/tool-view";
import { groupThousands, plural } from "../../../logic/units";
import { CopyButton } from "../../../ui/copy-button";
import { BodyNotes } from "./body-notes";
import { LongText } from "./long-text";
import type { Body } from "./use-body";
import styles from "./found-view.module.css";

const MOST_FILES = 120;
const MOST_MATCHES = 6;

export function FoundView({ input, output }: { input: Body | null; output: Body | null }) {
  const fields = useMemo(() => readFields((input?.text ?? "").trim()), [input?.text]);
  const pattern = firstField(fields, ["pattern", "query", "regex", "glob", "include_pattern"]);
  const path = firstField(fields, ["path", "dir_path", "directory", "include", "dir"]);
  const found = useMemo(() => foundFiles(output?.text ?? "", path), [output?.text, path]);
  const [all, setAll] = useState(false);
  const shown = all ? found.files : found.files.slice(0, MOST_FILES);
  const tree = useMemo(() => fileTree(shown), [shown]);
  const wanted = useMemo(() => matcher(pattern), [pattern]);
  return (
    <section
      className={styles.found}
      data-view="found"
      data-payload="tool_output"
      data-files={found.files.length}
      data-matches={found.matches ?? undefined}
    >
      <header className={styles.head}>
        {pattern === undefined ? null : <code className={styles.pattern}>{pattern}</code>}
        {path ? <span className={styles.where}>in {path}</span> : null}
        <span className={styles.sum}>
          {found.matches === null ? "" : `${plural(found.matches, "match", "matches")} in `}
          {plural(found.files.length, "file")}
        </span>
      </header>
      {output && ((!output.complete && !output.loading) || found.unread > found.files.length) ? (
        <LongText body={output} />
      ) : found.files.length === 0 ? (
        <p className={styles.nothing}>{found.notes.join(" ") || "Nothing was found."}</p>
      ) : (
        <ul className={styles.tree}>
          {tree.map((node) => (
            <Node key={node.name} node={node} wanted={wanted} />
          ))}
        </ul>
      )}
      {found.files.length > MOST_FILES ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Show less" : `Show all ${groupThousands(found.files.length)} files`}
        </button>
      ) : null}
      {found.files.length > 0 && found.notes.length > 0 ? (
        <p className={styles.nothing}>{found.notes.join(" ")}</p>
      ) : null}
      {output ? <BodyNotes body={output} /> : null}
    </section>
  );
}

function Node({ node, wanted }: { node: FileNode; wanted: RegExp | undefined }) {
  return (
    <li>
      <div className={styles.name}>
        <span className={node.file ? styles.file : styles.folder}>{node.name}</span>
        {node.count === null ? null : (
          <span className={styles.count} title={plural(node.count, "match", "matches")}>
            {groupThousands(node.count)}
          </span>
        )}
        {node.file === null && node.count === null ? (
          <span className={styles.count}>{plural(node.files, "file")}</span>
        ) : null}
        {node.file ? (
          <span className={styles.copy}>
            <CopyButton text={node.file.path} label={`Copy the path ${node.file.path}`} />
          </span>
        ) : null}
      </div>
      {node.file && node.file.matches.length > 0 ? <Matches file={node.file} wanted={wanted} /> : null}
      {node.children.length > 0 ? (
        <ul className={styles.inner}>
          {node.children.map((child) => (
            <Node key={child.name} node={child} wanted={wanted} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Matches({ file, wanted }: { file: FoundFile; wanted: RegExp | undefined }) {
  const [all, setAll] = useState(false);
  const shown = all ? file.matches : file.matches.slice(0, MOST_MATCHES);
  return (
    <div className={styles.matches}>
      {shown.map((match, index) => (
        // A line may be told twice.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={styles.match}>
          <span className={styles.line}>{match.line}</span>
          <code className={styles.text}>
            <Marked text={match.text} wanted={wanted} />
          </code>
        </div>
      ))}
      {file.matches.length > MOST_MATCHES ? (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Show less" : `${groupThousands(file.matches.length - MOST_MATCHES)} more`}
        </button>
      ) : null}
    </div>
  );
}

function Marked({ text, wanted }: { text: string; wanted: RegExp | undefined }) {
  if (!wanted) return text;
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const found of text.matchAll(wanted)) {
    if (found[0] === "") continue;
    parts.push(text.slice(at, found.index), <mark key={found.index}>{found[0]}</mark>);
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
}

/** The tool's pattern as this browser understands it; if it does not, nothing is marked. */
function matcher(pattern: string | undefined): RegExp | undefined {
  if (!pattern || pattern.length > 500) return undefined;
  try {
    return new RegExp(pattern, "gi");
  } catch {
    // Another dialect.
    return undefined;
  }
}
