import { expect, test } from "vitest";
import { diffLines, patchLines } from "./diff";

const picture = (lines: { mark: string; text: string }[]) =>
  lines.map((line) => line.mark + line.text).join("|");

test("an edit shows what changed between what stayed", () => {
  expect(picture(diffLines("a\nb\nc\nd\ne", "a\nb\nX\nd\ne"))).toBe(" a| b|-c|+X| d| e");
});

test("a new text is all added, an emptied one all removed", () => {
  expect(picture(diffLines("", "a\nb\n"))).toBe("+a|+b");
  expect(picture(diffLines("a", ""))).toBe("-a");
});

test("repeated lines are not counted for both ends", () => {
  expect(picture(diffLines("a\na", "a\na\na"))).toBe(" a| a|+a");
});

test("a patch keeps its own marks", () => {
  expect(picture(patchLines("*** Update File: x\n@@\n same\n-old\n+new"))).toBe(
    "*** Update File: x| @@| same|-old|+new".replace("***", " ***"),
  );
});
