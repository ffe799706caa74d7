/** The files that a step changed, from the change itself if it was recorded, else from what was asked for. */

import { parseObject, readFields } from "../arguments";
import { diffTexts, type FileDiff, readNumbered, readPatch, readUnified } from "./diff";
import { firstField, PATH_FIELDS } from "./tool-view";

const BEFORE = ["old_string", "oldString", "oldText", "old_str", "old_text"];
const AFTER = ["new_string", "newString", "newText", "new_str", "new_text", "new_source", "insert_text"];
const WHOLE = ["content", "file_text", "contents", "text"];
const PATCH = ["patchText", "patch", "input", "diff"];

/** `changes` are outputs that tell of the change themselves. */
export function fileDiffs(input: string | null, changes: readonly string[]): FileDiff[] {
  const text = (input ?? "").trim();
  const fields = text.startsWith("{") ? readFields(text) : undefined;
  const path = firstField(fields, PATH_FIELDS) ?? "";
  const recorded = changes.flatMap((change) => {
    const unified = readUnified(change);
    if (unified) return unified.map((file) => (file.path === "" ? { ...file, path } : file));
    const numbered = readNumbered(path, change);
    return numbered ? [numbered] : [];
  });
  if (recorded.length > 0) return recorded;
  const patch = text.includes("*** Begin Patch") && !fields ? text : firstField(fields, PATCH);
  if (patch?.includes("*** Begin Patch")) return readPatch(patch);
  if (patch) return readUnified(patch) ?? [];
  if (!fields) return [];
  const several = parseObject(text)?.["edits"];
  if (Array.isArray(several)) return [together(path, several)];
  const [before, after] = [firstField(fields, BEFORE), firstField(fields, AFTER)];
  if (after !== undefined || before !== undefined) return [diffTexts(path, before ?? "", after ?? "")];
  const whole = firstField(fields, WHOLE);
  return whole === undefined ? [] : [diffTexts(path, "", whole, "created")];
}

/** Several replacements within one file. */
function together(path: string, edits: readonly unknown[]): FileDiff {
  const each = edits
    .filter((edit): edit is Record<string, unknown> => typeof edit === "object" && edit !== null)
    .map((edit) => {
      const one = new Map(Object.entries(edit).map(([key, value]) => [key, String(value)]));
      return diffTexts(path, firstField(one, BEFORE) ?? "", firstField(one, AFTER) ?? "");
    });
  return {
    path,
    action: "edited",
    hunks: each.flatMap((diff) => diff.hunks),
    added: each.reduce((sum, diff) => sum + diff.added, 0),
    removed: each.reduce((sum, diff) => sum + diff.removed, 0),
  };
}
