import { useCallback, useSyncExternalStore } from "react";

const CHANGED = "ai-viewer:address";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** One of some choices that a view alone knows, in the page's address under `key`; the first is the usual one. */
export function useAddressChoice<T extends string>(
  key: string,
  choices: readonly T[],
): [T, (value: T) => void] {
  const text = useSyncExternalStore(subscribe, () => new URLSearchParams(window.location.search).get(key));
  const usual = choices[0] as T;
  const value = choices.find((choice) => choice === text) ?? usual;
  const choose = useCallback(
    (next: T) => {
      const params = new URLSearchParams(window.location.search);
      if (next === usual) params.delete(key);
      else params.set(key, next);
      const search = params.toString().replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2C", ",");
      window.history.replaceState(
        window.history.state,
        "",
        window.location.pathname + (search ? `?${search}` : ""),
      );
      window.dispatchEvent(new Event(CHANGED));
    },
    [key, usual],
  );
  return [value, choose];
}
