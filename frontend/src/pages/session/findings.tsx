import type { Finding } from "../../api/types";
import type { Workbench } from "../../core/selection";
import { findingText } from "../../logic/findings";
import styles from "./findings.module.css";

const MOST = 5;

/** What is worth a look, what calls for it most first; each leads to where it was. */
export function Findings({ bench, findings }: { bench: Workbench; findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <section className={styles.strip} aria-label="Findings">
      {findings.slice(0, MOST).map((finding) => (
        <button
          key={finding.kind}
          type="button"
          className={styles.finding}
          data-finding={finding.kind}
          onClick={() =>
            bench.set({
              sel: {
                type: finding.seq === null ? "turn" : "op",
                session: finding.session,
                number: finding.seq ?? finding.turn,
              },
              origin: "keys",
              follow: false,
            })
          }
        >
          {findingText(finding)}
        </button>
      ))}
    </section>
  );
}
