import { useSyncExternalStore } from "react";

const MINUTE_MS = 60_000;

const listeners = new Set<() => void>();
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    for (const tell of listeners) tell();
  }, MINUTE_MS);
  return () => listeners.delete(listener);
}

/** The reader's current day, so that "today" is right after midnight, too. */
export function useToday(): Date {
  return new Date(useSyncExternalStore(subscribe, () => new Date().toDateString()));
}

const QUARTER_MS = 15 * MINUTE_MS;

/** The beginning of the current quarter of an hour, in microseconds: the clock of sums. */
export function useQuarter(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS * 1000);
}
