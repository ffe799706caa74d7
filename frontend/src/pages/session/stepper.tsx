import { groupThousands } from "../../logic/units";
import { DownIcon, UpIcon } from "../../ui/icons";
import styles from "./fields.module.css";

interface StepperProps {
  /** `match`, `find`: for its names and for tests. */
  what: "match" | "find";
  /** Which one is chosen, from 0; -1: none is. */
  at: number;
  of: number;
  more: boolean;
  pending: boolean;
  title?: string;
  onStep: (by: 1 | -1) => void;
}

/** `3/17` and a way to the one before and the one after. */
export function Stepper({ what, at, of, more, pending, title, onStep }: StepperProps) {
  const count = `${at === -1 ? "" : `${groupThousands(at + 1)}/`}${groupThousands(of)}${more ? "+" : ""}`;
  const name = what === "match" ? "match" : "place";
  return (
    <span className={styles.stepper}>
      <span
        className={styles.count}
        role="status"
        title={title}
        data-count={what}
        data-value={pending ? undefined : of}
        aria-label={
          pending
            ? "Looking"
            : `${at === -1 ? "" : `${at + 1} of `}${of} ${name}${of === 1 ? "" : name === "match" ? "es" : "s"}`
        }
      >
        {pending ? "…" : count}
      </span>
      <button
        type="button"
        className={styles.step}
        aria-label={`Previous ${name}`}
        disabled={of === 0}
        onClick={() => onStep(-1)}
      >
        <UpIcon />
      </button>
      <button
        type="button"
        className={styles.step}
        aria-label={`Next ${name}`}
        disabled={of === 0}
        onClick={() => onStep(1)}
      >
        <DownIcon />
      </button>
    </span>
  );
}
