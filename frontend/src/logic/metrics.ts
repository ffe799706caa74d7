/** The numbers of statistics: their names, what they mean, and how they are written. */

import type { StatsTotals } from "../api/types";
import { formatCost, formatCount, formatDuration, formatTotalCost, MISSING } from "./units";

export type Unit = "count" | "usd" | "micros" | "share" | "tokens" | "rate";

export interface Metric {
  /** Its name for the server, where it is one of the server's. */
  key: string;
  label: string;
  /** In the head of a column. */
  short: string;
  unit: Unit;
  hint: string;
  /** Of whole turns: no model, tool or provider has a part of it. */
  ofTurns?: boolean;
  /** More of it is worse (1), better (-1), or neither (0): how a change is told. */
  worse: -1 | 0 | 1;
  value: (totals: StatsTotals) => number | null;
}

const metric = (
  key: string,
  label: string,
  short: string,
  unit: Unit,
  hint: string,
  value: (totals: StatsTotals) => number | null,
  more: { ofTurns?: boolean; worse?: -1 | 0 | 1 } = {},
): Metric => ({ key, label, short, unit, hint, value, worse: 0, ...more });

export const METRICS = [
  metric("cost_usd", "Cost", "Cost", "usd", "Sum of the known prices", (t) => t.cost_usd, { worse: 1 }),
  metric("sessions", "Sessions", "Sessions", "count", "Sessions with work in this time", (t) => t.sessions),
  metric("turns", "Turns", "Turns", "count", "Prompts and the work for them", (t) => t.turns),
  metric("ops", "Ops", "Ops", "count", "Model calls, tool calls and other steps", (t) => t.ops),
  metric("llm_calls", "Model calls", "Calls", "count", "Answers of a model", (t) => t.llm_calls),
  metric("tool_calls", "Tool calls", "Tools", "count", "Calls of tools", (t) => t.tool_calls),
  metric(
    "tokens",
    "Tokens",
    "Tokens",
    "tokens",
    "Fresh input, output, cache read and written: together",
    (t) => t.tokens,
  ),
  metric("tokens_in", "Fresh input", "In", "tokens", "Input that came from no cache", (t) => t.tokens_in),
  metric("tokens_out", "Output", "Out", "tokens", "Output, reasoning included", (t) => t.tokens_out),
  metric(
    "tokens_cache_read",
    "Cache read",
    "Cache r",
    "tokens",
    "Input that was read from a cache",
    (t) => t.tokens_cache_read,
  ),
  metric(
    "tokens_cache_write",
    "Cache written",
    "Cache w",
    "tokens",
    "Input that was put into a cache",
    (t) => t.tokens_cache_write,
  ),
  metric(
    "cache_hit_share",
    "Cache hit",
    "Hit",
    "share",
    "Tokens read from the cache ÷ all that models were given to read",
    (t) => t.cache_hit_share,
    { worse: -1 },
  ),
  metric(
    "llm_duration_us",
    "Model time",
    "Model",
    "micros",
    "Model calls end to end; calls at the same time count each",
    (t) => t.llm_duration_us,
  ),
  metric(
    "tool_duration_us",
    "Tool time",
    "Tool",
    "micros",
    "Tool calls end to end; calls at the same time count each",
    (t) => t.tool_duration_us,
  ),
  metric(
    "busy_us",
    "Busy",
    "Busy",
    "micros",
    "Time within turns, each instant once a session",
    (t) => t.busy_us,
    { ofTurns: true },
  ),
  metric(
    "wait_us",
    "Waiting for you",
    "Wait",
    "micros",
    "From the end of a turn to the next prompt",
    (t) => t.time?.wait_us ?? null,
    { ofTurns: true },
  ),
  metric("failures", "Failures", "Fails", "count", "Failed ops", (t) => t.failures, { worse: 1 }),
  metric("failure_share", "Failed", "Fail %", "share", "Failed ops ÷ ops", (t) => t.failure_share, {
    worse: 1,
  }),
  metric(
    "cost_per_success_usd",
    "Cost per success",
    "$/ok",
    "usd",
    "Cost ÷ sessions that did not fail",
    (t) => t.cost_per_success_usd,
    { worse: 1 },
  ),
  metric(
    "context_peak",
    "Fullest context",
    "Ctx",
    "tokens",
    "Most tokens that one model call held",
    (t) => t.context_peak,
  ),
] as const satisfies readonly Metric[];

