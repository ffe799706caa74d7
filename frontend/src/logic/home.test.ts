import { expect, test } from "vitest";
import { change, daySessionsHref, laneRuns, whyCostly } from "./home";

test.each([
  [112, 100, "+12 %"],
  [80, 100, "−20 %"],
  [100, 100, "±0 %"],
  [3000, 100, "+29×"],
  [5, 0, undefined],
])("a change from a week before is a share of it: %d after %d", (now, before, said) => {
  expect(change(now, before)).toBe(said);
});

test("a day's number leads to the sessions with that day's work", () => {
  expect(daySessionsHref({ since: 1, until: 2 }, "UTC", true)).toBe(
    "/sessions?worked_since=1&worked_until=2&tz=UTC&roots=false&op_failed=true",
  );
});

test("it is said what a session cost so much for", () => {
  const session = {
    session: { id: "a", title: null, agent: null },
    cost_usd: 3,
    unpriced_calls: 0,
    share: 0.5,
    llm_calls: 1,
    tokens: 2_400_000,
    cache_hit_share: 0.914,
    model: "claude-opus-4-5",
    model_share: 0.8,
    last_at: null,
  };
  expect(whyCostly(session)).toBe("1 call · 2.4M tokens · 91 % from the cache · 80 % opus-4-5");
});

test("a lane is drawn as runs of the same", () => {
  expect(laneRuns("..mmt.f")).toEqual([
    { sign: "m", from: 2, cells: 2 },
    { sign: "t", from: 4, cells: 1 },
    { sign: "f", from: 6, cells: 1 },
  ]);
});
