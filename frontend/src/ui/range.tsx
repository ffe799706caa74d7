/** The page's range in time: in its address, chosen at the top. */

import { useCallback } from "react";
import { useSearchParams } from "wouter";
import { useHealth } from "../api/queries";
import {
  type Bounds,
  boundsOf,
  DEFAULT_RANGE,
  firstRange,
  localDay,
  parseRange,
  printRange,
  type Range,
  SPAN_LABELS,
  SPANS,
} from "../logic/range";
import { formatDate } from "../logic/time";
import { CalendarIcon } from "./icons";
import styles from "./range.module.css";
import { useQuarter } from "./today";

export interface PageRange {
  range: Range;
  /** `undefined` until it is known which days have data. */
  bounds: Bounds | undefined;
  /** The last seven days were empty: what is shown are the newest seven with data. */
  older: boolean;
  choose: (range: Range) => void;
}

/** The range of the address' `range`; without it the last seven days, or the newest seven with data. */
export function usePageRange(): PageRange {
  const [params, setParams] = useSearchParams();
  const { data: health, isError } = useHealth();
  const now = useQuarter();
  const chosen = parseRange(params.get("range"));
  const first = health ? firstRange(health.newest, now, localDay) : isError ? DEFAULT_RANGE : undefined;
  const range = chosen ?? first;
  const choose = useCallback(
    (next: Range) =>
      setParams((before) => {
        const after = new URLSearchParams(before);
        after.set("range", printRange(next));
        return after;
      }),
    [setParams],
  );
  return {
    range: range ?? DEFAULT_RANGE,
    bounds: range && boundsOf(range, now),
    older: !chosen && first?.kind === "days",
    choose,
  };
}

export function RangePicker({ range, older, choose }: PageRange) {
  const other = range.kind !== "last" && range.kind !== "all";
  return (
    <span className={styles.picker}>
      <CalendarIcon />
      <select
        className={styles.span}
        aria-label="Range in time"
        title={older ? "The last seven days are empty: these are the newest with data" : undefined}
        value={other ? "other" : printRange(range)}
        onChange={(event) => {
          if (event.target.value === "days") choose(asDays(range));
          else choose(parseRange(event.target.value) ?? DEFAULT_RANGE);
        }}
      >
        {SPANS.map((span) => (
          <option key={span} value={span}>
            {SPAN_LABELS[span]}
          </option>
        ))}
        <option value="all">all time</option>
        {other ? <option value="other">{describeRange(range)}</option> : null}
        <option value="days">from … to …</option>
      </select>
      {range.kind === "days" ? <Days range={range} choose={choose} /> : null}
    </span>
  );
}

function Days({
  range,
  choose,
}: {
  range: Extract<Range, { kind: "days" }>;
  choose: (range: Range) => void;
}) {
  const change = (part: { from?: string; to?: string }) => {
    const next = { ...range, ...part };
    if (parseRange(`${next.from}..${next.to}`)) choose(next);
  };
  return (
    <span className={styles.days}>
      <input
        type="date"
        aria-label="From"
        max={range.to}
        value={range.from}
        onChange={(event) => change({ from: event.target.value })}
      />
      –
      <input
        type="date"
        aria-label="Up to and with"
        min={range.from}
        value={range.to}
        onChange={(event) => change({ to: event.target.value })}
      />
    </span>
  );
}

function asDays(range: Range): Range {
  if (range.kind === "days") return range;
  const now = Date.now() * 1000;
  const { since, until } = boundsOf(range, now);
  return {
    kind: "days",
    from: localDay(since === undefined ? now - 29 * 864e8 : Number(since)),
    to: localDay(until === undefined ? now : Number(until)),
  };
}

/** A range in words: `last 7 d`, `7 Oct – 13 Oct 2025`. */
export function describeRange(range: Range): string {
  if (range.kind === "all") return "all time";
  if (range.kind === "last") return SPAN_LABELS[range.span];
  const [from, to] =
    range.kind === "days" ? [range.from, range.to] : [localDay(range.since), localDay(range.until)];
  const short = from.slice(0, 4) === to.slice(0, 4);
  return from === to ? formatDate(to) : `${formatDate(from, !short)} – ${formatDate(to)}`;
}
