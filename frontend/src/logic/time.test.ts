import { expect, test } from "vitest";
import { describeInstant, formatClock, formatDay } from "./time";

const noon = new Date(2025, 9, 12, 12, 0, 0);
const micros = (date: Date) => date.getTime() * 1000;

test("a day is named by what is needed to know it", () => {
  expect(formatDay(micros(new Date(2025, 9, 12, 9, 5)), noon)).toBe("09:05");
  expect(formatDay(micros(new Date(2025, 2, 3, 9, 5)), noon)).toBe("3 Mar 09:05");
  expect(formatDay(micros(new Date(2024, 2, 3, 9, 5)), noon)).toBe("3 Mar 2024");
  expect(formatDay(null, noon)).toBe("–");
});

test("a clock time has seconds", () => {
  expect(formatClock(micros(new Date(2025, 9, 12, 9, 5, 7)))).toBe("09:05:07");
});

test("the tooltip tells local time and UTC", () => {
  expect(describeInstant(Date.UTC(2025, 9, 12, 12, 0, 5) * 1000)).toMatch(
    /^2025-10-1\d .*\n2025-10-12 12:00:05 UTC$/,
  );
  expect(describeInstant(null)).toBeUndefined();
});
