/** Instants (microseconds since the epoch) in the reader's own zone, with UTC at hand. */

import { MISSING } from "./units";

// Making one takes longer than drawing a row.
const zoneFormat = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Day and minute: `14:32` on the day of `now`, `12 Oct 14:32` in its year, else `12 Oct 2024`. */
export function formatDay(micros: number | null, now: Date): string {
  if (micros === null) return MISSING;
  const date = new Date(micros / 1000);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  if (date.getFullYear() === now.getFullYear()) return `${day} ${time}`;
  return `${day} ${date.getFullYear()}`;
}

/** A day (`2026-01-31`) as `31 Jan 2026`, or `31 Jan`. */
export function formatDate(day: string, year = true): string {
  const [yyyy = "", month = "", date = ""] = day.split("-");
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? month}${year ? ` ${yyyy}` : ""}`;
}

/** Time of day with seconds: `14:32:05`. */
export function formatClock(micros: number | null): string {
  if (micros === null) return MISSING;
  const date = new Date(micros / 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The whole truth for a tooltip: local time with its zone, then UTC. */
export function describeInstant(micros: number | null): string | undefined {
  if (micros === null) return undefined;
  const date = new Date(micros / 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const utc = date.toISOString().replace("T", " ").slice(0, 19);
  return `${day} ${formatClock(micros)} ${zoneName(date)}\n${utc} UTC`;
}

/** The reader's zone as a short name: `CET`, `GMT+2`. */
export function zoneName(date: Date): string {
  return zoneFormat.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
