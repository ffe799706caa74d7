import { expect, test } from "vitest";
import { tickLabel, waitLabel } from "./axis-labels";

const at = (...parts: [number, number, number, number, number, number, number?]) =>
  new Date(...parts).getTime() * 1000;

test("a tick says as much as its step distinguishes", () => {
  const time = at(2026, 0, 5, 14, 30, 7, 250);
  expect(tickLabel(time, 86_400e6, undefined)).toBe("5 Jan");
  expect(tickLabel(time, 60e6, undefined)).toBe("14:30");
  expect(tickLabel(time, 1e6, undefined)).toBe("14:30:07");
  expect(tickLabel(time, 50e3, undefined)).toBe(":07.25");
});

test("the first tick of a day names it", () => {
  expect(tickLabel(at(2026, 0, 6, 2, 0, 0), 7200e6, at(2026, 0, 5, 22, 0, 0))).toBe("6 Jan 02:00");
  expect(tickLabel(at(2026, 0, 6, 4, 0, 0), 7200e6, at(2026, 0, 6, 2, 0, 0))).toBe("04:00");
});

test("a wait is a number and a letter", () => {
  expect([300e6, 3600e6, 39_600e6, 3 * 86_400e6].map(waitLabel)).toEqual(["5m", "1h", "11h", "3d"]);
});
