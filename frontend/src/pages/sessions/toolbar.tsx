import { useEffect, useRef, useState } from "react";
import { type SessionFilter, useSources } from "../../api/queries";
import type { SessionRow } from "../../api/types";
import { CloseIcon, SearchIcon } from "../../ui/icons";
import { useShortcuts } from "../../ui/shortcuts";
import styles from "./sessions.module.css";

const TYPING_MS = 250;

interface ToolbarProps {
  filter: SessionFilter;
  /** The loaded sessions: their projects can be chosen. */
  sessions: readonly SessionRow[];
  onChange: (change: SessionFilter, replace?: boolean) => void;
  children: React.ReactNode;
}

export function Toolbar({ filter, sessions, onChange, children }: ToolbarProps) {
  const { data } = useSources();
  const formats = new Map((data?.sources ?? []).map((source) => [source.format, source.title]));
  if (filter.format && !formats.has(filter.format)) formats.set(filter.format, filter.format);
  const projects = new Set(sessions.flatMap((session) => session.cwd ?? []));
  if (filter.project) projects.add(filter.project);

  return (
    <search className={styles.toolbar}>
      <TextFilter value={filter.q ?? ""} onChange={(q) => onChange({ q }, true)} />
      <Choice
        label="Agent"
        value={filter.format}
        options={[...formats]}
        onChange={(format) => onChange({ format })}
      />
      <Choice
        label="Status"
        value={filter.status}
        options={[
          ["running", "Running or idle"],
          ["completed", "Completed"],
          ["failed", "Failed"],
          ["interrupted", "Interrupted"],
          ["abandoned", "Abandoned"],
        ]}
        onChange={(status) => onChange({ status: (status || undefined) as SessionFilter["status"] })}
      />
      <Choice
        label="Project"
        value={filter.project}
        options={[...projects].toSorted().map((cwd) => [cwd, cwd])}
        onChange={(project) => onChange({ project })}
      />
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={filter.failed ?? false}
          onChange={(event) => onChange({ failed: event.target.checked })}
        />
        With failures
      </label>
      {filter.worked ? (
        <button
          type="button"
          className={styles.worked}
          title={Object.entries(filter.worked)
            .map(([name, value]) => `${name}: ${value}`)
            .join("\n")}
          onClick={() => onChange({ worked: undefined })}
        >
          As counted in the statistics <CloseIcon />
        </button>
      ) : null}
      <span className={styles.spacer} />
      {children}
    </search>
  );
}

/** What is typed takes effect when typing pauses. */
function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number>(undefined);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    // Changed from elsewhere (the Back button, "Clear the filter"), not by what is being typed.
    setKnown(value);
    if (value !== text.trim()) setText(value);
  }
  useShortcuts({ "/": () => input.current?.select() });
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const type = (next: string) => {
    setText(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => onChange(next.trim()), TYPING_MS);
  };
  const clear = () => {
    window.clearTimeout(timer.current);
    setText("");
    onChange("");
  };
  return (
    <div className={styles.search}>
      <SearchIcon />
      <input
        ref={input}
        className={styles.input}
        value={text}
        placeholder="Title, first prompt, folder"
        aria-label="Filter by title, first prompt or folder"
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (text === "") input.current?.blur();
          else clear();
        }}
      />
      {text === "" ? (
        <kbd className={styles.hint} title="Press / to filter">
          /
        </kbd>
      ) : (
        <button type="button" className={styles.clear} onClick={clear} aria-label="Clear the text">
          <CloseIcon />
        </button>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: [value: string, text: string][];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value ?? ""}
      data-set={value ? "" : undefined}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}: all</option>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
