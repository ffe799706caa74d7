/** Numbers as people read them. `–` is "not known", which is never the same as 0. */

export const MISSING = "–";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** A duration in microseconds: `412ms`, `3.2s`, `4m 05s`, `2h 10m`, `121d 20h`. */
export function formatDuration(micros: number | null): string {
  if (micros === null) return MISSING;
  if (micros <= 0) return "0ms";
  if (micros < 1000) return "<1ms";
  if (micros < 999_500) return `${Math.round(micros / 1000)}ms`;
  if (micros < 59.95 * SECOND) return `${(micros / SECOND).toFixed(1)}s`;
  const seconds = Math.round(micros / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(micros / MINUTE);
  if (minutes >= 100 * 60) {
    const hours = Math.round(minutes / 60);
    return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
  }
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** US dollars with as many digits as matter: `$74.50`, `$0.41`, `$0.0042`. */
export function formatCost(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.00005) return "<$0.0001";
  if (usd < 0.1) return `$${usd.toFixed(4)}`;
  if (usd < 1000) return `$${usd.toFixed(2)}`;
  return `$${groupThousands(Math.round(usd))}`;
}

/**
 * The cost of a sum of calls. Calls without a known price make it `unpriced` when no other
 * call has one, and a lower bound (`≥ $1.20`) when some have. Where no tokens are known there
 * is nothing to say.
 */
export function formatTotalCost(totals: {
  cost_usd: number;
  unpriced_calls: number;
  tokens_in: number;
  tokens_out: number;
  tokens_cache_read: number;
  tokens_cache_write: number;
}): string {
  const used = totals.tokens_in + totals.tokens_out + totals.tokens_cache_read + totals.tokens_cache_write;
  if (used === 0 && totals.cost_usd === 0 && totals.unpriced_calls === 0) return MISSING;
  if (totals.unpriced_calls === 0) return formatCost(totals.cost_usd);
  // A lower bound that is shown as less than the smallest amount says nothing.
  if (totals.cost_usd < 0.00005) return "unpriced";
  return `≥ ${formatCost(totals.cost_usd)}`;
}

/** A count of tokens or calls, short: `0`, `999`, `1.2k`, `168k`, `2.4M`. */
export function formatCount(count: number | null): string {
  if (count === null) return MISSING;
  if (count < 1000) return String(count);
  for (const [size, unit] of [
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
  ] as const) {
    const value = count / size;
    if (value < 9.95) return `${value.toFixed(1)}${unit}`;
    if (value < 999.5 || unit === "G") return `${Math.round(value)}${unit}`;
  }
  return String(count);
}

/** A whole count with thin groups: `1,234,567`. */
export function groupThousands(count: number): string {
  return count.toLocaleString("en-US");
}

/** A size: `512 B`, `42 KB`, `4.2 MB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return MISSING;
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ["KB", "MB", "GB", "TB"]) {
    value /= 1000;
    if (value < 9.95) return `${value.toFixed(1)} ${unit}`;
    if (value < 999.5 || unit === "TB") return `${Math.round(value)} ${unit}`;
  }
  return MISSING;
}

/** A count and its noun: `1 call`, `3 calls`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${groupThousands(count)} ${count === 1 ? one : many}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
