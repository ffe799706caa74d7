/** The smaller readers of texts: files read, errors, tasks, the web, secrets, bytes, colours. */

import { describe, expect, test } from "vitest";
import { ansiSpans } from "./ansi";
import { readTasks, summariseTasks, taskChanges } from "./checklist";
import { CHUNK_BYTES, chunkCount, chunkRange, chunkText, lastLines } from "./chunks";
import { settled, withoutColours } from "./control-codes";
import { errorText } from "./error-text";
import { hexRows } from "./hex";
import { countNodes, findInJson, holders, jsonRows, jsonTable, parseJson } from "./json-tree";
import { maskedIn, unmasked } from "./masked";
import { languageOf, readLines } from "./read-lines";
import { toolView } from "./tool-view";
import { readWebAnswer } from "./web";

function todo(...items: [string, string][]): string {
  return JSON.stringify({ todos: items.map(([content, status]) => ({ content, status })) });
}

/** A text read piece by piece. */
function pieces(text: string): string[] {
  const data = new TextEncoder().encode(text);
  return Array.from({ length: chunkCount(data.length) }, (_, index) => {
    const { first, last } = chunkRange(index, data.length);
    return chunkText(index, data.subarray(first, last + 1), data.length);
  });
}

describe("a tool by its name", () => {
  test.each([
    ["Bash", "shell", "shell"],
    ["run_shell_command", "shell", "shell"],
    ["apply_patch", "fs", "edit"],
    ["replace", "fs", "edit"],
    ["search_file_content", "fs", "find"],
    ["google_web_search", "web", "web"],
    ["update_plan", "builtin", "tasks"],
    ["some_shell", "shell", "shell"],
    ["read", "mcp:files", "plain"],
    ["Skill", "builtin", "plain"],
  ])("%s of %s is shown as %s", (name, namespace, view) => {
    expect(toolView({ kind: "tool", name, namespace })).toBe(view);
  });
});

describe("a file that was read", () => {
  test("by an arrow, a tab, a colon or a bar", () => {
    for (const mark of ["→", "\t", ": ", "| "])
      expect(readLines('{"file_path":"a.py"}', `  12${mark}a\n  13${mark}\n  14${mark}c`)).toMatchObject({
        path: "a.py",
        first: 12,
        lines: ["a", "", "c"],
      });
  });

  test("what stands around it is told besides", () => {
    const text = "<path>/p/a.ts</path>\n<type>file</type>\n<content>\n1: a\n2: b\n(End of file)\n</content>";
    expect(readLines(null, text)).toMatchObject({
      path: "/p/a.ts",
      lines: ["a", "b"],
      notes: ["(End of file)"],
    });
    const noted = "     1→a\n\n<system-reminder>\nmind\n</system-reminder>\n";
    expect(readLines(null, noted)).toMatchObject({ lines: ["a"], notes: ["mind"] });
  });

  test("without numbers it begins where it was asked to", () => {
    expect(readLines('{"path":"a.py","offset":40}', "x\ny\n")).toMatchObject({
      first: 40,
      lines: ["x", "y"],
    });
  });

  test("numbers of its own are no line numbers", () => {
    expect(readLines(null, "10: ten\n20: twenty\n30: thirty\n40: forty\n50: fifty")).toMatchObject({
      first: 1,
      lines: ["10: ten", "20: twenty", "30: thirty", "40: forty", "50: fifty"],
    });
  });

  test("its language is known by its name", () => {
    expect(["a.tsx", "/p/b.PY", "Makefile", "a.unknown", undefined].map(languageOf)).toEqual([
      "typescript",
      "python",
      "bash",
      undefined,
      undefined,
    ]);
  });
});

describe("an error", () => {
  test("of Python says what happened last", () => {
    const text =
      'Exit code 1\nTraceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nValueError: no';
    const { message, stack } = errorText(text);
    expect(message).toBe("Exit code 1\nValueError: no");
    expect(stack).toContain('File "a.py"');
  });

  test("of JavaScript says it first", () => {
    expect(errorText("TypeError: no\n    at f (a.js:3:1)\n    at g (a.js:9:1)")).toEqual({
      message: "TypeError: no",
      stack: "    at f (a.js:3:1)\n    at g (a.js:9:1)",
    });
  });

  test("without a stack is its message", () => {
    expect(errorText("<tool_use_error>String not found</tool_use_error>")).toEqual({
      message: "String not found",
      stack: "",
    });
  });
});

describe("tasks", () => {
  test("of each agent", () => {
    expect(readTasks(todo(["a", "completed"], ["b", "in_progress"]))?.map((task) => task.status)).toEqual([
      "done",
      "running",
    ]);
    expect(readTasks('{"plan":[{"step":"a","status":"pending"}]}')).toMatchObject([
      { text: "a", status: "open" },
    ]);
    expect(readTasks('{"taskId":"1","status":"completed"}')).toMatchObject([
      { text: "Task 1", status: "done" },
    ]);
    expect(readTasks('{"other":1}')).toBeUndefined();
  });

  test("in one line", () => {
    const tasks = readTasks(todo(["a", "completed"], ["b", "in_progress"], ["c", "pending"])) ?? [];
    expect(summariseTasks(tasks)).toBe("1 of 3 done: b");
    expect(summariseTasks(tasks.slice(0, 1))).toBe("a: done");
  });

  test("what changed since the list before", () => {
    const before = readTasks(todo(["a", "in_progress"], ["b", "pending"], ["x", "pending"]));
    const now = readTasks(todo(["a", "completed"], ["b", "pending"], ["c", "pending"])) ?? [];
    const { changes, removed } = taskChanges(now, before);
    expect(changes).toEqual(["status", null, "new"]);
    expect(removed.map((task) => task.text)).toEqual(["x"]);
  });
});

