import { expect, test } from "vitest";
import { failuresLike } from "./failures-like";

test.each([
  ["tool", "Bash", null, "/failures?range=all&tool=Bash"],
  ["llm", null, "a/b c", "/failures?range=all&op_model=a%2Fb%20c"],
  ["tool", null, null, "/failures?range=all"],
] as const)("of a %s %s %s", (kind, name, model, href) => {
  expect(failuresLike({ kind, name, model })).toBe(href);
});
