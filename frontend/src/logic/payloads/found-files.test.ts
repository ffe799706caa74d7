import { describe, expect, test } from "vitest";
import { type FileNode, fileTree, foundFiles } from "./found-files";

function counts(output: string, path?: string): [string, number | null][] {
  return foundFiles(output, path).files.map((file) => [file.path, file.count]);
}

describe("what a search found", () => {
  test("names only", () => {
    expect(counts("Found 2 files\nsrc/a.py\nsrc/b c.py")).toEqual([
      ["src/a.py", null],
      ["src/b c.py", null],
    ]);
  });

  test("lines of files, and what stands around them", () => {
    const found = foundFiles("a.py:3:import x\na.py-4-import y\n--\nb.py:9:x()\nb.py:12:x(1)", undefined);
    expect(found.files.map((file) => [file.path, file.count])).toEqual([
      ["a.py", 1],
      ["b.py", 2],
    ]);
    expect(found.matches).toBe(3);
  });

  test("lines without numbers", () => {
    expect(counts("src/a.py:import x\nsrc/a.py:x()")).toEqual([["src/a.py", 2]]);
  });

  test("lines of the one file that was looked into", () => {
    expect(counts("12:import x\n40:x()", "src/a.py")).toEqual([["src/a.py", 2]]);
    expect(counts("import x\nx = (1, 2)", "src/a.py")).toEqual([["src/a.py", 2]]);
  });

  test("how often in each", () => {
    expect(counts("src/a.py:5\nsrc/b.py:1")).toEqual([
      ["src/a.py", 5],
      ["src/b.py", 1],
    ]);
  });

  test("opencode's way", () => {
    const text = "Found 2 matches\n/p/a.ts:\n  Line 3: one\n\n  Line 25: \ttwo\n";
    expect(counts(text)).toEqual([["/p/a.ts", 2]]);
  });

  test("a list that is indented", () => {
    expect(counts("- /p/\n  - a.md\n  - src/\n    - b.py\n  - c.md")).toEqual([
      ["/p/a.md", null],
      ["/p/src/b.py", null],
      ["/p/c.md", null],
    ]);
  });

  test("Gemini's list of a folder", () => {
    expect(counts("Directory listing for /p:\n[DIR] src\n.npmrc (50 bytes)")).toEqual([
      ["src/", null],
      [".npmrc", null],
    ]);
  });

  test("what is no list is told apart", () => {
    const found = foundFiles('a sentence "with" marks\nanother (one)', undefined);
    expect(found).toMatchObject({ files: [], unread: 2 });
  });
});

describe("a tree", () => {
  const names = (nodes: readonly FileNode[]): unknown[] =>
    nodes.map((node) => (node.children.length > 0 ? { [node.name]: names(node.children) } : node.name));

  test("folders that hold nothing else are one", () => {
    const { files } = foundFiles("src/x/y/a.py\nsrc/x/y/b.py\nREADME.md", undefined);
    expect(names(fileTree(files))).toEqual([{ "src/x/y/": ["a.py", "b.py"] }, "README.md"]);
  });

  test("a folder counts what is found in it", () => {
    const { files } = foundFiles("src/a.py:5\nsrc/b.py:1", undefined);
    expect(fileTree(files)).toMatchObject([{ count: 6, files: 2 }]);
  });
});
