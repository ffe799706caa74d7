/** What a reader prefers on this machine, remembered by the browser; one name, one value. */

import { useSyncExternalStore } from "react";

const PREFIX = "ai-viewer.";

const listeners = new Map<string, Set<() => void>>();
/** What was chosen where the browser stores nothing: it lasts as long as the page. */
const unstored = new Map<string, string>();

function read(name: string): string | null {
  const kept = unstored.get(name);
  if (kept !== undefined) return kept;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // Blocked storage holds nothing; `setPreference` says so once somebody chooses.
    return null;
  }
}

export function preference(name: string): string | undefined {
  return read(name) ?? undefined;
}

export function setPreference(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
    unstored.delete(name);
  } catch (error) {
    unstored.set(name, value);
    console.warn(`The choice (${name}) is not remembered: storage is blocked.`, error);
  }
  for (const listener of listeners.get(name) ?? []) listener();
}

/** What was chosen, or `undefined`; and how to choose. Every user of a name sees the same. */
export function usePreference(name: string): [string | undefined, (value: string) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => all.delete(listener);
    },
    () => read(name),
  );
  return [value ?? undefined, (chosen) => setPreference(name, chosen)];
}
