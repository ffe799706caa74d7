import { describe, expect, test } from "vitest";
import { readFields, summariseInput } from "./arguments";

describe("a tool's input in one line", () => {
  test.each([
    ['{"command":"make test\\n  -j2","description":"Run tests"}', "make test -j2"],
    ['{"file_path":"/src/app.py","old_string":"a"}', "/src/app.py"],
    ['{"pattern":"TODO","path":"src"}', "TODO in src"],
    ['{"cmd":"ls"}', "ls"],
    ['{"command":["bash","-lc","make"]}', "make"],
    ['{"command":["git","status"]}', "git status"],
    ['{"limit":3,"deep":true}', "limit: 3, deep: true"],
    ["{}", ""],
    ["*** Begin Patch\n*** Update File: a.py\n@@\n*** Add File: b.py\n+x", "a.py, b.py"],
    ["plain words", "plain words"],
  ])("%s", (input, line) => {
    expect(summariseInput(input)).toBe(line);
  });

  test("nothing is known of an image or of no input", () => {
    expect(summariseInput(null)).toBe("");
  });

  test("input that was cut off is read as far as it goes", () => {
    expect(summariseInput('{"file_path":"/a.py","content":"line one\\nline tw')).toBe("/a.py");
    expect(summariseInput('{"command":"cat <<EOF\\nhello \\u00')).toBe("cat <<EOF hello");
  });

  test("long input is cut", () => {
    expect(summariseInput("x".repeat(500))).toHaveLength(201);
  });
});

test("only the top level of an object is read", () => {
  expect([...readFields('{"a":{"b":"c"},"d":"e"}')]).toEqual([
    ["a", '{"b":"c"}'],
    ["d", "e"],
  ]);
});
