/** The search and its address: one is the other. */

import { useCallback } from "react";
import { useSearchParams } from "wouter";

export type Sort = "newest" | "best";

export function useSort(): [Sort, (sort: Sort) => void] {
  const [params, setParams] = useSearchParams();
  const choose = useCallback(
    (sort: Sort) =>
      setParams((before) => {
        const after = new URLSearchParams(before);
        if (sort === "best") after.set("sort", sort);
        else after.delete("sort");
        return after;
      }),
    [setParams],
  );
  return [params.get("sort") === "best" ? "best" : "newest", choose];
}
