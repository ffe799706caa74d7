/** The one word for how something stands. */

import type { Op, SessionRow, Turn } from "../api/types";

export type Standing =
  | "running"
  | "idle"
  | "completed"
  | "failed"
  | "interrupted"
  | "cancelled"
  | "truncated"
  | "abandoned";

const LABELS: Record<Standing, string> = {
  running: "Running",
  idle: "Idle",
  completed: "Completed",
  failed: "Failed",
  interrupted: "Interrupted",
  cancelled: "Cancelled",
  truncated: "Cut off by the output limit",
  abandoned: "Abandoned",
};

export function standingLabel(standing: Standing): string {
  return LABELS[standing];
}

/**
 * Most formats write no end of a session: what is "running" there and has not been written
 * to for minutes is idle.
 */
export function sessionStanding(session: Pick<SessionRow, "status" | "active">): Standing {
  if (session.status === "running") return session.active ? "running" : "idle";
  return session.status;
}

/** A turn or op still "running" in a session that is not is simply without a recorded end. */
export function workStanding(
  work: Pick<Op, "status"> | Pick<Turn, "status">,
  sessionActive: boolean,
): Standing {
  if (work.status === "running" && !sessionActive) return "idle";
  return work.status;
}

/** From the first to the last thing known of it; never up to the reader's own clock. */
export function wallTime(session: Pick<SessionRow, "started_at" | "last_at" | "ended_at">): number | null {
  const end = session.ended_at ?? session.last_at;
  if (session.started_at === null || end === null || end < session.started_at) return null;
  return end - session.started_at;
}
