import { describe, expect, test } from "vitest";
import { diffTexts, type FileDiff, readNumbered, readPatch, readUnified, splitRows } from "./diff";
import { fileDiffs } from "./edits";

/** `12:12 text`, `-13: old`, `+:13 new`: mark, numbers, text. */
function show(file: FileDiff): string[] {
  return file.hunks.flatMap((hunk) =>
    hunk.rows.map((row) => `${row.mark}${row.before ?? ""}:${row.after ?? ""} ${row.text}`),
  );
}

describe("two texts", () => {
  test("are told line by line, their place in the file unknown", () => {
    const file = diffTexts("a.py", "x = 1\ny = 2", "x = 1\ny = 3");
    expect(show(file)).toEqual([" : x = 1", "-: y = 2", "+: y = 3"]);
    expect(file).toMatchObject({ added: 1, removed: 1 });
  });

  test("a line that changed in part is told word by word", () => {
    const [, old, fresh] = diffTexts("a.py", "a\nwait = 5", "a\nwait = 7").hunks[0]?.rows ?? [];
    expect(old?.parts?.filter((part) => part.changed).map((part) => part.text)).toEqual(["5"]);
    expect(fresh?.parts?.filter((part) => part.changed).map((part) => part.text)).toEqual(["7"]);
  });

  test("a line that is another altogether is not", () => {
    const rows = diffTexts("a.py", "import os", "return value + 1").hunks[0]?.rows ?? [];
    expect(rows.map((row) => row.parts)).toEqual([null, null]);
  });

  test("a file that was not there is all new", () => {
    expect(diffTexts("a.md", "", "one\ntwo\n", "created")).toMatchObject({ added: 2, removed: 0 });
  });
});

describe("a unified diff", () => {
  test("tells real line numbers", () => {
    const [file] = readUnified("--- a/x.py\n+++ b/x.py\n@@ -7,2 +7,2 @@\n a\n-b\n+c\n") ?? [];
    expect(file?.path).toBe("x.py");
    expect(file && show(file)).toEqual([" 7:7 a", "-8: b", "+:8 c"]);
  });

  test("that is cut off is read as far as it goes", () => {
    const [file] = readUnified("--- x.py\n+++ x.py\n@@ -1,9 +1,9 @@\n a\n-b\n+c") ?? [];
    expect(file).toMatchObject({ path: "x.py", added: 1, removed: 1 });
  });

  test("is nothing else", () => {
    expect(readUnified("just a text\n- with a list")).toBeUndefined();
  });
});

test("lines with their own numbers", () => {
  const file = readNumbered("x.ts", "  11 a\n- 12 b\n+ 12 c\n     ...");
  expect(file && show(file)).toEqual([" 11: a", "-12: b", "+:12 c"]);
});

test("what apply_patch is given", () => {
  const files = readPatch(
    "*** Begin Patch\n*** Add File: a.py\n+one\n*** Update File: b.py\n@@ def f():\n a\n-b\n+c\n" +
      "*** Delete File: c.py\n*** End Patch",
  );
  expect(files.map((file) => [file.path, file.action, file.added, file.removed])).toEqual([
    ["a.py", "created", 1, 0],
    ["b.py", "edited", 1, 1],
    ["c.py", "deleted", 0, 0],
  ]);
  expect(files[1]?.hunks[0]?.heading).toBe("def f():");
});

test("old and new side by side", () => {
  const rows = diffTexts("a", "a\nb\nc", "a\nB\nC\nD").hunks[0]?.rows ?? [];
  expect(splitRows(rows).map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ["a", "a"],
    ["b", "B"],
    ["c", "C"],
    [undefined, "D"],
  ]);
});

describe("a step's files", () => {
  test.each([
    ["Claude Code", '{"file_path":"a.py","old_string":"a","new_string":"b"}', "a.py", 1, 1],
    ["opencode", '{"filePath":"a.py","oldString":"a","newString":"b"}', "a.py", 1, 1],
    ["pi", '{"path":"a.py","oldText":"a","newText":"b"}', "a.py", 1, 1],
    ["Write", '{"file_path":"a.py","content":"a\\nb\\n"}', "a.py", 2, 0],
    [
      "opencode's patch",
      '{"patchText":"*** Begin Patch\\n*** Add File: a.py\\n+x\\n*** End Patch"}',
      "a.py",
      1,
      0,
    ],
    ["Codex' patch", "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch", "a.py", 1, 0],
    [
      "MultiEdit",
      '{"file_path":"a.py","edits":[{"old_string":"a","new_string":"b"},{"old_string":"c","new_string":"d\\ne"}]}',
      "a.py",
      3,
      2,
    ],
  ])("of %s", (_, input, path, added, removed) => {
    expect(fileDiffs(input, [])).toMatchObject([{ path, added, removed }]);
  });

  test("what was recorded of the change is better than what was asked for", () => {
    const input = '{"file_path":"a.py","old_string":"a","new_string":"b"}';
    const [file] = fileDiffs(input, ["@@ -40,1 +40,1 @@\n-a\n+b\n"]);
    expect(file && show(file)).toEqual(["-40: a", "+:40 b"]);
    expect(file?.path).toBe("a.py");
  });

  test("no change at all is told as none", () => {
    expect(fileDiffs('{"path":"a.py"}', [])).toEqual([]);
    expect(fileDiffs(null, [])).toEqual([]);
  });
});