describe("JSON", () => {
  const value = { a: [1, { b: "deep" }], "odd key": null };

  test("has only the rows of what is open", () => {
    expect(jsonRows(value, (path) => path === "$").map((row) => row.path)).toEqual([
      "$",
      "$.a",
      '$["odd key"]',
    ]);
    expect(jsonRows(value, () => true).map((row) => row.path)).toContain("$.a[1].b");
    expect(countNodes(value)).toBe(6);
  });

  test("is searched by names and values; what holds a find is known", () => {
    expect(findInJson(value, "DEEP")).toEqual(["$.a[1].b"]);
    expect(findInJson(value, "odd")).toEqual(['$["odd key"]']);
    expect(holders("$.a[1].b")).toEqual(["$", "$.a", "$.a[1]"]);
  });

  test("a list of like things is a table", () => {
    expect(jsonTable([{ a: 1 }, { a: 2, b: 3 }])).toEqual({
      columns: ["a", "b"],
      rows: [
        [1, undefined],
        [2, 3],
      ],
    });
    expect(jsonTable([{ a: 1 }, 2])).toBeUndefined();
  });

  test("that is cut off is none", () => {
    expect(parseJson('{"a": [1, ')).toBeUndefined();
    expect(parseJson("12")).toBeUndefined();
  });
});

describe("secrets", () => {
  const plain = "A=AKIAABCDEFGHIJKLMNOP\nB=hunter2-long-one\nC";
  const masked = "A=AKIA…[masked: AWS access key]\nB=…[masked: password]\nC";

  test("are found by what stands for them", () => {
    expect(maskedIn(masked).map((one) => one.kind)).toEqual(["AWS access key", "password"]);
    expect(maskedIn(plain)).toEqual([]);
  });

  test("come back one by one", () => {
    expect(unmasked(masked, plain, new Set([0]))).toBe("A=AKIAABCDEFGHIJKLMNOP\nB=…[masked: password]\nC");
    expect(unmasked(masked, plain, new Set([0, 1]))).toBe(plain);
  });

  test("of a text that was cut off, too", () => {
    expect(unmasked(masked.slice(0, -2), plain, new Set([0]))).toBe(
      "A=AKIAABCDEFGHIJKLMNOP\nB=…[masked: password]",
    );
  });

  test("stay masked where the texts do not fit", () => {
    expect(unmasked(masked, "another text", new Set([0]))).toBe(masked);
  });
});

describe("a large text in pieces", () => {
  test("each line is whole in one of them", () => {
    const lines = Array.from({ length: 6000 }, (_, n) => `line ${n} ${"é".repeat(n % 40)}`);
    const read = pieces(`${lines.join("\n")}\n`);
    expect(read.length).toBeGreaterThan(3);
    expect(read.join("\n")).toBe(lines.join("\n"));
  });

  test("a line that begins where a part does is not lost", () => {
    const line = `${"x".repeat(CHUNK_BYTES / 64 - 1)}\n`;
    const text = line.repeat(64 * 3);
    expect(pieces(text).join("\n")).toBe(text.slice(0, -1));
  });

  test("one line longer than all of them is cut between characters", () => {
    const text = "aé".repeat(CHUNK_BYTES);
    expect(pieces(text).join("")).toBe(text);
  });

  test("the last lines of its end", () => {
    expect(lastLines("cut\none\ntwo\n", 5, false)).toBe("one\ntwo");
    expect(lastLines("one\ntwo", 1, true)).toBe("two");
  });
});

describe("a terminal's text", () => {
  test("its colours are names", () => {
    const spans = ansiSpans("\u001b[31mbad\u001b[0m and \u001b[1;38;5;34mgood\u001b[0m");
    expect(spans.map((span) => [span.text, span.colour, span.bold])).toEqual([
      ["bad", "red", false],
      [" and ", null, false],
      ["good", "green", true],
    ]);
  });

  test("what was written over is gone, and what moves the cursor", () => {
    expect(settled("10 %\r100 %\nnext\r\n\u001b[2K\u001b]0;title\u0007end")).toBe("100 %\nnext\nend");
  });
});

test("a text without a terminal's colours", () => {
  expect(withoutColours("\u001b[31merror\u001b[0m: no")).toBe("error: no");
});

test("bytes as people read them", () => {
  expect(hexRows(new Uint8Array([72, 105, 0, 255]))).toEqual([
    { offset: "00000000", bytes: "48 69 00 ff", text: "Hi··" },
  ]);
});

test("the links of a web search", () => {
  const answer = readWebAnswer(
    'Web search results\n\nLinks: [{"title":"A","url":"https://a.invalid"}]\n\nSo.',
  );
  expect(answer.links).toEqual([{ title: "A", url: "https://a.invalid" }]);
  expect(answer.text).toContain("So.");
});
