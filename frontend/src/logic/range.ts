/** A range of time as it is chosen and written in an address, and the instants it means. */

const MICROS_PER_MS = 1000;
export const DAY_US = 24 * 3600 * 1e6;

/** The last hours or days, as `7d`; everything; or from a day up to and with another one. */
export type Range =
  | { kind: "last"; span: Span }
  | { kind: "all" }
  | { kind: "days"; from: string; to: string }
  | { kind: "between"; since: number; until: number };

export const SPANS = ["1h", "24h", "7d", "30d", "90d", "1y"] as const;
export type Span = (typeof SPANS)[number];

export const SPAN_LABELS: Record<Span, string> = {
  "1h": "last hour",
  "24h": "last 24 h",
  "7d": "last 7 d",
  "30d": "last 30 d",
  "90d": "last 90 d",
  "1y": "last year",
};

const SPAN_US: Record<Span, number> = {
  "1h": 3600 * 1e6,
  "24h": DAY_US,
  "7d": 7 * DAY_US,
  "30d": 30 * DAY_US,
  "90d": 90 * DAY_US,
  "1y": 365 * DAY_US,
};

export const DEFAULT_RANGE: Range = { kind: "last", span: "7d" };

const DAYS = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/;
const INSTANTS = /^(\d{1,16})\.\.(\d{1,16})$/;

/** What an address says; what it does not say, or says wrongly, is `undefined`. */
export function parseRange(text: string | null): Range | undefined {
  if (text === null) return undefined;
  if (text === "all") return { kind: "all" };
  const span = SPANS.find((known) => known === text);
  if (span) return { kind: "last", span };
  const days = text.match(DAYS);
  if (days?.[1] && days[2] && isDay(days[1]) && isDay(days[2]) && days[1] <= days[2])
    return { kind: "days", from: days[1], to: days[2] };
  const instants = text.match(INSTANTS);
  if (instants && Number(instants[1]) <= Number(instants[2]))
    return { kind: "between", since: Number(instants[1]), until: Number(instants[2]) };
  return undefined;
}

export function printRange(range: Range): string {
  if (range.kind === "all") return "all";
  if (range.kind === "last") return range.span;
  if (range.kind === "days") return `${range.from}..${range.to}`;
  return `${range.since}..${range.until}`;
}

/** What a question of a range says to the server: instants in microseconds, or days; both included. */
export interface Bounds {
  since?: string;
  until?: string;
}

/**
 * The bounds of a range at `now` (microseconds). The last days begin at a quarter of an hour, the
 * finest step of the server's sums; so the same question stays the same for a while.
 */
export function boundsOf(range: Range, now: number): Bounds {
  if (range.kind === "all") return {};
  if (range.kind === "days") return { since: range.from, until: range.to };
  if (range.kind === "between") return { since: String(range.since), until: String(range.until) };
  const since = now - SPAN_US[range.span];
  return { since: String(since - (since % (900 * 1e6))) };
}

/**
 * The range to begin with: the last seven days, or, if nothing happened in them, the seven that
 * end with the day of the newest thing known. `day` writes an instant as a day of the reader's.
 */
export function firstRange(newest: number | null, now: number, day: (micros: number) => string): Range {
  if (newest === null || newest >= now - SPAN_US["7d"]) return DEFAULT_RANGE;
  return { kind: "days", from: day(newest - 6 * DAY_US), to: day(newest) };
}

/** An instant's day in the browser's zone: `2026-01-31`. */
export function localDay(micros: number): string {
  const date = new Date(micros / MICROS_PER_MS);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
