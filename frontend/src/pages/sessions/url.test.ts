import { expect, test } from "vitest";
import { filterFromUrl, filterToUrl } from "./url";

test("a filter survives its address", () => {
  const filter = {
    q: "disk full",
    format: "codex",
    project: "/srv/a b",
    status: "failed",
    failed: true,
    range: "7d",
    model: "opus",
  } as const;
  expect(filterFromUrl(filterToUrl(filter))).toEqual(filter);
});

test("what the address does not say is no filter", () => {
  expect(filterFromUrl(new URLSearchParams("status=odd&failed=no&q="))).toEqual({});
  expect(filterToUrl({ q: "", failed: false }).toString()).toBe("");
});
