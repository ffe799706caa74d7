import { expect, it } from "vitest";
import { heatStep } from "./heat";

it.each([
  [0, 10, 0],
  [null, 10, 0],
  [0.001, 10, 1],
  [10, 10, 5],
  [4, 10, 4],
  [3, 0, 0],
])("%s of at most %s is step %s", (value, most, step) => expect(heatStep(value, most)).toBe(step));
