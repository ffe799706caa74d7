/** The order of a table's rows, in the address: `sort=cost` is greatest first, `sort=-cost` smallest. */

import { useSearchParams } from "wouter";

export interface Sorting {
  key: string;
  descending: boolean;
  by: (key: string) => void;
}

export function useSorting(standard: string, parameter = "sort"): Sorting {
  const [params, setParams] = useSearchParams();
  const told = params.get(parameter) ?? standard;
  const key = told.replace(/^-/, "");
  const descending = !told.startsWith("-");
  return {
    key,
    descending,
    by: (next) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          after.set(parameter, next === key && descending ? `-${next}` : next);
          return after;
        },
        { replace: true },
      ),
  };
}

/** Rows by a value, what is not known last. */
export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const order = typeof a === "string" ? -a.localeCompare(String(b)) : a - Number(b);
    return descending ? -order : order;
  });
}
