/** A session's turns as far as they are loaded: pages in, one ordered transcript out. */

import type { Turn, TurnPage } from "../api/types";

/** Where a page begins. */
export interface Begin {
  from_turn: number;
  from_seq?: number;
}

export interface Transcript {
  /** In order, and a contiguous part of the session. */
  turns: Turn[];
  /**
   * Cursor of the page before the first loaded op, or the turn and op with which it begins, read
   * backwards; `null` when the start is loaded.
   */
  older: string | Begin | null;
  /** Cursor of the page after the last loaded op; `null` when the end is loaded. */
  newer: string | null;
}

/** The transcript from its first page, read from the start (`asc`) or the end (`desc`). */
export function openTranscript(page: TurnPage, order: "asc" | "desc"): Transcript {
  return {
    turns: mergeTurns([], page.turns),
    older: order === "desc" ? page.next : null,
    newer: order === "asc" ? page.next : null,
  };
}

/** The transcript opened in the middle: from turn `first` on, or from its op `seq` on. */
export function openTranscriptAt(page: TurnPage, first: number, seq: number | null = null): Transcript {
  const before = seq !== null && seq > 0 ? { from_turn: first, from_seq: seq - 1 } : null;
  return {
    turns: mergeTurns([], page.turns),
    older: before ?? (first > 0 ? { from_turn: first - 1 } : null),
    newer: page.next,
  };
}

/** Whether an op, or without `seq` a turn's head, is loaded. */
export function isLoaded(transcript: Transcript, turn: number, seq: number | null): boolean {
  const found = transcript.turns.find((one) => one.turn === turn);
  return found !== undefined && (seq === null || found.ops.some((op) => op.seq === seq));
}

/** One more page at either side. */
export function extendTranscript(
  transcript: Transcript,
  page: TurnPage,
  side: "older" | "newer",
): Transcript {
  return { ...transcript, turns: mergeTurns(transcript.turns, page.turns), [side]: page.next };
}

/**
 * Newer states of known ops and the ops that follow them, from pages read backwards from
 * the end. The pages must reach back to what is loaded (see `reaches`): else there is a hole.
 */
export function followTranscript(transcript: Transcript, pages: readonly TurnPage[]): Transcript {
  const turns = pages.reduce<Turn[]>((merged, page) => mergeTurns(merged, page.turns), []);
  return { ...transcript, turns: mergeTurns(transcript.turns, turns) };
}

/**
 * Turns of `added` win over those of `known`, op by op: they are read later. The parts of a
 * long turn come with the turn's own facts each, its prompt only with the part sent first;
 * a page read backwards holds its ops backwards.
 */
export function mergeTurns(known: readonly Turn[], added: readonly Turn[]): Turn[] {
  const byNumber = new Map(known.map((turn) => [turn.turn, turn]));
  for (const turn of added) {
    const before = byNumber.get(turn.turn);
    byNumber.set(turn.turn, {
      ...turn,
      payloads: turn.payloads.length > 0 ? turn.payloads : (before?.payloads ?? []),
      ops: mergeBy(before?.ops ?? [], turn.ops, (op) => op.seq),
      logs: mergeBy(before?.logs ?? [], turn.logs, (log) => log.n),
    });
  }
  return [...byNumber.values()].toSorted((a, b) => a.turn - b.turn);
}

function mergeBy<T>(known: readonly T[], added: readonly T[], key: (item: T) => number): T[] {
  const merged = new Map(known.map((item) => [key(item), item]));
  for (const item of added) merged.set(key(item), item);
  return [...merged.values()].toSorted((a, b) => key(a) - key(b));
}

/** An op's place in the order of pages: by turn, then by number. */
export interface Place {
  turn: number;
  seq: number;
}

/** The last op that is loaded. */
export function lastPlace(turns: readonly Turn[]): Place {
  const turn = turns.at(-1);
  return { turn: turn?.turn ?? 0, seq: turn?.ops.at(-1)?.seq ?? 0 };
}

/** How many loaded ops follow a place. */
export function countAfter(turns: readonly Turn[], place: Place): number {
  let count = 0;
  for (const turn of turns) {
    if (turn.turn > place.turn) count += turn.ops.length;
    else if (turn.turn === place.turn) count += turn.ops.filter((op) => op.seq > place.seq).length;
  }
  return count;
}

/**
 * How far back a live update has to read: to the oldest op that may still change (it was
 * running), or to the last one that is loaded.
 */
export function followFrom(turns: readonly Turn[]): Place {
  for (const turn of turns) {
    const running = turn.ops.find((op) => op.status === "running");
    if (running) return { turn: turn.turn, seq: running.seq };
  }
  return lastPlace(turns);
}

/** Whether pages read backwards from the end have come down to a place, or to the session's start. */
export function reaches(pages: readonly TurnPage[], place: Place): boolean {
  if (pages.at(-1)?.next === null) return true;
  return pages.some((page) =>
    page.turns.some(
      (turn) =>
        turn.turn < place.turn || (turn.turn === place.turn && turn.ops.some((op) => op.seq <= place.seq)),
    ),
  );
}