/** What calls of tools have a part in. */
const OF_TOOLS: ReadonlySet<string> = new Set([
  "sessions",
  "turns",
  "ops",
  "tool_calls",
  "tool_duration_us",
  "failures",
  "failure_share",
]);

/** Whether it can be told by a dimension: tools have no cost, turns no model. */
export function isTold(one: Metric, by: { by: string; ofOps: boolean } | null, partial: boolean): boolean {
  if (one.ofTurns && (partial || by?.ofOps)) return false;
  if (by?.by === "tool" || by?.by === "namespace") return OF_TOOLS.has(one.key);
  if (by?.by === "model" || by?.by === "provider")
    return !["tool_calls", "tool_duration_us"].includes(one.key);
  return true;
}

export function metricOf(key: string | null): Metric {
  return METRICS.find((one) => one.key === key) ?? METRICS[0];
}

/** A value as people read it. */
export function formatMetric(unit: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  if (unit === "usd") return formatCost(value);
  if (unit === "micros") return formatDuration(value);
  if (unit === "share") return formatShare(value);
  if (unit === "rate") return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}/s`;
  return formatCount(Math.round(value));
}

/** The value of a chart's line; a cost that calls without a price are missing from is a lower bound. */
export function formatLine(unit: Unit, value: number | null | undefined, unpricedCalls: number): string {
  if (unit !== "usd" || unpricedCalls === 0 || value === null || value === undefined)
    return formatMetric(unit, value);
  return value < 0.00005 ? "unpriced" : `≥ ${formatCost(value)}`;
}

/** A metric of sums; their cost says what it leaves out. */
export function formatOf(one: Metric, totals: StatsTotals): string {
  if (one.key === "cost_usd") return formatTotalCost(totals);
  if (one.key === "cost_per_success_usd") return formatPerSuccess(totals);
  return formatMetric(one.unit, one.value(totals));
}

function formatPerSuccess(totals: StatsTotals): string {
  const each = totals.cost_per_success_usd;
  if (each === null || totals.tokens === 0) return MISSING;
  if (totals.unpriced_calls === 0) return formatCost(each);
  return totals.cost_usd < 0.00005 ? "unpriced" : `≥ ${formatCost(each)}`;
}

/** A share of 1: `0 %`, `0.4 %`, `3.2 %`, `87 %`. */
export function formatShare(share: number | null): string {
  if (share === null) return MISSING;
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.05) return "<0.1 %";
  return percent < 9.95 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** How far a value is from an earlier one: `+12 %`, `−3 %`, `new`; a share in points. */
export function formatChange(unit: Unit, now: number | null, earlier: number | null): string | null {
  if (now === null || earlier === null) return null;
  if (now === earlier) return "±0";
  if (unit === "share") return `${signed((now - earlier) * 100, 1)} pt`;
  if (earlier === 0) return "new";
  const change = (now / earlier - 1) * 100;
  if (change > 999) return `×${formatCount(Math.round(now / earlier))}`;
  return `${signed(change, Math.abs(change) < 9.95 ? 1 : 0)} %`;
}

export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** Output tokens for each second of model calls; derived. */
export function tokenRate(totals: StatsTotals): number | null {
  return totals.llm_duration_us > 0 && totals.tokens_out > 0
    ? totals.tokens_out / (totals.llm_duration_us / 1e6)
    : null;
}
