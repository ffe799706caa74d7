import { expect, test } from "vitest";
import { pan, panTo, within, zoom } from "./range";
import { TimeAxis } from "./time-axis";

const WHOLE = { start: 1_000_000, end: 11_000_000 };

const axisOf = (start: number, end: number) => new TimeAxis(start, end, 100);

test("a range is cut to the whole, and all of it is none", () => {
  expect(within({ start: 0, end: 2_000_000 }, WHOLE)).toEqual({ start: 1_000_000, end: 2_000_000 });
  expect(within({ start: 0, end: 99_000_000 }, WHOLE)).toBeNull();
});

test("zooming out ends at the whole", () => {
  let range = zoom(axisOf(5_000_000, 5_100_000), WHOLE, 50, 0.5);
  for (let i = 0; i < 20 && range; i++) range = zoom(axisOf(range.start, range.end), WHOLE, 50, 0.5);
  expect(range).toBeNull();
});

test("zooming in ends where there is nothing more to see", () => {
  let range = zoom(axisOf(WHOLE.start, WHOLE.end), WHOLE, 50, 2);
  for (let i = 0; i < 60 && range; i++) range = zoom(axisOf(range.start, range.end), WHOLE, 50, 2);
  expect((range?.end ?? 0) - (range?.start ?? 0)).toBeGreaterThan(40);
});

test("panning keeps the length and stops at the ends", () => {
  expect(pan(axisOf(5_000_000, 6_000_000), WHOLE, 50)).toEqual({ start: 5_500_000, end: 6_500_000 });
  expect(pan(axisOf(5_000_000, 6_000_000), WHOLE, -9_999)).toEqual({ start: 1_000_000, end: 2_000_000 });
  expect(pan(axisOf(5_000_000, 6_000_000), WHOLE, 9_999)).toEqual({ start: 10_000_000, end: 11_000_000 });
});

test("what is in sight moves nothing; what is not comes into sight", () => {
  const axis = axisOf(5_000_000, 6_000_000);
  expect(panTo(axis, WHOLE, { start: 5_500_000, end: 5_600_000 })).toEqual({
    start: 5_000_000,
    end: 6_000_000,
  });
  for (const start of [2_000_000, 9_000_000]) {
    const moved = panTo(axis, WHOLE, { start, end: start + 10_000 });
    expect(moved?.start).toBeLessThan(start);
    expect(moved?.end).toBeGreaterThan(start + 10_000);
  }
});
