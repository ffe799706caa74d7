import { expect, test } from "vitest";
import { boundsOf, firstRange, localDay, parseRange, printRange } from "./range";

const NOW = Date.UTC(2026, 0, 20, 12, 7) * 1000;
const DAY = 24 * 3600 * 1e6;

test.each(["all", "7d", "24h", "2026-01-03..2026-01-09", "1767268800000000..1767268900000000"])(
  "a range survives its address: %s",
  (text) => {
    const range = parseRange(text);
    expect(range && printRange(range)).toBe(text);
  },
);

test.each([null, "", "8d", "2026-01-09..2026-01-03", "2026-02-30..2026-03-01", "9..1"])(
  "what is no range is none: %s",
  (text) => {
    expect(parseRange(text)).toBeUndefined();
  },
);

test("the last days begin at a whole quarter of an hour and have no end", () => {
  expect(boundsOf({ kind: "last", span: "24h" }, NOW)).toEqual({
    since: String(Date.UTC(2026, 0, 19, 12, 0) * 1000),
  });
  expect(boundsOf({ kind: "all" }, NOW)).toEqual({});
});

test("one begins with the last seven days, or the newest seven of which something is known", () => {
  expect(firstRange(NOW - DAY, NOW, localDay)).toEqual({ kind: "last", span: "7d" });
  expect(firstRange(null, NOW, localDay)).toEqual({ kind: "last", span: "7d" });
  const newest = new Date(2025, 9, 13, 18).getTime() * 1000;
  expect(firstRange(newest, NOW, localDay)).toEqual({ kind: "days", from: "2025-10-07", to: "2025-10-13" });
});
