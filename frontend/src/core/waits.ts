/**
 * The waits of a session tree: the times in which nothing of it is known to have happened.
 *
 *     model   ###       ##
 *     tool       ##
 *     agent                      ####
 *     waits        ·····  ········
 *
 * In the session's own time these are the human's waits, and what is not known within turns.
 */

import type { Gap } from "./time-axis";
import type { Trace } from "./trace";
import { FLAGS } from "./trace-columns";

/** Waits shorter than this stay as they are: five minutes, or this part of the whole time. */
const LEAST = 300e6;
const LEAST_PART = 0.02;

/**
 * From when to when a session tree goes; `undefined` if no time is known. Copies are of another
 * session's time: they count only where there is nothing else.
 */
export function extent(trace: Trace): Gap | undefined {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  const add = (time: number | null | undefined) => {
    if (time === null || time === undefined || Number.isNaN(time)) return;
    start = Math.min(start, time);
    end = Math.max(end, time);
  };
  const { ops } = trace;
  for (let op = 0; op < ops.seq.length; op++) {
    if ((ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const from = ops.start[op] ?? Number.NaN;
    const long = ops.duration[op] ?? Number.NaN;
    add(from);
    add(from + (Number.isNaN(long) ? 0 : long));
  }
  // Copies alone: then these are what there is.
  if (start > end) for (const time of ops.start) add(time);
  if (start > end) for (const time of trace.turns.start) add(time);
  // From the session's first to its last sign of life, as its wall time is told.
  add(trace.head.sessions[0]?.started_at);
  add(trace.head.sessions[0]?.last_at);
  return start <= end ? { start, end } : undefined;
}

/**
 * The waits long enough to be folded, in order.
 *
 * @param live What has no end in one of these sessions is at work to the end.
 */
export function longWaits(trace: Trace, whole: Gap, live: ReadonlySet<number>): Gap[] {
  const { ops } = trace;
  const least = Math.max(LEAST, LEAST_PART * (whole.end - whole.start));
  const running = trace.head.statuses.indexOf("running");
  const rows = new Uint32Array(ops.seq.length)
    .map((_, op) => op)
    .toSorted((one, other) => (ops.start[one] ?? 0) - (ops.start[other] ?? 0));
  const waits: Gap[] = [];
  let known = whole.start;
  const reach = (from: number, to: number) => {
    if (from - known > least) waits.push({ start: known, end: from });
    known = Math.max(known, to);
  };
  for (const op of rows) {
    const from = ops.start[op] ?? Number.NaN;
    // Of a copy the time is another session's; what lies before is no wait of this one.
    if (Number.isNaN(from) || from < whole.start) continue;
    const long = ops.duration[op] ?? Number.NaN;
    const goesOn = ops.status[op] === running && live.has(ops.session[op] ?? 0);
    reach(from, Number.isNaN(long) ? (goesOn ? whole.end : from) : from + long);
  }
  reach(whole.end, whole.end);
  return waits;
}

/**
 * The sessions of the tree that are at work: the page's own, where it is, and those whose op in
 * one of them has not ended. What is merely without an end elsewhere is not running.
 */
export function liveSessions(trace: Trace, active: boolean): ReadonlySet<number> {
  const running = trace.head.statuses.indexOf("running");
  const live = new Set<number>(active ? [0] : []);
  // Each comes after the one that started it.
  trace.head.sessions.forEach(({ parent, parent_op }, index) => {
    if (
      parent !== null &&
      parent_op !== null &&
      live.has(parent) &&
      trace.ops.status[parent_op] === running
    ) {
      live.add(index);
    }
  });
  return live;
}

/** Whether the waits are most of the time: then they are folded unless one says otherwise. */
export function areMost(waits: readonly Gap[], whole: Gap): boolean {
  return waits.reduce((sum, wait) => sum + wait.end - wait.start, 0) > (whole.end - whole.start) / 2;
}
