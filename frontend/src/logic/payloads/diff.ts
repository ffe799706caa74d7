/** Changes of files, line by line and word by word, from the texts that tell of them. */

import { diffWordsWithSpace, parsePatch, structuredPatch } from "diff";

export interface DiffPart {
  text: string;
  changed: boolean;
}

export interface DiffRow {
  mark: " " | "-" | "+";
  text: string;
  /** Its words, where only some of them changed. */
  parts: readonly DiffPart[] | null;
  /** Its number in the file before and after; `null`: not there, or not known. */
  before: number | null;
  after: number | null;
}

export interface DiffHunk {
  /** What stands above it: a function's name, say. */
  heading: string;
  rows: readonly DiffRow[];
}

export type Action = "edited" | "created" | "deleted" | "moved";

export interface FileDiff {
  path: string;
  action: Action;
  hunks: readonly DiffHunk[];
  added: number;
  removed: number;
}

const CONTEXT = 3;
const MOST_LINE = 600;
/** A line that kept less than this of itself is another line. */
const LEAST_KEPT = 0.3;

/** What a replacement changed. Where in the file is not known. */
export function diffTexts(path: string, before: string, after: string, action: Action = "edited"): FileDiff {
  const { hunks } = structuredPatch("", "", ended(before), ended(after), "", "", { context: CONTEXT });
  return fileDiff(
    path,
    action,
    hunks.map((hunk) => ({ heading: "", lines: hunk.lines, before: null, after: null })),
  );
}

/** A text without an end of line is no news here: it is a part of a file. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** A unified diff of one file or several; nothing if it is none. */
export function readUnified(text: string): FileDiff[] | undefined {
  let parsed: ReturnType<typeof parsePatch>;
  try {
    parsed = parsePatch(text);
  } catch {
    // Cut off, or counted wrong by who wrote it: read by its marks.
    return lenient(text);
  }
  const files = parsed.filter((file) => file.hunks.length > 0);
  if (files.length === 0) return undefined;
  return files.map((file) => {
    const [from, to] = [nameOf(file.oldFileName), nameOf(file.newFileName)];
    const action: Action = from === "/dev/null" ? "created" : to === "/dev/null" ? "deleted" : "edited";
    return fileDiff(
      (action === "deleted" ? from : to) || from || "",
      action,
      file.hunks.map((hunk) => ({
        heading: "",
        lines: hunk.lines,
        before: hunk.oldStart,
        after: hunk.newStart,
      })),
    );
  });
}

function nameOf(name: string | undefined): string {
  const plain = (name ?? "").replace(/\t.*$/, "");
  return /^[ab]\//.test(plain) ? plain.slice(2) : plain;
}

function lenient(text: string): FileDiff[] | undefined {
  const hunks: Lines[] = [];
  let path = "";
  for (const line of text.split("\n")) {
    const header = line.match(/^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/);
    if (header) {
      hunks.push({
        heading: header[3] ?? "",
        lines: [],
        before: Number(header[1]),
        after: Number(header[2]),
      });
    } else if (hunks.length === 0) {
      path = nameOf(line.match(/^\+\+\+ (.+)$/)?.[1]) || path;
    } else if (/^[ +-]/.test(line)) {
      hunks.at(-1)?.lines.push(line);
    }
  }
  return hunks.length > 0 ? [fileDiff(path, "edited", hunks)] : undefined;
}

const NUMBERED = /^([ +-])\s*(\d+) (.*)$/;

/** Lines that each begin with a mark and a number: `- 12 text`. */
export function readNumbered(path: string, text: string): FileDiff | undefined {
  const rows: DiffRow[] = [];
  for (const line of text.split("\n")) {
    const found = line.match(NUMBERED);
    if (!found) {
      if (line.trim() === "" || /^\s*\.{3}\s*$/.test(line)) continue;
      return undefined;
    }
    const [, mark = " ", number, rest = ""] = found;
    const at = Number(number);
    rows.push({
      mark: mark as DiffRow["mark"],
      text: rest,
      parts: null,
      before: mark === "+" ? null : at,
      after: mark === "-" ? null : mark === "+" ? at : null,
    });
  }
  if (!rows.some((row) => row.mark !== " ")) return undefined;
  return summed(path, "edited", [{ heading: "", rows: withWords(rows) }]);
}

