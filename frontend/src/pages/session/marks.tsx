/** Marks within a session: one made or changed, and all of them listed. */

import { useId, useRef, useState } from "react";
import { useMarking, useMarks } from "../../api/queries";
import type { Mark } from "../../api/types";
import {
  type Colour,
  COLOURS,
  keyOf,
  placeOf,
  sameTarget,
  type Target,
  targetName,
  targetOf,
} from "../../logic/marks";
import { plural } from "../../logic/units";
import { Chevron } from "../../ui/icons";
import styles from "./marks.module.css";

interface EditorProps {
  session: string;
  /** What may be marked, the likeliest first. */
  targets: readonly Target[];
  onClose: () => void;
}

export function MarkEditor({ session, targets, onClose }: EditorProps) {
  const marks = useMarks(session).data ?? [];
  const [target, setTarget] = useState<Target>(targets[0] ?? { type: "session" });
  const known = marks.find((mark) => sameTarget(targetOf(mark), target));
  return (
    <MarkForm
      key={`${keyOf(target)} ${known?.id ?? ""}`}
      session={session}
      target={target}
      targets={targets}
      known={known}
      onTarget={setTarget}
      onClose={onClose}
    />
  );
}

interface FormProps extends EditorProps {
  target: Target;
  known: Mark | undefined;
  onTarget: (target: Target) => void;
}

function MarkForm({ session, target, targets, known, onTarget, onClose }: FormProps) {
  const { add, change, remove } = useMarking(session);
  const [colour, setColour] = useState<Colour>((known?.colour as Colour | undefined) ?? "yellow");
  const [note, setNote] = useState(known?.note ?? "");
  const failed = add.error ?? change.error ?? remove.error;
  const save = () => {
    const done = { onSuccess: onClose };
    if (known) change.mutate({ id: known.id, colour, note }, done);
    else add.mutate({ session, ...placeOf(target), colour, note }, done);
  };
  return (
    // Escape leaves it wherever in it one is.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className={styles.editor}
      data-mark-editor
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <label className={styles.field}>
        Mark{" "}
        <select
          value={keyOf(target)}
          onChange={(event) => {
            const chosen = targets.find((one) => keyOf(one) === event.target.value);
            if (chosen) onTarget(chosen);
          }}
        >
          {targets.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {targetName(one)}
            </option>
          ))}
        </select>
      </label>
      <fieldset className={styles.colours}>
        <legend className="visually-hidden">Colour</legend>
        {COLOURS.map((one) => (
          <label key={one} className={styles.colour} title={one}>
            <input
              type="radio"
              name="colour"
              value={one}
              checked={colour === one}
              onChange={() => setColour(one)}
              aria-label={one}
            />
            <span className={styles.swatch} data-colour={one} />
          </label>
        ))}
      </fieldset>
      <input
        type="text"
        className={styles.note}
        aria-label="Note"
        placeholder="A note, if you like"
        maxLength={4000}
        value={note}
        // It was asked for by a key or a click just now, and is where one goes on.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        onChange={(event) => setNote(event.target.value)}
      />
      <button type="submit" className={styles.save}>
        {known ? "Change" : "Mark"}
      </button>
      {known ? (
        <button
          type="button"
          className={styles.button}
          onClick={() => remove.mutate(known.id, { onSuccess: onClose })}
        >
          Remove
        </button>
      ) : null}
      <button type="button" className={styles.button} onClick={onClose}>
        Cancel
      </button>
      {failed ? (
        <span role="alert" className={styles.bad}>
          {failed.message}
        </span>
      ) : null}
    </form>
  );
}

/** A flag with its note, beside what is marked. */
export function MarkFlags({ marks }: { marks: readonly Mark[] }) {
  return (
    <div className={styles.flags}>
      {marks.map((mark) => (
        <span key={mark.id} className={styles.flag} data-mark={mark.id} title={`Marked ${mark.colour}`}>
          <span className={styles.swatch} data-colour={mark.colour} aria-hidden="true" />
          {mark.note || <span className="visually-hidden">marked {mark.colour}</span>}
        </span>
      ))}
    </div>
  );
}

interface ListProps {
  session: string;
  onGo: (target: Target) => void;
}

export function MarkList({ session, onGo }: ListProps) {
  const marks = useMarks(session).data;
  const { remove } = useMarking(session);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  if (!marks || marks.length === 0) return null;
  return (
    <>
      <button type="button" className={styles.open} popoverTarget={id}>
        {plural(marks.length, "mark")}
        <Chevron open />
      </button>
      <ul ref={list} id={id} popover="auto" className={styles.list}>
        {marks.map((mark) => {
          const target = targetOf(mark);
          return (
            <li key={mark.id} className={styles.item}>
              <span className={styles.swatch} data-colour={mark.colour} aria-hidden="true" />
              <button
                type="button"
                className={styles.go}
                onClick={() => {
                  list.current?.hidePopover();
                  onGo(target);
                }}
              >
                {targetName(target)}
              </button>
              <span className={styles.text}>{mark.note}</span>
              <button type="button" className={styles.button} onClick={() => remove.mutate(mark.id)}>
                Remove
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
