import { expect, it } from "vitest";
import { bucketFor, catalogHref } from "./dimensions";

const DAY = 24 * 3600e6;

it.each([
  [DAY, "hour"],
  [7 * DAY, "day"],
  [90 * DAY, "day"],
  [365 * DAY, "week"],
  [2000 * DAY, "month"],
  [null, "week"],
])("%s is shown by %s", (time, bucket) => expect(bucketFor(time)).toBe(bucket));

it("a folder is one part of an address", () => {
  expect(catalogHref("projects", "/home/dev/a b")).toBe("/projects/%2Fhome%2Fdev%2Fa%20b");
});
