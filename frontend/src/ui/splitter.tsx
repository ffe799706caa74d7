import { useRef } from "react";
import styles from "./splitter.module.css";

const STEP = 2;

interface SplitterProps {
  /** Percent of the width that the right side has, or of the height that is below the line. */
  value: number;
  /** How the line lies. */
  lies?: "vertical" | "horizontal";
  least: number;
  most: number;
  label: string;
  onChange: (value: number) => void;
}

/** A line between two panes, moved by the pointer or by the arrow keys. */
export function Splitter({ value, lies = "vertical", least, most, label, onChange }: SplitterProps) {
  const line = useRef<HTMLDivElement>(null);
  const set = (next: number) => onChange(Math.max(least, Math.min(most, next)));
  return (
    <div
      ref={line}
      className={styles.splitter}
      // A separator that moves is a control: the rule knows only the one that does not.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role
      role="separator"
      aria-orientation={lies}
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={Math.round(least)}
      aria-valuemax={Math.round(most)}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
      }}
      onPointerMove={(event) => {
        const whole = line.current?.parentElement?.getBoundingClientRect();
        if (!whole || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
        set(
          lies === "vertical"
            ? (100 * (whole.right - event.clientX)) / whole.width
            : (100 * (whole.bottom - event.clientY)) / whole.height,
        );
      }}
      onKeyDown={(event) => {
        const moves: Record<string, number> = {
          [lies === "vertical" ? "ArrowLeft" : "ArrowUp"]: value + STEP,
          [lies === "vertical" ? "ArrowRight" : "ArrowDown"]: value - STEP,
          Home: most,
          End: least,
        };
        const next = moves[event.key];
        if (next === undefined) return;
        event.preventDefault();
        set(next);
      }}
    />
  );
}
