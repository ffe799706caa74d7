/** One box for everything: sessions, texts, pages, commands, names, times. */

import uFuzzy from "@leeoniya/ufuzzy";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { SearchIcon } from "../icons";
import {
  catalogEntries,
  type Entry,
  foundEntries,
  matching,
  MODES,
  modeOf,
  pageEntries,
  timeEntries,
} from "./entries";
import { useQuarter } from "../today";
import { commandEntries } from "./commands";
import styles from "./palette.module.css";

const TYPING_MS = 150;
const NAMES_MS = 60_000;

const fuzzy = new uFuzzy({ intraMode: 1 });

interface PaletteProps {
  onHelp: () => void;
  onClose: () => void;
}

export default function Palette({ onHelp, onClose }: PaletteProps) {
  const [, navigate] = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { entries, searching, error } = useEntries(text, onHelp);
  const at = Math.min(active, entries.length - 1);
  const chosen = entries[at];

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    dialog.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  });

  const act = (entry: Entry) => {
    dialog.current?.close();
    if (typeof entry.act === "string") navigate(entry.act);
    else entry.act();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: entries.length - 1,
    };
    const next = steps[event.key];
    if (next !== undefined && entries.length > 0 && !(text !== "" && ["Home", "End"].includes(event.key))) {
      event.preventDefault();
      setActive((next + entries.length) % entries.length);
    }
    if (event.key === "Enter" && chosen) {
      event.preventDefault();
      act(chosen);
    }
  };
  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Search or jump"
      closedby="any"
      onClose={onClose}
    >
      <div className={styles.field}>
        <SearchIcon />
        <input
          // The dialog is opened to type into it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          className={styles.input}
          role="combobox"
          aria-label="Search or jump"
          aria-expanded={entries.length > 0}
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant={chosen ? `palette-${at}` : undefined}
          placeholder="Sessions, texts, pages"
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-list" className={styles.list} role="listbox" aria-label="What was found">
        {entries.map((entry, index) => (
          <Fragment key={`${entry.group} ${entry.key}`}>
            {entry.group === entries[index - 1]?.group ? null : (
              <div className={styles.group} role="presentation">
                {entry.group}
              </div>
            )}
            {/* The keys are the input's: the focus stays there. */}
            {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
            <div
              id={`palette-${index}`}
              className={styles.entry}
              role="option"
              aria-selected={index === at}
              onPointerMove={() => setActive(index)}
              onClick={() => act(entry)}
            >
              <span className={styles.text}>{entry.text}</span>
              {entry.detail ? <span className={styles.detail}>{entry.detail}</span> : null}
              {entry.shortcut ? <kbd className={styles.key}>{entry.shortcut}</kbd> : null}
            </div>
          </Fragment>
        ))}
      </div>
      <p className={styles.status} role="status">
        {error ? (
          <span className={styles.error}>{error.message}</span>
        ) : entries.length === 0 ? (
          searching ? (
            "Searching…"
          ) : (
            "Nothing found."
          )
        ) : (
          <span className={styles.modes}>
            {Object.entries(MODES).map(([sign, says]) => (
              <span key={sign}>
                <kbd className={styles.key}>{sign}</kbd> {says}
              </span>
            ))}
          </span>
        )}
      </p>
    </dialog>
  );
}

function useEntries(text: string, onHelp: () => void) {
  const now = useQuarter();
  const { mode, rest } = modeOf(text);
  const settled = useSettled(rest);
  const isSearch = mode === "" && settled !== "";
  const found = useQuery({
    queryKey: ["palette", settled],
    queryFn: ({ signal }) => foundEntries(settled, signal),
    enabled: isSearch,
    staleTime: TYPING_MS * 10,
  });
  const names = useQuery({
    queryKey: ["palette-names", mode],
    queryFn: ({ signal }) => catalogEntries(mode === "#" ? "#" : "@", signal),
    enabled: mode === "@" || mode === "#",
    staleTime: NAMES_MS,
  });
  const entries =
    mode === ">"
      ? matching(fuzzy, commandEntries(onHelp), rest)
      : mode === "@" || mode === "#"
        ? matching(fuzzy, names.data ?? [], rest)
        : mode === ":"
          ? timeEntries(rest || "today", new Date(now / 1000))
          : [...matching(fuzzy, pageEntries(), rest), ...(rest === "" ? [] : (found.data ?? []))];
  const asked = mode === "" ? found : names;
  return {
    entries,
    searching: (isSearch || mode === "@" || mode === "#") && asked.isFetching,
    error: asked.isError ? asked.error : null,
  };
}

/** A text, once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}
