import { useEffect, useRef } from "react";
import styles from "./menu.module.css";

export interface MenuItem {
  text: string;
  hint?: string;
  act: () => void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** Where on the page it opens. */
  at: { x: number; y: number };
  onClose: () => void;
}

/** A list of acts at a place: by the pointer, or by arrows, Enter and Escape. */
export function Menu({ label, items, at, onClose }: MenuProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const element = list.current;
    element?.showPopover();
    element?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    const all = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = {
      ArrowDown: (now + 1) % all.length,
      ArrowUp: (now - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    }
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next]?.focus();
  };
  return (
    <div
      ref={list}
      className={styles.menu}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      popover="auto"
      style={{ left: Math.min(at.x, window.innerWidth - 240), top: Math.min(at.y, window.innerHeight - 200) }}
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if (event.newState === "closed") onClose();
      }}
    >
      {items.map((item) => (
        <button
          key={item.text}
          type="button"
          role="menuitem"
          className={styles.item}
          onClick={() => {
            onClose();
            item.act();
          }}
        >
          {item.text}
          {item.hint ? <span className={styles.hint}>{item.hint}</span> : null}
        </button>
      ))}
    </div>
  );
}
