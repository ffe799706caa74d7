import type { Op, Turn } from "../api/types";

/** The input of the call before `op` of the same tool, as far as turns are loaded. */
export function inputBefore(turns: readonly Turn[], op: Op): string | null {
  for (const turn of turns.toReversed()) {
    if (turn.turn > op.turn) continue;
    const found = turn.ops.findLast(
      (one) => one.name === op.name && one.kind === op.kind && (one.turn < op.turn || one.seq < op.seq),
    );
    const input = found?.payloads.find((payload) => payload.kind === "tool_input");
    if (input) return input.truncated ? null : input.text;
  }
  return null;
}
