import { expect, test } from "vitest";
import type { Op, Payload, Turn } from "../api/types";
import { estimateHeight } from "./row-height";
import { wrappedLines } from "./text";

const payload = (text: string | null, truncated = false) => ({ id: "x", text, truncated }) as Payload;
const turn = { payloads: [payload("one\ntwo")] } as Turn;
const answer = (text: string) =>
  ({ type: "answer", key: "a", turn, op: {} as Op, depth: 1, payload: payload(text) }) as const;

test("lines are counted as they wrap", () => {
  expect(wrappedLines("")).toBe(1);
  expect(wrappedLines("a\n\nb")).toBe(3);
  expect(wrappedLines("x".repeat(250))).toBe(3);
});

test("a longer text is a taller row, up to where it is cut", () => {
  expect(estimateHeight(answer("one"))).toBeLessThan(estimateHeight(answer("one\ntwo")));
  expect(estimateHeight(answer("x\n".repeat(100)))).toBe(estimateHeight(answer("x\n".repeat(5000))));
});

test("every row has a height", () => {
  const reasoning = { kind: "reasoning", payloads: [payload("why")], error_message: null } as Op;
  const failed = { kind: "tool", payloads: [] as Payload[], error_message: "no" } as Op;
  const tool = { ...failed, error_message: null };
  const height = (op: Op) => estimateHeight({ type: "op", key: "o", turn, op, depth: 0 });
  expect(height(reasoning)).toBeGreaterThan(height(tool));
  expect(height(failed)).toBeGreaterThan(height(tool));
  expect(estimateHeight({ type: "prompt", key: "p", turn })).toBeGreaterThan(40);
});
