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
