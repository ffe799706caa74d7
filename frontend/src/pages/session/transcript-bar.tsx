/** How the transcript is read: what as, how much of it, and what is marked in it. */

import type { Target } from "../../logic/marks";
import { MarkList } from "./marks";
import { SecretsNote } from "./secrets-note";
import { type Mode, MODES } from "./use-reading";
import styles from "./transcript-bar.module.css";

const NAMES: Record<Mode, string> = { readable: "Readable", raw: "Raw JSON", log: "Log" };

interface BarProps {
  session: string;
  mode: Mode;
  only: boolean;
  allOpen: boolean;
  /** Masked secrets in what is loaded. */
  masked: number;
  onMode: (mode: Mode) => void;
  onOnly: (on: boolean) => void;
  onAllOpen: (on: boolean) => void;
  onMark: () => void;
  onGo: (target: Target) => void;
}

export function TranscriptBar(props: BarProps) {
  const { session, mode, only, allOpen, masked } = props;
  return (
    <div className={styles.bar}>
      <div className={styles.modes} role="group" aria-label="Read as">
        {MODES.map((one) => (
          <button
            key={one}
            type="button"
            className={styles.mode}
            aria-pressed={mode === one}
            onClick={() => props.onMode(one)}
          >
            {NAMES[one]}
          </button>
        ))}
      </div>
      <button type="button" className={styles.switch} aria-pressed={only} onClick={() => props.onOnly(!only)}>
        Only this turn
      </button>
      {mode === "readable" ? (
        <button
          type="button"
          className={styles.switch}
          aria-pressed={allOpen}
          onClick={() => props.onAllOpen(!allOpen)}
        >
          All steps open
        </button>
      ) : null}
      <span className={styles.end}>
        <SecretsNote session={session} masked={masked} />
        <MarkList session={session} onGo={props.onGo} />
        <button type="button" className={styles.switch} onClick={props.onMark} title="m">
          Mark
        </button>
      </span>
    </div>
  );
}
