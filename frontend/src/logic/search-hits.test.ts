import { expect, test } from "vitest";
import type { SearchPage } from "../api/types";
import { findTerms, groupsOf, hitHref, markedPieces } from "./search-hits";

test("a hit leads to its op, with the words that were looked for", () => {
  expect(hitHref("codex:a", { turn: 2, seq: 7 }, 'parser "not found" -flaky tool:Bash')).toBe(
    "/s/codex%3Aa?sel=op%3A7&find=parser+%22not+found%22",
  );
  expect(hitHref("codex:a", { turn: 2, seq: null }, "tool:Bash")).toBe("/s/codex%3Aa?sel=turn%3A2");
  expect(hitHref("codex:a", { turn: null, seq: null }, "")).toBe("/s/codex%3Aa");
});

test("what is not understood has no words to look for", () => {
  expect(findTerms("a kind:nonsense")).toBe("");
});

const page = (id: string, seq: number) =>
  ({ groups: [{ session: { id }, count: 2, hits: [{ seq }] }] }) as unknown as SearchPage;

test("a session that goes on on the next page is one group", () => {
  const groups = groupsOf([page("a", 1), page("a", 2), page("b", 3)]);
  expect(groups.map((group) => [group.session.id, group.hits.map((hit) => hit.seq)])).toEqual([
    ["a", [1, 2]],
    ["b", [3]],
  ]);
});

test("marks are of characters, whatever these are made of", () => {
  expect(markedPieces("🙂 disk full", [[2, 4]])).toEqual([
    { at: 0, text: "🙂 ", marked: false },
    { at: 2, text: "disk", marked: true },
    { at: 6, text: " full", marked: false },
  ]);
});
