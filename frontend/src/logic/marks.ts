/** What is marked, and what a mark says it is. */

import type { Mark } from "../api/types";
import { formatClock } from "./time";

export const COLOURS = ["yellow", "green", "blue", "purple", "orange", "red"] as const;
export type Colour = (typeof COLOURS)[number];

/** What can be marked: a step, a turn, a stretch of time (microseconds), or the session itself. */
export type Target =
  | { type: "op"; turn: number; seq: number }
  | { type: "turn"; turn: number }
  | { type: "range"; start: number; end: number }
  | { type: "session" };

export function targetOf(mark: Mark): Target {
  if (mark.seq !== null) return { type: "op", turn: mark.turn ?? 0, seq: mark.seq };
  if (mark.turn !== null) return { type: "turn", turn: mark.turn };
  if (mark.start_ts !== null && mark.end_ts !== null)
    return { type: "range", start: mark.start_ts, end: mark.end_ts };
  return { type: "session" };
}

export function sameTarget(one: Target, other: Target): boolean {
  return keyOf(one) === keyOf(other);
}

export function keyOf(target: Target): string {
  if (target.type === "op") return `op-${target.seq}`;
  if (target.type === "turn") return `turn-${target.turn}`;
  if (target.type === "range") return `range-${Math.round(target.start)}-${Math.round(target.end)}`;
  return "session";
}

export function targetName(target: Target): string {
  if (target.type === "op") return `step ${target.seq}`;
  if (target.type === "turn") return `turn #${target.turn}`;
  if (target.type === "range") return `${formatClock(target.start)} – ${formatClock(target.end)}`;
  return "the session";
}

/** What the server is asked to keep. */
export function placeOf(target: Target): {
  turn: number | null;
  seq: number | null;
  start_ts: number | null;
  end_ts: number | null;
} {
  return {
    turn: target.type === "op" || target.type === "turn" ? target.turn : null,
    seq: target.type === "op" ? target.seq : null,
    start_ts: target.type === "range" ? Math.round(target.start) : null,
    end_ts: target.type === "range" ? Math.round(target.end) : null,
  };
}

/** A session's star is a mark of the session as a whole. */
export function starOf(marks: readonly Mark[] | undefined): Mark | undefined {
  return marks?.find((mark) => targetOf(mark).type === "session");
}

/** By `keyOf` what they are on. */
export function marksByTarget(marks: readonly Mark[]): Map<string, Mark[]> {
  const found = new Map<string, Mark[]>();
  for (const mark of marks) {
    const key = keyOf(targetOf(mark));
    found.set(key, [...(found.get(key) ?? []), mark]);
  }
  return found;
}
