/**
 * How tall a transcript row will be, before it has been drawn and measured. The closer the
 * guess, the less the page moves while one scrolls into what was not drawn yet.
 */

import type { Payload } from "../api/types";
import { wrappedLines } from "./text";
import type { TranscriptRow } from "./transcript-rows";

export const TURN_HEIGHT = 36;
const LINE = 19;
const STEP = 29;
const MORE_BUTTON = 24;

export function estimateHeight(row: TranscriptRow): number {
  switch (row.type) {
    case "turn":
      return TURN_HEIGHT;
    case "logs":
    case "gap":
      return 28;
    case "prompt": {
      const said = row.turn.payloads.filter((payload) => payload.kind !== "context");
      const added = said.length < row.turn.payloads.length ? 32 : 0;
      return 23 + added + sum(said.map((payload) => textHeight(payload, 24)));
    }
    case "answer":
      return 16 + textHeight(row.payload, 40);
    case "op": {
      if (row.op.kind === "compaction") return 40;
      const error = row.op.error_message ? 6 + LINE * wrappedLines(row.op.error_message) : 0;
      if (row.op.kind !== "reasoning") return STEP + error;
      return STEP + sum(row.op.payloads.map((payload) => 6 + textHeight(payload, 3)));
    }
  }
}

function textHeight(payload: Payload, most: number): number {
  if (payload.text === null) return 250;
  // Markdown draws an empty line as a smaller gap.
  const gaps = payload.text.match(/^\s*$/gm)?.length ?? 0;
  const lines = wrappedLines(payload.text) - 0.6 * gaps;
  return lines > most || payload.truncated ? most * LINE + MORE_BUTTON : lines * LINE;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
