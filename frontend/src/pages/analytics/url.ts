/** What the page shows, as its address says it: metric, groups, steps, and what else is switched on. */

import { type Bucket, bucketFor, type DimensionOf, dimensionOf, DIMENSIONS } from "../../logic/dimensions";
import { isTold, METRICS, type Metric, metricOf } from "../../logic/metrics";
import { instant, isPartial, type WorkQuery } from "../../logic/work-filter";

const BUCKETS: readonly Bucket[] = ["hour", "day", "week", "month"];

export interface AnalyticsView {
  metric: Metric;
  /** What the chart's lines and the table's rows are; `null`: one line for all. */
  lines: DimensionOf | null;
  rows: DimensionOf;
  bucket: Bucket;
  comparing: boolean;
  subtree: boolean;
}

export function viewFromUrl(params: URLSearchParams, work: WorkQuery | null, now: number): AnalyticsView {
  const since = instant(work?.since, false);
  const until = instant(work?.until, true) ?? now;
  const told = params.get("by");
  const lines = told === "none" ? null : (dimensionOf(told) ?? dimensionOf("model") ?? null);
  const asked = metricOf(params.get("metric"));
  const partial = work !== null && isPartial(work);
  return {
    metric: isTold(asked, lines, partial)
      ? asked
      : (METRICS.find((one) => one.key === "tool_calls" && isTold(one, lines, partial)) ?? METRICS[0]),
    lines,
    rows: dimensionOf(params.get("rows")) ?? lines ?? (DIMENSIONS[0] as DimensionOf),
    bucket:
      BUCKETS.find((one) => one === params.get("bucket")) ??
      bucketFor(since === undefined ? null : until - since),
    comparing: params.get("compare") === "1",
    subtree: params.get("tree") === "1",
  };
}

/** Metrics whose groups add up to the whole. */
const ADDED = new Set([
  "cost_usd",
  "ops",
  "llm_calls",
  "tool_calls",
  "tokens",
  "tokens_in",
  "tokens_out",
  "tokens_cache_read",
  "tokens_cache_write",
  "llm_duration_us",
  "tool_duration_us",
  "busy_us",
  "wait_us",
  "failures",
]);

export function addsUp(metric: Metric): boolean {
  return ADDED.has(metric.key);
}
