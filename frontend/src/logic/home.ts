/** What the home page says in words, and the addresses that its numbers lead to. */

import type { CostlySession, DaySums } from "../api/types";
import { modelName } from "./session-names";
import { formatCount, plural } from "./units";

/** The sessions with work on a day: as many as the day's sums count. */
export function daySessionsHref(sums: Pick<DaySums, "since" | "until">, tz: string, failed = false): string {
  const params = new URLSearchParams({
    worked_since: String(sums.since),
    worked_until: String(sums.until),
    tz,
    roots: "false",
  });
  if (failed) params.set("op_failed", "true");
  return `/sessions?${params.toString()}`;
}

/** A day's statistics. */
export function dayHref(page: string, day: string): string {
  return `${page}?range=${day}..${day}`;
}

/** By how much a number differs from the one a week before: `+12 %`; nothing to compare with: `undefined`. */
export function change(now: number, before: number): string | undefined {
  if (before === 0) return undefined;
  const share = (now - before) / before;
  if (Math.abs(share) >= 9.995) return `${share > 0 ? "+" : "−"}${Math.round(Math.abs(share))}×`;
  const percent = Math.round(Math.abs(share) * 100);
  return percent === 0 ? "±0 %" : `${share > 0 ? "+" : "−"}${percent} %`;
}

/** What made a session cost so much. */
export function whyCostly(session: CostlySession): string {
  const parts = [
    plural(session.llm_calls, "call"),
    `${formatCount(session.tokens)} tokens`,
    ...(session.cache_hit_share === null
      ? []
      : [`${Math.round(session.cache_hit_share * 100)} % from the cache`]),
    session.model_share > 0.995
      ? modelName(session.model)
      : `${Math.round(session.model_share * 100)} % ${modelName(session.model)}`,
  ];
  return parts.join(" · ");
}

/** What a lane (`LiveSession.lane`) shows, as runs of the same; the cells of nothing are left out. */
export function laneRuns(lane: string): { sign: string; from: number; cells: number }[] {
  const runs: { sign: string; from: number; cells: number }[] = [];
  [...lane].forEach((sign, cell) => {
    const last = runs.at(-1);
    if (last?.sign === sign) last.cells += 1;
    else runs.push({ sign, from: cell, cells: 1 });
  });
  return runs.filter((run) => run.sign !== ".");
}
