import { useEffect, useState, useSyncExternalStore } from "react";
import {
  readRange,
  readSelection,
  Workbench,
  type WorkbenchState,
  writeRange,
  writeSelection,
} from "../../core/selection";

const REST_MS = 300;

function fromAddress(id: string): Pick<WorkbenchState, "sel" | "range" | "gaps" | "origin"> {
  const params = new URLSearchParams(window.location.search);
  const gaps = params.get("gaps");
  return {
    sel: readSelection(params.get("sel"), id),
    range: readRange(params.get("range")),
    gaps: gaps === "open" ? false : gaps === "folded" ? true : null,
    origin: "address",
  };
}

function toAddress(state: WorkbenchState, id: string): string {
  const params = new URLSearchParams(window.location.search);
  const put = (key: string, value: string | null) =>
    value === null ? params.delete(key) : params.set(key, value);
  put("sel", state.sel && writeSelection(state.sel, id));
  put("range", state.range && writeRange(state.range));
  put("gaps", state.gaps === null ? null : state.gaps ? "folded" : "open");
  // Colons and the at sign may stand as they are, and are read more easily so.
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%40", "@");
  return text ? `?${text}` : "";
}

/**
 * The workbench of a session, in the page's address: a range that was settled on is a place to
 * go back to; what is chosen and every step of a zoom only change the place where one is.
 */
export function useBench(id: string): Workbench {
  const [bench] = useState(() => new Workbench(fromAddress(id)));
  useEffect(() => {
    const path = window.location.pathname;
    let timer: number | undefined;
    let { settled } = bench.state;
    const write = (how: "pushState" | "replaceState") => {
      window.clearTimeout(timer);
      const search = toAddress(bench.state, id);
      if (window.location.pathname !== path || search === window.location.search) return;
      window.history[how](window.history.state, "", path + search);
    };
    const stop = bench.subscribe(() => {
      if (bench.state.settled !== settled) {
        settled = bench.state.settled;
        return write("pushState");
      }
      window.clearTimeout(timer);
      timer = window.setTimeout(() => write("replaceState"), REST_MS);
      return undefined;
    });
    const onPop = () => bench.set(fromAddress(id));
    window.addEventListener("popstate", onPop);
    return () => {
      stop();
      window.clearTimeout(timer);
      window.removeEventListener("popstate", onPop);
    };
  }, [bench, id]);
  return bench;
}

/** A part of the workbench's state; the component is drawn again when that part changes. */
export function useBenchState<T>(bench: Workbench, pick: (state: WorkbenchState) => T): T {
  return useSyncExternalStore(bench.subscribe, () => pick(bench.state));
}
