import { useEffect, useState, useSyncExternalStore } from "react";
import {
  type Metric,
  METRICS,
  readRange,
  readRanges,
  readSelection,
  type ViewName,
  VIEWS,
  Workbench,
  type WorkbenchState,
  writeRange,
  writeSelection,
} from "../../core/selection";

const REST_MS = 300;

function fromAddress(id: string): Partial<WorkbenchState> {
  const params = new URLSearchParams(window.location.search);
  const gaps = params.get("gaps");
  const committed = readRanges(params.get("ranges"));
  const view = params.get("view");
  const metric = params.get("metric");
  return {
    view: isOneOf<ViewName>(VIEWS, view) ? view : "waterfall",
    sel: readSelection(params.get("sel"), id),
    range: readRange(params.get("range")) ?? committed.at(-1) ?? null,
    preview: null,
    committed,
    filter: params.get("filter") ?? "",
    find: params.get("find") ?? "",
    scope: params.get("scope") === "self" ? "self" : "tree",
    metric: isOneOf<Metric>(METRICS, metric) ? metric : "time",
    gaps: gaps === "open" ? false : gaps === "folded" ? true : null,
    path: params.get("path") === "only",
    origin: "address",
  };
}

function isOneOf<T extends string>(choices: readonly T[], text: string | null): text is T {
  return (choices as readonly (string | null)[]).includes(text);
}

function toAddress(state: WorkbenchState, id: string): string {
  const params = new URLSearchParams(window.location.search);
  const put = (key: string, value: string | null) => (value ? params.set(key, value) : params.delete(key));
  put("view", state.view === "waterfall" ? null : state.view);
  put("sel", state.sel && writeSelection(state.sel, id));
  put("ranges", state.committed.map(writeRange).join(","));
  put("range", state.range && state.range !== state.committed.at(-1) ? writeRange(state.range) : null);
  put("filter", state.filter);
  put("find", state.find);
  put("scope", state.scope === "self" ? "self" : null);
  put("metric", state.metric === "time" ? null : state.metric);
  put("gaps", state.gaps === null ? null : state.gaps ? "folded" : "open");
  put("path", state.path ? "only" : null);
  // Colons, commas and the at sign may stand as they are, and are read more easily so.
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/** What one can go back from by the browser's own button; all else only changes the place where one is. */
function placesOf({ view, scope, filter, committed, settled }: WorkbenchState): unknown[] {
  return [view, scope, filter, committed, settled];
}

/**
 * The workbench of a session, in the page's address: a view, a filter and a range that was settled
 * on are places to go back to; what is chosen and every step of a zoom only change the place where
 * one is.
 */
export function useBench(id: string): Workbench {
  const [bench] = useState(() => new Workbench(fromAddress(id)));
  useEffect(() => {
    const path = window.location.pathname;
    let timer: number | undefined;
    let places = placesOf(bench.state);
    const write = (how: "pushState" | "replaceState") => {
      window.clearTimeout(timer);
      const search = toAddress(bench.state, id);
      if (window.location.pathname !== path || search === window.location.search) return;
      window.history[how](window.history.state, "", path + search);
    };
    const stop = bench.subscribe(() => {
      const now = placesOf(bench.state);
      const moved = now.some((value, index) => value !== places[index]);
      places = now;
      if (moved) return write("pushState");
      window.clearTimeout(timer);
      timer = window.setTimeout(() => write("replaceState"), REST_MS);
      return undefined;
    });
    const onPop = () => {
      const there = fromAddress(id);
      places = placesOf({ ...bench.state, ...there });
      bench.set(there);
    };
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
