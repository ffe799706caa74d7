/** A turn as plain text, to be pasted elsewhere. */

import type { Op, Payload, Turn } from "../api/types";
import { summariseInput } from "./arguments";
import { formatDuration, formatTotalCost } from "./units";

/** As far as its texts are loaded: of a long one the start. */
export function turnAsText(turn: Turn): string {
  const head = [`Turn ${turn.turn}`, formatDuration(turn.duration_us), formatTotalCost(turn.totals)];
  const said = turn.payloads
    .filter((payload) => payload.kind === "prompt")
    .map((payload) => `> ${textOf(payload)}`);
  return [head.join(" · "), ...said, ...turn.ops.flatMap(opText)].join("\n\n");
}

function opText(op: Op): string[] {
  const answers = op.payloads.filter((payload) => payload.kind === "answer").map(textOf);
  if (op.kind === "llm" || op.kind === "reasoning") return answers;
  const input = op.payloads.find((payload) => payload.kind === "tool_input");
  const failed = op.status === "failed" ? ` [failed${op.error_message ? `: ${op.error_message}` : ""}]` : "";
  return [`- ${op.name ?? op.kind}: ${summariseInput(input?.text ?? null)}${failed}`, ...answers];
}

function textOf(payload: Payload): string {
  if (payload.text === null) return `[${payload.media_type}]`;
  return payload.truncated ? `${payload.text}…` : payload.text;
}
