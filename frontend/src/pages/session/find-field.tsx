import { useEffect, useEffectEvent, useRef, useState } from "react";
import { type Selection, selectionName, type Workbench } from "../../core/selection";
import { CloseIcon } from "../../ui/icons";
import styles from "./fields.module.css";
import { Stepper } from "./stepper";
import { useBenchState } from "./use-bench";
import type { Found } from "./use-matches";

const REST_MS = 250;

/** Find in everything that was said and done, sub-agents' too: Ctrl-F. */
export function FindField({ bench, found }: { bench: Workbench; found: Found | null }) {
  const find = useBenchState(bench, (state) => state.find);
  const sel = useBenchState(bench, (state) => state.sel);
  const [typed, setTyped] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const focus = useEffectEvent((event: KeyboardEvent) => {
    if (
      event.key.toLowerCase() !== "f" ||
      !(event.ctrlKey || event.metaKey) ||
      event.altKey ||
      event.shiftKey
    )
      return;
    event.preventDefault();
    input.current?.focus();
    input.current?.select();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => focus(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
  useEffect(() => {
    if (typed === null) return undefined;
    const timer = window.setTimeout(() => bench.set({ find: typed.trim() }), REST_MS);
    return () => window.clearTimeout(timer);
  }, [bench, typed]);

  const places = found?.places ?? [];
  const at = sel ? places.findIndex((place) => isSame(place, sel)) : -1;
  const step = (by: 1 | -1) => {
    const next =
      places[at === -1 ? (by === 1 ? 0 : places.length - 1) : (at + by + places.length) % places.length];
    if (next) bench.set({ sel: next, origin: "keys", follow: false });
  };
  const clear = () => {
    setTyped(null);
    bench.set({ find: "" });
    input.current?.blur();
  };
  return (
    <div className={styles.field} data-wrong={found?.error ? "" : undefined} role="search" aria-label="Find">
      <input
        ref={input}
        className={styles.input}
        type="text"
        aria-label="Find in all texts"
        placeholder="Find in texts  (Ctrl F)"
        spellCheck={false}
        autoComplete="off"
        value={typed ?? find}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            if ((typed ?? find).trim() === find) step(event.shiftKey ? -1 : 1);
            else bench.set({ find: (typed ?? "").trim() });
          } else if (event.key === "Escape") clear();
        }}
      />
      {found ? (
        <>
          <Stepper
            what="find"
            at={at}
            of={places.length}
            more={found.more}
            pending={found.pending}
            onStep={step}
          />
          <button type="button" className={styles.clear} aria-label="Find nothing" onClick={clear}>
            <CloseIcon />
          </button>
        </>
      ) : null}
      {found?.error ? (
        <span className={styles.error} role="alert">
          {found.error.message}
        </span>
      ) : null}
    </div>
  );
}

function isSame(one: Selection, other: Selection): boolean {
  if (selectionName(one) !== selectionName(other)) return false;
  return one.type === "node" || other.type === "node" || one.session === other.session;
}
