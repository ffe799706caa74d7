/** The transcript as flat rows for a virtual list. */

import type { LogLine, Op, Payload, Turn } from "../api/types";

export type TranscriptRow =
  | { type: "turn"; key: string; turn: Turn }
  | { type: "prompt"; key: string; turn: Turn }
  | { type: "op"; key: string; turn: Turn; op: Op; depth: number }
  | { type: "answer"; key: string; turn: Turn; op: Op; depth: number; payload: Payload }
  | { type: "gap"; key: string; turn: Turn; missing: number }
  | { type: "logs"; key: string; turn: Turn; logs: LogLine[] };

/**
 * Per turn: its head, its prompt, then the ops in order. Ops that belong to another one
 * (the reasoning and tool calls of a model call) follow it one step deeper; what a call
 * answered stands between its reasoning and its tools, as it was written.
 * With `cut` the first turn may begin before its first op that is loaded: how many are missing is
 * told in their place.
 *
 *     turn 1
 *     prompt
 *     op 1 llm
 *       op 2 reasoning
 *       answer of op 1
 *       op 3 tool
 */
export function transcriptRows(turns: readonly Turn[], cut = false): TranscriptRow[] {
  return turns.flatMap((turn, index) => turnRows(turn, cut && index === 0));
}

/** `cut`: what is loaded begins within this turn, or with it. */
function turnRows(turn: Turn, cut: boolean): TranscriptRow[] {
  const rows: TranscriptRow[] = [{ type: "turn", key: `turn-${turn.turn}`, turn }];
  if (turn.payloads.length > 0) rows.push({ type: "prompt", key: `prompt-${turn.turn}`, turn });
  const missing = cut ? turn.totals.ops + turn.replays - turn.ops.length : 0;
  if (missing > 0) rows.push({ type: "gap", key: `gap-${turn.turn}`, turn, missing });

  const bySeq = new Map(turn.ops.map((op) => [op.seq, op]));
  const children = new Map<number, Op[]>();
  const top: Op[] = [];
  for (const op of turn.ops) {
    const parent = op.parent_seq;
    if (parent === null || parent >= op.seq || !bySeq.has(parent)) top.push(op);
    else children.set(parent, [...(children.get(parent) ?? []), op]);
  }

  const visit = (op: Op, depth: number): void => {
    rows.push({ type: "op", key: `op-${op.seq}`, turn, op, depth });
    const own = children.get(op.seq) ?? [];
    for (const child of own.filter((item) => item.kind === "reasoning")) visit(child, depth + 1);
    for (const payload of op.payloads.filter(isAnswer)) {
      rows.push({ type: "answer", key: `answer-${payload.id}`, turn, op, depth: depth + 1, payload });
    }
    for (const child of own.filter((item) => item.kind !== "reasoning")) visit(child, depth + 1);
  };
  // The rest of a call whose start is on a page that is not loaded stands where its children stand.
  for (const op of top) visit(op, op.parent_seq === null ? 0 : 1);

  if (turn.logs.length > 0) rows.push({ type: "logs", key: `logs-${turn.turn}`, turn, logs: turn.logs });
  return rows;
}

function isAnswer(payload: Payload): boolean {
  return payload.kind === "answer";
}

/** Where an op lies within its turn, both in percent; nothing when either is not known. */
export function spanWithin(op: Op, turn: Turn): { left: number; width: number } | undefined {
  if (op.start_ts === null || op.duration_us === null || turn.start_ts === null) return undefined;
  const known = turn.ops.reduce((end, item) => Math.max(end, item.end_ts ?? 0), 0);
  const end = Math.max(turn.end_ts ?? 0, known);
  const whole = end - turn.start_ts;
  if (whole <= 0 || op.start_ts < turn.start_ts) return undefined;
  const left = Math.min(100, (100 * (op.start_ts - turn.start_ts)) / whole);
  return { left, width: Math.min(100 - left, (100 * op.duration_us) / whole) };
}
