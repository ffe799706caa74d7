/** What is weighed, and how a weight is written. */

import { formatCost, formatCount, formatDuration, groupThousands } from "./units";

export const WEIGHTS = [
  ["time", "Time", "Time of all steps; of those at the same time each counts"],
  ["self", "Self time", "Each instant of a session counts once, for what ran then"],
  ["cost", "Cost", "What the model calls cost"],
  ["tokens", "Tokens", "Fresh input, output and cached tokens"],
  ["count", "Count", "How many steps"],
  ["failures", "Failures", "How many steps failed"],
] as const;

export type Weight = (typeof WEIGHTS)[number][0];

/** @param weight Microseconds, nano-dollars, tokens or a count. */
export function formatWeight(metric: Weight, weight: number): string {
  if (metric === "time" || metric === "self") return formatDuration(weight);
  if (metric === "cost") return formatCost(weight / 1e9);
  return metric === "tokens" ? formatCount(weight) : groupThousands(weight);
}

/** A part of a whole: `0 %`, `<1 %`, `12 %`. */
export function formatShare(part: number, whole: number): string {
  if (!(whole > 0)) return "–";
  const share = (100 * part) / whole;
  if (share > 0 && share < 1) return "<1 %";
  return `${Math.round(share)} %`;
}
