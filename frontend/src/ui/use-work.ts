/** Which work a page is about: its address' filter within its range in time. */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";
import { before, type Exact, EXACT, type WorkQuery, workFromUrl } from "../logic/work-filter";
import { type PageRange, usePageRange } from "./range";
import { useQuarter } from "./today";

export interface PageWork {
  range: PageRange;
  /** `null` until the range is known. */
  work: WorkQuery | null;
  /** The same of as much time just before; `null` if the range has no beginning. */
  earlier: WorkQuery | null;
  params: URLSearchParams;
  /** Change parameters of the address; an empty value removes one. */
  change: (values: Record<string, string | null>, replace?: boolean) => void;
  /** What was chosen by clicks. */
  chosen: readonly (readonly [Exact, string])[];
}

export function usePageWork(): PageWork {
  const range = usePageRange();
  const now = useQuarter();
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const { bounds } = range;
  const since = bounds?.since;
  const until = bounds?.until;
  const known = bounds !== undefined;
  const found = useMemo(() => {
    if (!known) return { work: null, earlier: null };
    const asked = new URLSearchParams(text);
    const own = { ...(since ? { since } : {}), ...(until ? { until } : {}) };
    const previous = before(own, now);
    return {
      work: workFromUrl(asked, own),
      earlier: previous ? workFromUrl(asked, previous) : null,
    };
  }, [text, since, until, known, now]);
  const change = useCallback(
    (values: Record<string, string | null>, replace = false) =>
      setParams(
        (current) => {
          const after = new URLSearchParams(current);
          for (const [name, value] of Object.entries(values)) {
            if (value === null || value === "") after.delete(name);
            else after.set(name, value);
          }
          return after;
        },
        { replace },
      ),
    [setParams],
  );
  const chosen = EXACT.flatMap((name) => {
    const value = params.get(name);
    return value ? [[name, value] as const] : [];
  });
  return { range, ...found, params, change, chosen };
}
