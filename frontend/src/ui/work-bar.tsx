/** The one filter of a page of statistics: what is typed, and what was clicked together. */

import { OF_SESSIONS } from "../logic/filter";
import { EXACT_LABELS } from "../logic/work-filter";
import { FilterBar } from "./filter-bar";
import { CloseIcon } from "./icons";
import { useFilterText } from "./use-filter";
import type { PageWork } from "./use-work";
import styles from "./work-bar.module.css";

export function WorkBar({ page, children }: { page: PageWork; children?: React.ReactNode }) {
  const [text, setText] = useFilterText();
  return (
    <div className={styles.bar}>
      <FilterBar
        text={text}
        onChange={setText}
        vocabulary={OF_SESSIONS}
        label="Filter the work that is summed up"
        placeholder="model:opus* tool:Bash branch:main"
      >
        {page.chosen.length > 0 ? (
          <ul className={styles.chips} aria-label="Chosen">
            {page.chosen.map(([name, value]) => (
              <li key={name} className={styles.chip}>
                <span className={styles.text} title={value}>
                  {EXACT_LABELS[name]}: <b>{value}</b>
                </span>
                <button
                  type="button"
                  aria-label={`Remove ${EXACT_LABELS[name]} ${value}`}
                  onClick={() => page.change({ [name]: null })}
                >
                  <CloseIcon />
                </button>
              </li>
            ))}
          </ul>
        ) : null}
        {children}
      </FilterBar>
    </div>
  );
}