/** What `apply_patch` is given: files between `*** Begin Patch` and `*** End Patch`. */
export function readPatch(text: string): FileDiff[] {
  const files: FileDiff[] = [];
  let head: { path: string; action: Action } | undefined;
  let hunks: Lines[] = [];
  const close = () => {
    if (head) files.push(fileDiff(head.path, head.action, hunks));
    head = undefined;
    hunks = [];
  };
  for (const line of text.split("\n")) {
    const file = line.match(/^\*\*\* (Add|Update|Delete) File: (.+)$/);
    const move = line.match(/^\*\*\* Move to: (.+)$/);
    if (file) {
      close();
      const actions: Record<string, Action> = { Add: "created", Update: "edited", Delete: "deleted" };
      head = { path: file[2] ?? "", action: actions[file[1] ?? ""] ?? "edited" };
    } else if (move && head) {
      head = { path: `${head.path} → ${move[1]}`, action: "moved" };
    } else if (line.startsWith("***")) {
      if (line.startsWith("*** End Patch")) close();
    } else if (line.startsWith("@@")) {
      hunks.push({
        heading: line.replace(/^@@ ?/, "").replace(/ ?@@$/, ""),
        lines: [],
        before: null,
        after: null,
      });
    } else if (head && (/^[ +-]/.test(line) || line === "")) {
      if (hunks.length === 0) {
        const start = head.action === "created" ? 1 : null;
        hunks.push({ heading: "", lines: [], before: null, after: start });
      }
      hunks.at(-1)?.lines.push(line === "" ? " " : line);
    }
  }
  close();
  return files;
}

/** A hunk as lines that begin with their marks, and where it begins in the file. */
interface Lines {
  heading: string;
  lines: string[];
  before: number | null;
  after: number | null;
}

function fileDiff(path: string, action: Action, hunks: readonly Lines[]): FileDiff {
  return summed(
    path,
    action,
    hunks.map(({ heading, lines, before, after }) => {
      let [old, fresh] = [before, after];
      const rows: DiffRow[] = [];
      for (const line of lines) {
        const mark = line[0];
        if (mark !== " " && mark !== "-" && mark !== "+") continue;
        rows.push({
          mark,
          text: line.slice(1),
          parts: null,
          before: mark === "+" ? null : old,
          after: mark === "-" ? null : fresh,
        });
        if (mark !== "+" && old !== null) old += 1;
        if (mark !== "-" && fresh !== null) fresh += 1;
      }
      return { heading, rows: withWords(rows) };
    }),
  );
}

function summed(path: string, action: Action, hunks: readonly DiffHunk[]): FileDiff {
  const count = (mark: string) =>
    hunks.reduce((sum, hunk) => sum + hunk.rows.filter((row) => row.mark === mark).length, 0);
  return { path, action, hunks, added: count("+"), removed: count("-") };
}

/** Lines that were replaced by as many others are told word by word. */
function withWords(rows: readonly DiffRow[]): DiffRow[] {
  const made = [...rows];
  for (let at = 0; at < made.length;) {
    let middle = at;
    while (made[middle]?.mark === "-") middle += 1;
    let end = middle;
    while (made[end]?.mark === "+") end += 1;
    const count = middle - at;
    if (count > 0 && count === end - middle) {
      for (let pair = 0; pair < count; pair++) {
        const [old, fresh] = [made[at + pair], made[middle + pair]];
        const words = old && fresh && wordParts(old.text, fresh.text);
        if (!words) continue;
        made[at + pair] = { ...old, parts: words.before };
        made[middle + pair] = { ...fresh, parts: words.after };
      }
    }
    at = Math.max(end, at + 1);
  }
  return made;
}

function wordParts(before: string, after: string): { before: DiffPart[]; after: DiffPart[] } | undefined {
  if (before.length > MOST_LINE || after.length > MOST_LINE) return undefined;
  const changes = diffWordsWithSpace(before, after);
  const kept = changes.reduce(
    (sum, one) => (one.added || one.removed ? sum : sum + one.value.trim().length),
    0,
  );
  if (kept < LEAST_KEPT * Math.max(before.trim().length, after.trim().length)) return undefined;
  const side = (skip: "added" | "removed", changed: "added" | "removed") =>
    changes.filter((one) => !one[skip]).map((one) => ({ text: one.value, changed: one[changed] }));
  return { before: side("added", "removed"), after: side("removed", "added") };
}

export interface SplitRow {
  left: DiffRow | null;
  right: DiffRow | null;
}

/** Old lines left, new ones right; what stayed the same on both sides. */
export function splitRows(rows: readonly DiffRow[]): SplitRow[] {
  const made: SplitRow[] = [];
  for (let at = 0; at < rows.length;) {
    const row = rows[at];
    if (!row) break;
    if (row.mark === " ") {
      made.push({ left: row, right: row });
      at += 1;
      continue;
    }
    const [removed, added]: DiffRow[][] = [[], []];
    for (; at < rows.length && rows[at]?.mark !== " "; at++) {
      const one = rows[at];
      if (one) (one.mark === "-" ? removed : added)?.push(one);
    }
    for (let line = 0; line < Math.max(removed?.length ?? 0, added?.length ?? 0); line++)
      made.push({ left: removed?.[line] ?? null, right: added?.[line] ?? null });
  }
  return made;
}
