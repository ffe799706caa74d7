import { useEffectEvent, useLayoutEffect } from "react";

/**
 * What a key does. Keys are `event.key` values, `Shift` is part of them (`T`, `?`); or places on
 * the keyboard, whatever the layout (`KeyW`, `Shift+Digit1`).
 */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/** Page-wide keys: silent while somebody types, in a dialog, or with a modifier. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return;
    // Enter belongs to the link or button that has the focus.
    if (event.key === "Enter" && isControl(event.target)) return;
    const act = shortcuts[event.key] ?? shortcuts[`${event.shiftKey ? "Shift+" : ""}${event.code}`];
    if (!act) return;
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

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
}
