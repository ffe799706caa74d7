/** What lies over every page: the palette and the list of keys. They stay while one page gives way to another. */

import { lazy, Suspense, useEffect, useRef, useSyncExternalStore } from "react";
import { Help } from "./help";

const Palette = lazy(() => import("./palette"));

type Overlay = "palette" | "help";

let shown: Overlay | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(overlay: Overlay | null): void {
  shown = overlay;
  for (const tell of listeners) tell();
}

export const openPalette = (): void => show("palette");
export const openHelp = (): void => show("help");

export function Overlays() {
  const overlay = useSyncExternalStore(subscribe, () => shown);
  const help = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (overlay === "help") help.current?.showModal();
  }, [overlay]);
  useEffect(() => {
    // Also while somebody types.
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      openPalette();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <Help ref={help} onClose={() => shown === "help" && show(null)} />
      {overlay === "palette" ? (
        <Suspense>
          <Palette onHelp={openHelp} onClose={() => shown === "palette" && show(null)} />
        </Suspense>
      ) : null}
    </>
  );
}
