import { useEffectEvent, useLayoutEffect } from "react";
import { preference } from "./preferences";

/**
 * What a key does. Keys are `event.key` values, `Shift` is part of them (`T`, `?`); or places on
 * the keyboard, whatever the layout (`KeyW`, `Shift+Digit1`).
 */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/** Keys without a modifier can be switched off (WCAG 2.1.4), see the settings. */
export const SHORTCUTS = "shortcuts";

/** Page-wide keys: silent while somebody types, in a dialog, or with a modifier. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || !isShortcut(event)) return;
    // Enter belongs to the link or button that has the focus.
    if (event.key === "Enter" && isControl(event.target)) return;
    const act = shortcuts[event.key] ?? shortcuts[`${event.shiftKey ? "Shift+" : ""}${event.code}`];
    if (!act || (preference(SHORTCUTS) === "off" && isCharacter(event))) return;
    event.preventDefault();
    act(event);
  });
  // Before the paint: what can be seen can be used.
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}

const SEQUENCE_MS = 1_200;

/** Keys that follow another one: `g` then `h`. While one is awaited, no other shortcut hears it. */
export function useSequence(first: string, then: Shortcuts): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const action = then[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action(event);
  });
  useLayoutEffect(() => {
    let awaited = false;
    let timer: number | undefined;
    const listener = (event: KeyboardEvent) => {
      if (!isShortcut(event) || preference(SHORTCUTS) === "off") return;
      window.clearTimeout(timer);
      if (awaited) {
        awaited = false;
        act(event);
      } else if (event.key === first) {
        awaited = true;
        timer = window.setTimeout(() => (awaited = false), SEQUENCE_MS);
      }
    };
    document.addEventListener("keydown", listener, { capture: true });
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener("keydown", listener, { capture: true });
    };
  }, [first]);
}

function isShortcut(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
}

/** A letter, digit or sign, which speech input may "press" by chance; not Enter or an arrow. */
function isCharacter(event: KeyboardEvent): boolean {
  return event.key.length === 1 && event.key !== " ";
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
}
