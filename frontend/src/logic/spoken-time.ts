/** Times as people write them into the palette: `yesterday 14-16`, `13 Oct`, `last 7d`. */

import { type Range, SPANS } from "./range";
import { MONTHS } from "./time";

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The range that is meant, in the reader's own zone; what is no time is `undefined`. */
export function spokenRange(text: string, now: Date): Range | undefined {
  const said = text.trim().toLowerCase().replace(/\s+/g, " ");
  const span = SPANS.find((known) => known === said.replace(/^last /, "").replace(" ", ""));
  if (span) return { kind: "last", span };
  if (said === "all" || said === "all time") return { kind: "all" };
  const found = said.match(/^(.*?)(?: (\d{1,2})(?::(\d\d))?\s?(?:-|–|to)\s?(\d{1,2})(?::(\d\d))?)?$/);
  const day = spokenDay(found?.[1] ?? "", now);
  if (!day) return undefined;
  const start = new Date(day);
  const end = new Date(day);
  end.setDate(end.getDate() + 1);
  if (found?.[2] !== undefined && found[4] !== undefined) {
    const [from, to] = [clock(found[2], found[3]), clock(found[4], found[5])];
    if (from === undefined || to === undefined || to <= from) return undefined;
    start.setMinutes(from);
    end.setTime(day.getTime());
    end.setMinutes(to);
  }
  return { kind: "between", since: start.getTime() * 1000, until: end.getTime() * 1000 - 1 };
}

function clock(hours: string, minutes: string | undefined): number | undefined {
  const time = Number(hours) * 60 + Number(minutes ?? 0);
  return time <= 24 * 60 && Number(minutes ?? 0) < 60 ? time : undefined;
}

/** The first instant of a day. */
function spokenDay(said: string, now: Date): Date | undefined {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const back = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  if (said === "today") return today;
  if (said === "yesterday") return back(1);
  const weekday = said.length >= 3 ? WEEKDAYS.indexOf(said.slice(0, 3)) : -1;
  if (weekday >= 0 && /^(sun|mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?)(day)?$/.test(said))
    return back((today.getDay() - weekday + 7) % 7 || 7);
  const iso = said.match(/^(\d{4})-(\d\d)-(\d\d)$/);
  if (iso) return existing(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const written = said.match(/^(\d{1,2})\.? ([a-z]{3})[a-z]*(?: (\d{4}))?$/);
  const month = MONTHS.findIndex((name) => name.toLowerCase() === written?.[2]);
  if (!written || month < 0) return undefined;
  const day = Number(written[1]);
  if (written[3]) return existing(Number(written[3]), month, day);
  const thisYear = existing(today.getFullYear(), month, day);
  return thisYear && thisYear > today ? existing(today.getFullYear() - 1, month, day) : thisYear;
}

function existing(year: number, month: number, day: number): Date | undefined {
  const date = new Date(year, month, day);
  return date.getMonth() === month && date.getDate() === day ? date : undefined;
}
