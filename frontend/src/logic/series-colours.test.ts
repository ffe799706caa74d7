import { expect, it } from "vitest";
import { COLOURS, colourOf, colourPlaces } from "./series-colours";

it("is the same for a name whatever comes after it", () => {
  expect(colourPlaces(["opus", "haiku"]).get("opus")).toBe(colourPlaces(["opus"]).get("opus"));
});

it("gives no two of the first eight the same colour", () => {
  const names = Array.from({ length: COLOURS }, (_, number) => `model-${number}`);
  expect(new Set(colourPlaces(names).values()).size).toBe(COLOURS);
});

it("has a colour for more names than colours, and none of its own for the others", () => {
  const names = Array.from({ length: COLOURS + 3 }, (_, number) => `model-${number}`);
  expect([...colourPlaces(names).values()].every((place) => place !== null)).toBe(true);
  expect(colourOf(colourPlaces([null]).get(null))).toBe("var(--series-other)");
});
