import { useId } from "react";
import styles from "./settings.module.css";

interface ChoiceProps<T extends string> {
  label: string;
  hint?: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
}

/** One of a few, all in sight. */
export function Choice<T extends string>({ label, hint, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.row}>
      <legend className="visually-hidden">{label}</legend>
      <span className={styles.label} aria-hidden="true">
        {label}
      </span>
      <div className={styles.value}>
        <div className={styles.options}>
          {options.map(([option, text]) => (
            <label key={option} className={styles.option}>
              <input
                type="radio"
                name={name}
                value={option}
                checked={option === value}
                onChange={() => onChange(option)}
              />
              {text}
            </label>
          ))}
        </div>
        {hint ? <p className={styles.hint}>{hint}</p> : null}
      </div>
    </fieldset>
  );
}
