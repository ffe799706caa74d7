import { expect, test } from "vitest";
import { formatShare, formatWeight } from "./weights";

test("a weight is written in its own unit", () => {
  expect(formatWeight("time", 65e6)).toBe("1m 05s");
  expect(formatWeight("cost", 0.5e9)).toBe("$0.50");
  expect(formatWeight("tokens", 1234)).toBe("1.2k");
  expect(formatWeight("count", 1234)).toBe("1,234");
});

test("a share is whole percents; a small one is not none, and of nothing there is none", () => {
  expect(formatShare(1, 3)).toBe("33 %");
  expect(formatShare(1, 3000)).toBe("<1 %");
  expect(formatShare(0, 3)).toBe("0 %");
  expect(formatShare(0, 0)).toBe("–");
});
