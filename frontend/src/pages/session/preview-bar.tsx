import type { Workbench } from "../../core/selection";
import type { Gap } from "../../core/time-axis";
import type { Trace } from "../../core/trace";
import { Totals } from "./range-bar";
import styles from "./range-bar.module.css";
import { useBenchState } from "./use-bench";

/** What a range that was drawn adds up to, and the choice to go into it. */
export function PreviewBar({ bench, trace, whole }: { bench: Workbench; trace: Trace; whole: Gap }) {
  const preview = useBenchState(bench, (state) => state.preview);
  const scope = useBenchState(bench, (state) => state.scope);
  if (!preview) return null;
  return (
    <div className={styles.preview}>
      <section className={styles.floating} aria-label="The range that was drawn" data-preview="">
        <Totals trace={trace} range={preview} whole={whole} scope={scope} />
        <button type="button" className={styles.act} onClick={() => bench.commit(preview)}>
          Zoom in (Enter)
        </button>
        <button type="button" className={styles.act} onClick={() => bench.set({ preview: null })}>
          Drop (Esc)
        </button>
      </section>
    </div>
  );
}
