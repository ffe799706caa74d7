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
  const scheme = theme === "system" ? (systemDark ? "dark" : "light") : theme;
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const context = document.createElement("canvas").getContext("2d");
    return makePalette(scheme, kinds, (name) => {
      const value = style.getPropertyValue(name).trim();
      if (!context) return value;
      // A built style sheet may say it shorter; a canvas says `#rrggbb`.
      context.fillStyle = value;
      return context.fillStyle;
    });
  }, [kinds, scheme]);
}
