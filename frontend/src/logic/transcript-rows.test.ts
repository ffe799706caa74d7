import { expect, test } from "vitest";
import type { LogLine, Op, Payload, Turn } from "../api/types";
import { spanWithin, transcriptRows } from "./transcript-rows";

const op = (seq: number, kind: Op["kind"], more: Partial<Op> = {}) =>
  ({
    seq,
    kind,
    parent_seq: null,
    payloads: [],
    start_ts: null,
    end_ts: null,
    duration_us: null,
    ...more,
  }) as Op;
const turn = (ops: Op[], more: Partial<Turn> = {}) =>
  ({ turn: 1, payloads: [], ops, logs: [], start_ts: null, end_ts: null, ...more }) as unknown as Turn;
const answer = (id: string) => ({ id, kind: "answer" }) as Payload;

const picture = (ops: Op[], more: Partial<Turn> = {}) =>
  transcriptRows([turn(ops, more)]).map((row) =>
    "depth" in row ? `${"  ".repeat(row.depth)}${row.key}` : row.key,
  );

test("a call's reasoning, answer and tools follow it as they were written", () => {
  const prompt = [{ id: "1.0.prompt.0", kind: "prompt" } as Payload];
  expect(
    picture(
      [
        op(1, "llm", { payloads: [answer("1.1.answer.0")] }),
        op(2, "tool", { parent_seq: 1 }),
        op(3, "reasoning", { parent_seq: 1 }),
        op(4, "llm"),
      ],
      { payloads: prompt, logs: [{ n: 1 } as LogLine] },
    ),
  ).toEqual(["turn-1", "prompt-1", "op-1", "  op-3", "  answer-1.1.answer.0", "  op-2", "op-4", "logs-1"]);
});

test("an op whose call is not loaded, or is no earlier op, still shows", () => {
  expect(picture([op(7, "tool", { parent_seq: 3 }), op(8, "tool", { parent_seq: 8 })])).toEqual([
    "turn-1",
    "  op-7",
    "  op-8",
  ]);
});

test("a span lies within its turn, which lasts as long as what is known of it", () => {
  const first = op(1, "llm", { start_ts: 100, end_ts: 150, duration_us: 50 });
  const second = op(2, "tool", { start_ts: 150, end_ts: 300, duration_us: 150 });
  const open = turn([first, second], { start_ts: 100, end_ts: null });
  expect(spanWithin(first, open)).toEqual({ left: 0, width: 25 });
  expect(spanWithin(second, open)).toEqual({ left: 25, width: 75 });
  expect(spanWithin(op(3, "tool", { start_ts: 120 }), open)).toBeUndefined();
  expect(spanWithin(first, turn([first]))).toBeUndefined();
});
