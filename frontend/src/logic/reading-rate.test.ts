import { expect, it } from "vitest";
import { rateOf, timeLeft } from "./reading-rate";

it("is what was read between the first and the last moment", () => {
  const rate = rateOf([
    { at: 0, read: 100, records: 1 },
    { at: 1000, read: 900, records: 5 },
    { at: 2000, read: 2100, records: 21 },
  ]);
  expect(rate).toEqual({ bytes: 1000, records: 10 });
  expect(timeLeft(5000, rate)).toBe(5e6);
});

it("is not known from one moment, and nothing goes on for ever", () => {
  expect(rateOf([{ at: 0, read: 1, records: 1 }])).toBeNull();
  expect(timeLeft(5, { bytes: 0, records: 0 })).toBeNull();
  expect(timeLeft(5, null)).toBeNull();
});
