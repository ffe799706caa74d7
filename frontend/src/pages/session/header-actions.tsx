/** What can be done with a session: mark it, take it along, go on with it, point others to it. */

import { useId, useState } from "react";
import { exportUrl } from "../../api/client";
import { useMarking, useMarks } from "../../api/queries";
import type { SessionRow } from "../../api/types";
import { starOf } from "../../logic/marks";
import { resumeCommand } from "../../logic/session-names";
import { CopyButton } from "../../ui/copy-button";
import { Chevron, StarIcon } from "../../ui/icons";
import { useShortcuts } from "../../ui/shortcuts";
import styles from "./header-actions.module.css";

const FORMATS = [
  ["html", "HTML", "one page to read or print"],
  ["markdown", "Markdown", "to read, or for another agent"],
  ["json", "JSON", "all that is known, for programs"],
  ["perfetto", "Perfetto", "a trace for ui.perfetto.dev"],
  ["otlp", "OTLP", "spans for OpenTelemetry"],
] as const;
const SAID_MS = 2_500;

export function HeaderActions({ session }: { session: SessionRow }) {
  const resume = resumeCommand(session);
  const [said, say] = useState("");
  const copy = (text: string, what: string) => {
    navigator.clipboard.writeText(text).then(
      () => say(`${what} copied`),
      () => say("Not copied: the browser refused"),
    );
    window.setTimeout(() => say(""), SAID_MS);
  };
  useShortcuts({
    y: () => copy(window.location.href, "Link"),
    Y: () => (resume ? copy(resume, "Resume command") : say("This agent has no command to resume with")),
  });
  return (
    <div className={styles.actions}>
      <span role="status" className={said ? styles.said : "visually-hidden"}>
        {said}
      </span>
      {resume ? (
        <CopyButton text={resume} label={`${resume} (Y)`}>
          <span>Copy resume command</span>
        </CopyButton>
      ) : null}
      <ExportMenu session={session.id} />
      <Star session={session.id} />
    </div>
  );
}

function ExportMenu({ session }: { session: string }) {
  const id = useId();
  const [secrets, setSecrets] = useState(false);
  return (
    <>
      <button type="button" className={styles.button} popoverTarget={id}>
        Export
        <Chevron open />
      </button>
      <div id={id} popover="auto" className={styles.menu}>
        <ul>
          {FORMATS.map(([format, name, what]) => (
            <li key={format}>
              <a href={exportUrl(session, format, secrets)} download className={styles.item}>
                <b>{name}</b>
                <span>{what}</span>
              </a>
            </li>
          ))}
        </ul>
        <p className={styles.note}>
          {secrets
            ? "Secrets are written as they are: mind to whom you give the file."
            : "What looks like a secret is masked in the file. With all sub-agents."}
        </p>
        <label className={styles.choice}>
          <input type="checkbox" checked={secrets} onChange={(event) => setSecrets(event.target.checked)} />
          Leave secrets as they are
        </label>
      </div>
    </>
  );
}

function Star({ session }: { session: string }) {
  const marks = useMarks(session).data;
  const { add, remove } = useMarking(session);
  const star = starOf(marks);
  const busy = add.isPending || remove.isPending;
  return (
    <button
      type="button"
      className={styles.star}
      aria-pressed={star !== undefined}
      aria-label="Star"
      title={star ? `Starred${star.note ? `: ${star.note}` : ""}` : "Star this session"}
      disabled={busy || marks === undefined}
      onClick={() => (star ? remove.mutate(star.id) : add.mutate({ session, colour: "yellow", note: "" }))}
    >
      <StarIcon filled={star !== undefined} />
    </button>
  );
}
