import { useId, useMemo, useRef, useState } from "react";
import type { Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import { selectionOf } from "../../core/selection";
import { OP_ROW } from "../../core/waterfall-rows";
import { OF_OPS, parseFilter, type Part, printPart, withoutPart } from "../../logic/filter";
import { groupThousands } from "../../logic/units";
import { CloseIcon } from "../../ui/icons";
import { useShortcuts } from "../../ui/shortcuts";
import styles from "./fields.module.css";
import { Stepper } from "./stepper";
import { useBenchState } from "./use-bench";
import type { Matches } from "./use-matches";

interface FilterFieldProps {
  bench: Workbench;
  trace: Trace | undefined;
  matches: Matches;
}

/** Conditions on ops: typed as text, shown as chips; how many ops fulfil them, and a way from one to the next. */
export function FilterField({ bench, trace, matches }: FilterFieldProps) {
  const text = useBenchState(bench, (state) => state.filter);
  const sel = useBenchState(bench, (state) => state.sel);
  const [editing, setEditing] = useState(false);
  const [typed, setTyped] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const message = useId();
  const chips = useMemo(() => partsOf(text), [text]);
  const edit = () => {
    setTyped(text);
    setEditing(true);
    requestAnimationFrame(() => input.current?.focus());
  };
  const finish = (value: string) => {
    setEditing(false);
    bench.set({ filter: value.trim() });
  };
  useShortcuts({ "/": edit });

  const { ops } = matches;
  const chosen = useMemo(() => {
    if (!trace || !ops || sel?.type !== "op") return -1;
    return ops.findIndex((op) => {
      const one = selectionOf(trace, OP_ROW, op);
      return one.type === "op" && one.number === sel.number && one.session === sel.session;
    });
  }, [trace, ops, sel]);
  const step = (by: 1 | -1) => {
    if (!trace || !ops || ops.length === 0) return;
    const at = chosen === -1 ? (by === 1 ? 0 : ops.length - 1) : (chosen + by + ops.length) % ops.length;
    bench.set({ sel: selectionOf(trace, OP_ROW, ops[at] ?? 0), origin: "keys", follow: false });
  };
  const shown = editing || chips === null || chips.length === 0;
  return (
    <div
      className={styles.field}
      data-wide=""
      data-wrong={matches.error ? "" : undefined}
      role="search"
      aria-label="Filter"
    >
      {shown ? (
        <input
          ref={input}
          className={styles.input}
          type="text"
          aria-label="Filter steps"
          aria-invalid={matches.error !== null}
          aria-describedby={matches.error ? message : undefined}
          placeholder="Filter: kind:tool dur:>30s  (/)"
          spellCheck={false}
          autoComplete="off"
          value={editing ? typed : text}
          onFocus={() => {
            if (!editing) edit();
          }}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => {
            if (editing) finish(typed);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              bench.set({ filter: typed.trim() });
              if (event.shiftKey) step(-1);
              else if (typed.trim() === text) step(1);
            } else if (event.key === "Escape") {
              setEditing(false);
              input.current?.blur();
            }
          }}
        />
      ) : (
        <ul className={styles.chips} aria-label="Conditions">
          {chips.map((part) => (
            <li key={part.from} className={styles.chip}>
              <button type="button" className={styles.chipText} title="Change the filter (/)" onClick={edit}>
                {printPart(part)}
              </button>
              <button
                type="button"
                className={styles.chipClose}
                aria-label={`Without ${printPart(part)}`}
                onClick={() => bench.set({ filter: withoutPart(text, part) })}
              >
                <CloseIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
      {ops && trace ? (
        <Stepper
          what="match"
          at={chosen}
          of={ops.length}
          more={matches.more}
          pending={matches.pending}
          title={`${groupThousands(ops.length)} of ${groupThousands(trace.ops.seq.length)} ops match`}
          onStep={step}
        />
      ) : null}
      {matches.error ? (
        <span id={message} className={styles.error} role="alert">
          {matches.error.message}
        </span>
      ) : null}
    </div>
  );
}

/** `null`: it is not understood, and stays a text for its author to mend. */
function partsOf(text: string): readonly Part[] | null {
  try {
    return parseFilter(text, OF_OPS).parts;
  } catch {
    return null;
  }
}
