/** What stands at the ticks and folded waits of an axis. */

import { formatClock, MONTHS } from "./time";

const SECOND = 1e6;

/** How far the reader's clock is ahead of UTC at a time, in microseconds. */
export function zoneOffset(time: number): number {
  return -new Date(time / 1000).getTimezoneOffset() * 60 * SECOND;
}

/** A tick's label, as exact as the step asks for; the first of a day names the day. */
export function tickLabel(time: number, step: number, before: number | undefined): string {
  const date = new Date(time / 1000);
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  if (step >= 86_400 * SECOND) return day;
  const second = formatClock(time);
  const minute = second.slice(0, 5);
  if (before !== undefined && new Date(before / 1000).getDate() !== date.getDate()) return `${day} ${minute}`;
  if (step >= 60 * SECOND) return minute;
  if (step >= SECOND) return second;
  const digits = Math.min(6, Math.ceil(-Math.log10(step / SECOND)));
  const part = Math.floor(time % SECOND)
    .toString()
    .padStart(6, "0");
  return `${second.slice(5)}.${part.slice(0, digits)}`;
}

/** A wait in as few letters as fit into its band: `35m`, `11h`, `3d`. */
export function waitLabel(micros: number): string {
  const minutes = micros / (60 * SECOND);
  if (minutes < 59.5) return `${Math.round(minutes)}m`;
  if (minutes < 47.5 * 60) return `${Math.round(minutes / 60)}h`;
  return `${Math.round(minutes / 1440)}d`;
}
