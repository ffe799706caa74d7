import { useMemo, useSyncExternalStore } from "react";
import { makePalette, type Palette } from "../core/palette";
import { useTheme } from "./theme";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

/** The colours of the theme in use, for canvases. */
export function usePalette(kinds: readonly string[]): Palette {
  const theme = useTheme();
  const systemDark = useSyncExternalStore(subscribe, () => dark.matches);
  return useMemo(() => {
    // Read anew whenever one of these changes.
    void [theme, systemDark];
    const style = getComputedStyle(document.documentElement);
    return makePalette(kinds, (name) => style.getPropertyValue(name).trim());
  }, [kinds, theme, systemDark]);
}
