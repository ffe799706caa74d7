import { describe, expect, it } from "vitest";
import { addsUp, viewFromUrl } from "./url";
import { metricOf } from "../../logic/metrics";

const view = (text: string, work = {}) => viewFromUrl(new URLSearchParams(text), work, 1e15);

describe("viewFromUrl", () => {
  it("begins with the cost by model", () => {
    const shown = view("");
    expect([shown.metric.key, shown.lines?.by, shown.rows.by, shown.bucket]).toEqual([
      "cost_usd",
      "model",
      "model",
      "week",
    ]);
  });

  it("shows no time of turns by what turns have no part in", () => {
    expect(view("metric=wait_us&by=model").metric.key).toBe("cost_usd");
    expect(view("metric=wait_us&by=agent").metric.key).toBe("wait_us");
    expect(view("metric=wait_us&by=agent", { tool: "Bash" }).metric.key).toBe("tool_calls");
  });

  it("has one line when no groups are wanted, and rows all the same", () => {
    const shown = view("by=none");
    expect([shown.lines, shown.rows.by]).toEqual([null, "model"]);
  });
});

it("sessions of several models are no sum", () => {
  expect(addsUp(metricOf("sessions"))).toBe(false);
  expect(addsUp(metricOf("cost_usd"))).toBe(true);
});
