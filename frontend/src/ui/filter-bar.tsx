/** One filter, typed or clicked together: its text, its conditions as chips, and what is wrong with it. */

import { useEffect, useId, useRef, useState } from "react";
import { printPart, type Vocabulary, withoutPart } from "../logic/filter";
import styles from "./filter-bar.module.css";
import { CloseIcon, SearchIcon } from "./icons";
import { useShortcuts } from "./shortcuts";
import { readFilter } from "./use-filter";

const TYPING_MS = 250;

interface FilterBarProps {
  text: string;
  onChange: (text: string, replace?: boolean) => void;
  /** What can be asked here. */
  vocabulary: Vocabulary;
  label: string;
  placeholder: string;
  /** What stands at the end of the bar: counts, menus. */
  children?: React.ReactNode;
}

export function FilterBar({ text, onChange, vocabulary, label, placeholder, children }: FilterBarProps) {
  const { parts, error } = readFilter(text, vocabulary);
  const conditions = parts.filter((part) => part.type === "condition" || part.negated);
  return (
    <search className={styles.bar}>
      <FilterInput
        text={text}
        onChange={onChange}
        vocabulary={vocabulary}
        label={label}
        placeholder={placeholder}
      />
      {conditions.length > 0 && !error ? (
        <ul className={styles.chips} aria-label="Conditions">
          {conditions.map((part) => (
            <li key={part.from} className={styles.chip} data-negated={part.negated ? "" : undefined}>
              <span className={styles.chipText}>{printPart(part)}</span>
              <button
                type="button"
                className={styles.remove}
                aria-label={`Remove ${printPart(part)}`}
                onClick={() => onChange(withoutPart(text, part))}
              >
                <CloseIcon />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <span className={styles.spacer} />
      {children}
    </search>
  );
}

type FilterInputProps = Omit<FilterBarProps, "children">;

/** What is typed takes effect when typing pauses, once it is understood. */
function FilterInput({ text: value, onChange, vocabulary, label, placeholder }: FilterInputProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number>(undefined);
  const [known, setKnown] = useState(value);
  const problem = useId();
  const { error } = readFilter(text, vocabulary);
  if (value !== known) {
    // Changed from elsewhere (the Back button, a chip), not by what is being typed.
    setKnown(value);
    if (value !== text.trim()) setText(value);
  }
  useShortcuts({ "/": () => input.current?.select() });
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const type = (next: string) => {
    setText(next);
    window.clearTimeout(timer.current);
    if (readFilter(next, vocabulary).error) return;
    timer.current = window.setTimeout(() => onChange(next.trim(), true), TYPING_MS);
  };
  const apply = (next: string) => {
    window.clearTimeout(timer.current);
    setText(next);
    onChange(next.trim());
  };
  return (
    <div className={styles.field}>
      <div className={styles.input} data-wrong={error ? "" : undefined}>
        <SearchIcon />
        <input
          ref={input}
          value={text}
          placeholder={placeholder}
          aria-label={label}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? problem : undefined}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => type(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !error) apply(text);
            if (event.key !== "Escape") return;
            if (text === "") input.current?.blur();
            else apply("");
          }}
        />
        {text === "" ? (
          <kbd className={styles.hint} title="Press / to filter">
            /
          </kbd>
        ) : (
          <button
            type="button"
            className={styles.clear}
            onClick={() => apply("")}
            aria-label="Clear the text"
          >
            <CloseIcon />
          </button>
        )}
      </div>
      {error ? (
        <p id={problem} className={styles.problem} role="alert">
          <FilterProblem text={text} place={error.place} message={error.message} />
        </p>
      ) : null}
    </div>
  );
}

/** What is not understood, and where it stands. */
export function FilterProblem({ text, place, message }: { text: string; place: number; message: string }) {
  return (
    <>
      {message}
      <code className={styles.where}>
        {text.slice(Math.max(0, place - 24), place)}
        <mark className={styles.mark}>{text.slice(place, place + 24) || "…"}</mark>
        {text.slice(place + 24, place + 40)}
      </code>
    </>
  );
}
