import { useMemo } from "react";
import { useFinds } from "../../api/queries";
import { onPath } from "../../core/critical-path";
import { both, maskOf, maskOfPlaces, matchesOf, type Place } from "../../core/filter";
import type { Selection, Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import { type Filter, FilterError, OF_OPS, parseFilter, printFilter, termsOf } from "../../logic/filter";
import { useBenchState } from "./use-bench";

export interface Found {
  places: readonly Selection[];
  /** There are more than are told. */
  more: boolean;
  pending: boolean;
  error: Error | null;
}

export interface Matches {
  /** By row of `ops`: 0 for what is dimmed; `null`: nothing is. */
  mask: Uint8Array | null;
  /** What fulfils the filter, by its time; `null`: none is set. */
  ops: Uint32Array | null;
  /** Not all of it is known: the server found more texts than it tells. */
  more: boolean;
  pending: boolean;
  error: Error | null;
  /** Where the text that is looked for was found. */
  found: Found | null;
}

const NO_PLACES: readonly Place[] = [];

/** What of a session's tree fulfils the filter, and where the find finds something. */
export function useMatches(bench: Workbench, id: string, trace: Trace | undefined): Matches {
  const text = useBenchState(bench, (state) => state.filter);
  const find = useBenchState(bench, (state) => state.find);
  const pathOnly = useBenchState(bench, (state) => state.path);
  const parsed = useMemo(() => understood(text), [text]);
  const terms = parsed.filter ? termsOf(parsed.filter) : [];
  const revision = trace?.head.revision ?? 0;
  const wanted = printFilter({ parts: terms.filter((term) => !term.negated) });
  const unwanted = terms.flatMap((term) =>
    term.negated ? [printFilter({ parts: [{ ...term, negated: false }] })] : [],
  );
  const asked = [...(wanted ? [wanted] : []), ...unwanted];
  const { answers, pending, error } = useFinds(id, asked, revision);
  const finding = useFinds(id, find.trim() ? [find.trim()] : [], revision);

  const fulfilled = useMemo(() => {
    if (!trace || !parsed.filter || parsed.filter.parts.length === 0) return null;
    const masks = answers.map((answer) => answer && maskOfPlaces(trace, answer.places));
    return maskOf(
      trace,
      parsed.filter,
      {
        wanted: wanted ? (masks[0] ?? null) : null,
        unwanted: masks.slice(wanted ? 1 : 0).flatMap((mask) => mask ?? []),
      },
      parsed.now,
    );
  }, [trace, parsed, wanted, answers]);
  const ops = useMemo(() => (trace && fulfilled ? matchesOf(trace, fulfilled) : null), [trace, fulfilled]);
  const places = finding.answers[0]?.places ?? NO_PLACES;
  const mask = useMemo(() => {
    if (!trace) return null;
    const ofFind = places.length > 0 ? maskOfPlaces(trace, places) : null;
    return both(both(fulfilled, ofFind), pathOnly ? onPath(trace) : null);
  }, [trace, fulfilled, places, pathOnly]);
  const selections = useMemo(() => places.flatMap(selectionOfPlace), [places]);
  return {
    mask,
    ops,
    more: answers.some((answer) => answer?.more),
    pending,
    error: parsed.error ?? error,
    found: find.trim()
      ? {
          places: selections,
          more: finding.answers[0]?.more ?? false,
          pending: finding.pending,
          error: finding.error,
        }
      : null,
  };
}

interface Understood {
  filter: Filter | null;
  error: FilterError | null;
  /** Microseconds: what `7d` is told from. */
  now: number;
}

function understood(text: string): Understood {
  const now = Date.now() * 1000;
  try {
    return { filter: parseFilter(text, OF_OPS), error: null, now };
  } catch (error) {
    if (error instanceof FilterError) return { filter: null, error, now };
    throw error;
  }
}

function selectionOfPlace({ session, turn, seq }: Place): Selection[] {
  if (seq !== null) return [{ type: "op", session, number: seq }];
  return turn === null ? [] : [{ type: "turn", session, number: turn }];
}
