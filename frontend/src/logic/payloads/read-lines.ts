/** A file's lines with their own numbers, as far as an agent read them. */

import { readFields } from "../arguments";
import { firstField, PATH_FIELDS } from "./tool-view";

export interface ReadLines {
  path: string | undefined;
  /** The first line's number. */
  first: number;
  lines: readonly string[];
  /** What the tool said besides. */
  notes: readonly string[];
}

const NUMBERED = /^\s*(\d+)(?:→|\t|\| ?|: ?)(.*)$/;
const ENVELOPE = /^<\/?(?:path|type|content|file|entries)>|^<(?:path|type)>.*<\/(?:path|type)>$/;

export function readLines(input: string | null, output: string): ReadLines {
  const fields = readFields((input ?? "").trim());
  const path = firstField(fields, PATH_FIELDS) ?? output.match(/^<path>(.*)<\/path>$/m)?.[1];
  const notes: string[] = [];
  const text = output.replace(
    /\n*<system-reminder>([\s\S]*?)<\/system-reminder>\s*/g,
    (_whole, note: string) => {
      notes.push(note.trim());
      return "";
    },
  );
  const raw = text.replace(/\n$/, "").split("\n");
  const body = raw.filter((line) => !ENVELOPE.test(line.trim()));
  const numbered = body.map((line) => line.match(NUMBERED));
  const first = numbered.findIndex((found) => found !== null);
  const start = Number(numbered[first]?.[1]);
  // Numbers that do not count are the file's own text.
  const counts = numbered.slice(first).filter((found, index) => Number(found?.[1]) === start + index).length;
  if (first !== -1 && first < 3 && counts > 0.8 * (body.length - first) - 3) {
    const lines: string[] = [];
    for (const [index, line] of body.entries()) {
      const found = numbered[index];
      if (found && Number(found[1]) === start + lines.length) lines.push(found[2] ?? "");
      else if (line.trim() !== "") notes.push(line.trim());
    }
    return { path, first: start, lines, notes };
  }
  const offset = Number(firstField(fields, ["offset", "start_line", "startLine"]) ?? 1);
  return { path, first: Number.isFinite(offset) && offset > 0 ? offset : 1, lines: body, notes };
}

const LANGUAGES: Record<string, string> = {
  bash: "bash sh zsh",
  c: "c h",
  cpp: "cc cpp cxx hpp hh",
  csharp: "cs",
  css: "css scss less",
  diff: "diff patch",
  go: "go",
  java: "java kt",
  javascript: "js jsx mjs cjs",
  json: "json jsonl ipynb",
  markdown: "md mdx",
  php: "php",
  python: "py pyi",
  ruby: "rb",
  rust: "rs",
  sql: "sql",
  typescript: "ts tsx mts cts",
  xml: "xml html svg vue",
  yaml: "yaml yml",
  ini: "toml ini cfg conf",
};

const LANGUAGE_OF = new Map(
  Object.entries(LANGUAGES).flatMap(([language, endings]) =>
    endings.split(" ").map((ending) => [ending, language]),
  ),
);

/** The language of a file by its name; `undefined`: shown as it is. */
export function languageOf(path: string | undefined): string | undefined {
  const name = path?.split(/[\\/]/).at(-1) ?? "";
  if (/^(Makefile|Dockerfile)$/.test(name)) return "bash";
  return LANGUAGE_OF.get(name.split(".").at(-1)?.toLowerCase() ?? "");
}
