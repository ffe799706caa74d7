/** What the server found worth a look in a session, in a few words. */

import type { Finding } from "../api/types";
import { modelName } from "./session-names";
import { formatCost, formatCount, formatDuration, plural } from "./units";

/** The case and its number: `Slowest tool: Bash 5m 21s`. */
export function findingText(finding: Finding): string {
  const { kind, name, count, duration_us: micros, cost_usd: usd, tokens, percent } = finding;
  const long = micros === null ? "" : ` ${formatDuration(micros)}`;
  const price = usd === null ? "" : `, ${formatCost(usd)}`;
  switch (kind) {
    case "orphan":
      return `${plural(count, "sub-agent")} nobody is known to have started`;
    case "retries":
      return `${name ?? "Model call"} failed ${count} times in a row${price}`;
    case "repeated_call":
      return `${name ?? "The same call"} called ${count} times with the same input`;
    case "stall":
      return `${name ?? "A step"} took${long}`;
    case "context":
      return `Context ${percent === null ? "nearly full" : `${Math.round(percent)} % full`}${name ? ` (${modelName(name)})` : ""}`;
    case "cache_misses":
      return `${count} calls in a row missed the cache${tokens === null ? "" : `, ${formatCount(tokens)} tokens anew`}${price}`;
    case "priciest_turn":
      return `Most expensive turn: ${finding.turn}${price}`;
    case "slowest_tool":
      return `Slowest tool: ${name ?? "unknown"}${long}`;
    case "longest_wait":
      return `Longest wait for you:${long}`;
    default:
      return kind satisfies never;
  }
}
