import styles from "./help.module.css";

const KEYS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["Ctrl-K", "search, jump, commands"],
      ["g h", "home; g s sessions, g a analytics, g f failures"],
      ["T", "theme: as the system, dark, light"],
      ["?", "this help"],
    ],
  ],
  [
    "Sessions",
    [
      ["/", "filter"],
      ["j k ↓ ↑", "next, previous session"],
      ["→ ←", "show, hide sub-agents"],
      ["Enter", "open"],
      ["Space", "preview"],
      ["x c", "select, compare two"],
      ["y", "copy the command that takes it up again"],
    ],
  ],
  [
    "A session",
    [
      ["j k", "next, previous step"],
      ["J K", "next, previous turn; t the next, too"],
      ["e E", "next, previous failure"],
      ["$", "next of the most expensive calls"],
      ["/", "filter steps"],
      ["Ctrl-F", "find in all texts"],
      ["1-6", "views"],
      ["Enter Space", "show, hide input and output"],
      ["m", "mark what is chosen"],
      ["y Y", "copy the link, the command to resume"],
      ["Home End", "first, latest step"],
      ["⇧1 ⇧2 ⇧3", "both panes, the transcript, the waterfall"],
    ],
  ],
  [
    "Its views",
    [
      ["↓ ↑", "next, previous row"],
      ["→ ←", "open, close"],
      ["] [", "open all turns, close all"],
      ["Enter", "open, close; go into a sub-agent"],
      ["w s", "zoom in, out; as Ctrl and the wheel"],
      ["a d", "earlier, later; as Shift and the wheel"],
      ["f", "bring what is chosen to the middle, then make it fit"],
      [", .", "previous, next op in its lane"],
      ["r", "the range of what is chosen"],
      ["Enter", "go into a range that was drawn"],
      ["Esc", "leave find, drawn range, choice, range"],
      ["0", "all of the time"],
      ["p", "the critical path only"],
      ["l", "follow: keep the end in sight"],
      ["z", "fold long waits, or not"],
    ],
  ],
];

interface HelpProps {
  ref: React.Ref<HTMLDialogElement>;
  onClose: () => void;
}

export function Help({ ref, onClose }: HelpProps) {
  return (
    <dialog
      ref={ref}
      className={styles.help}
      aria-labelledby="help-title"
      closedby="any"
      onCancel={onClose}
      onClose={onClose}
    >
      <h2 id="help-title" className={styles.title}>
        Keyboard
      </h2>
      {KEYS.map(([where, keys]) => (
        <section key={where}>
          <h3 className={styles.where}>{where}</h3>
          <dl className={styles.keys}>
            {keys.map(([key, what]) => (
              <div key={key} className={styles.line}>
                <dt>
                  {key.split(" ").map((one) => (
                    <kbd key={one} className={styles.key}>
                      {one}
                    </kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <form method="dialog">
        <button type="submit" className={styles.close}>
          Close
        </button>
      </form>
    </dialog>
  );
}
