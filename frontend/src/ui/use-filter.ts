/** The page's filter: the address' `q`, in the language of `logic/filter.ts`. */

import { useCallback } from "react";
import { useSearchParams } from "wouter";
import { FilterError, parseFilter, type Part, type Vocabulary } from "../logic/filter";

/** A filter's parts, or why it is not understood. */
export function readFilter(
  text: string,
  vocabulary: Vocabulary,
): { parts: readonly Part[]; error: FilterError | null } {
  try {
    return { parts: parseFilter(text, vocabulary).parts, error: null };
  } catch (error) {
    if (error instanceof FilterError) return { parts: [], error };
    throw error;
  }
}

/** The filter's text, and how to change it; typing replaces the address, a click adds one. */
export function useFilterText(): [string, (text: string, replace?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (text: string, replace = false) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (text.trim()) after.set("q", text.trim());
          else after.delete("q");
          return after;
        },
        { replace },
      ),
    [setParams],
  );
  return [params.get("q") ?? "", change];
}
