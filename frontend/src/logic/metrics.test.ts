import { describe, expect, it } from "vitest";
import { formatChange, formatLine, formatMetric, formatShare, metricOf } from "./metrics";

describe("formatShare", () => {
  it.each([
    [0, "0 %"],
    [0.0001, "<0.1 %"],
    [0.0321, "3.2 %"],
    [0.876, "88 %"],
    [null, "–"],
  ])("%s is %s", (share, text) => expect(formatShare(share)).toBe(text));
});

describe("formatMetric", () => {
  it("writes what is not known as that", () => {
    expect(formatMetric("usd", null)).toBe("–");
    expect(formatMetric("count", undefined)).toBe("–");
  });
  it("writes each unit in its own way", () => {
    expect(formatMetric("usd", 1.5)).toBe("$1.50");
    expect(formatMetric("micros", 3_200_000)).toBe("3.2s");
    expect(formatMetric("tokens", 168_000)).toBe("168k");
    expect(formatMetric("rate", 42.4)).toBe("42/s");
  });
});

describe("formatLine", () => {
  it("says what a cost leaves out", () => {
    expect(formatLine("usd", 1.5, 0)).toBe("$1.50");
    expect(formatLine("usd", 1.5, 2)).toBe("≥ $1.50");
    expect(formatLine("usd", 0, 2)).toBe("unpriced");
    expect(formatLine("count", 0, 2)).toBe("0");
  });
});

describe("formatChange", () => {
  it.each([
    [120, 100, "+20 %"],
    [97, 100, "−3.0 %"],
    [100, 100, "±0"],
    [5, 0, "new"],
    [5000, 1, "×5.0k"],
    [null, 3, null],
  ])("%s after %s is %s", (now, earlier, text) => expect(formatChange("count", now, earlier)).toBe(text));
  it("tells shares in points", () => {
    expect(formatChange("share", 0.12, 0.1)).toBe("+2.0 pt");
  });
});

it("an unknown metric is the cost", () => {
  expect(metricOf("odd").key).toBe("cost_usd");
  expect(metricOf("turns").key).toBe("turns");
});
