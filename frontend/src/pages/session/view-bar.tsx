import { useId } from "react";
import styles from "./view-bar.module.css";

/** The row of a view's own choices above it. */
export function ViewBar({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={styles.bar} role="toolbar" aria-label={label}>
      {children}
    </div>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [value: T, text: string, hint?: string])[];
  onChoose: (value: T) => void;
}

/** A few choices side by side, one of which holds. */
export function Choices<T extends string>({ label, value, choices, onChoose }: ChoicesProps<T>) {
  return (
    <div className={styles.choices} role="group" aria-label={label}>
      {choices.map(([one, text, hint]) => (
        <button
          key={one}
          type="button"
          className={styles.choice}
          aria-pressed={one === value}
          title={hint}
          onClick={() => onChoose(one)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** Many choices in a list. */
export function Select<T extends string>({ label, value, choices, onChoose }: ChoicesProps<T>) {
  const id = useId();
  return (
    <span className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className={styles.select}
        value={value}
        onChange={(event) => onChoose(event.target.value as T)}
      >
        {choices.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}

interface BarButtonProps {
  pressed?: boolean;
  disabled?: boolean;
  hint?: string;
  onClick: () => void;
  children: React.ReactNode;
}

export function BarButton({ pressed, disabled, hint, onClick, children }: BarButtonProps) {
  return (
    <button
      type="button"
      className={styles.button}
      aria-pressed={pressed}
      disabled={disabled}
      title={hint}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** What stands at the right end of a bar, in words. */
export function BarNote({ children }: { children: React.ReactNode }) {
  return <span className={styles.note}>{children}</span>;
}
