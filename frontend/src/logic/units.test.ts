import { describe, expect, test } from "vitest";
import { formatBytes, formatCost, formatCount, formatDuration, formatTotalCost, plural } from "./units";

describe("durations", () => {
  test.each([
    [null, "–"],
    [0, "0ms"],
    [400, "<1ms"],
    [412_000, "412ms"],
    [999_600, "1.0s"],
    [3_240_000, "3.2s"],
    [59_960_000, "1m 00s"],
    [245_000_000, "4m 05s"],
    [3_599_600_000, "1h 00m"],
    [(98 * 60 + 41) * 60e6, "98h 41m"],
    [(121 * 24 + 20) * 3600e6, "121d 20h"],
    [7_800_000_000, "2h 10m"],
    [355_260_000_000, "98h 41m"],
  ])("%s µs reads %s", (micros, text) => {
    expect(formatDuration(micros)).toBe(text);
  });
});

describe("money", () => {
  test.each([
    [0, "$0"],
    [0.00001, "<$0.0001"],
    [0.0042, "$0.0042"],
    [0.41, "$0.41"],
    [74.5, "$74.50"],
    [12345.6, "$12,346"],
  ])("%s reads %s", (usd, text) => {
    expect(formatCost(usd)).toBe(text);
  });

  test("a call without a price never counts as free", () => {
    expect(formatTotalCost(sum(0, 2, 100))).toBe("unpriced");
    expect(formatTotalCost(sum(1.2, 1, 100))).toBe("≥ $1.20");
    expect(formatTotalCost(sum(1.2, 0, 100))).toBe("$1.20");
    expect(formatTotalCost(sum(0.00001, 2, 100))).toBe("unpriced");
    expect(formatTotalCost(sum(0, 0, 0))).toBe("–");
    expect(formatTotalCost(sum(0, 0, 100))).toBe("$0");
  });
});

/** A sum over calls with so much cost, so many unpriced calls, and so many tokens. */
function sum(cost_usd: number, unpriced_calls: number, tokens_in: number) {
  return { cost_usd, unpriced_calls, tokens_in, tokens_out: 0, tokens_cache_read: 0, tokens_cache_write: 0 };
}

test.each([
  [null, "–"],
  [0, "0"],
  [999, "999"],
  [1234, "1.2k"],
  [9_960, "10k"],
  [168_000, "168k"],
  [999_600, "1.0M"],
  [2_400_000, "2.4M"],
])("the count %s reads %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [null, "–"],
  [512, "512 B"],
  [41_800, "42 KB"],
  [4_200_000, "4.2 MB"],
])("the size %s reads %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("nouns follow their count", () => {
  expect(plural(1, "call")).toBe("1 call");
  expect(plural(1200, "call")).toBe("1,200 calls");
  expect(plural(2, "match", "matches")).toBe("2 matches");
});
