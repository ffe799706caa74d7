import { expect, test } from "vitest";
import { spokenRange } from "./spoken-time";

/** A Tuesday. */
const NOW = new Date(2026, 0, 20, 12, 7);

const between = (from: Date, to: Date) => ({
  kind: "between",
  since: from.getTime() * 1000,
  until: to.getTime() * 1000 - 1,
});

test("a day alone is all of it", () => {
  expect(spokenRange("today", NOW)).toEqual(between(new Date(2026, 0, 20), new Date(2026, 0, 21)));
  expect(spokenRange("13 Oct", NOW)).toEqual(between(new Date(2025, 9, 13), new Date(2025, 9, 14)));
  expect(spokenRange("2025-10-13", NOW)).toEqual(between(new Date(2025, 9, 13), new Date(2025, 9, 14)));
  expect(spokenRange("monday", NOW)).toEqual(between(new Date(2026, 0, 19), new Date(2026, 0, 20)));
  expect(spokenRange("tue", NOW)).toEqual(between(new Date(2026, 0, 13), new Date(2026, 0, 14)));
});

test("a day with hours is those hours of it", () => {
  expect(spokenRange("yesterday 14-16", NOW)).toEqual(
    between(new Date(2026, 0, 19, 14), new Date(2026, 0, 19, 16)),
  );
  expect(spokenRange("Yesterday 9:30 - 10", NOW)).toEqual(
    between(new Date(2026, 0, 19, 9, 30), new Date(2026, 0, 19, 10)),
  );
});

test("the last days are a range of their own", () => {
  expect(spokenRange("last 7d", NOW)).toEqual({ kind: "last", span: "7d" });
  expect(spokenRange("30d", NOW)).toEqual({ kind: "last", span: "30d" });
  expect(spokenRange("all time", NOW)).toEqual({ kind: "all" });
});

test.each(["", "soon", "31 feb", "yesterday 16-14", "yesterday 25-26", "2026-13-01"])(
  "no time: %s",
  (text) => {
    expect(spokenRange(text, NOW)).toBeUndefined();
  },
);
