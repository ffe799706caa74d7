import type { SearchFacets } from "../../api/types";
import { type Field, OF_TEXTS } from "../../logic/filter";
import { modelName, projectName } from "../../logic/session-names";
import { formatCount, groupThousands } from "../../logic/units";
import { Dimension } from "../../ui/dimension";
import styles from "./search.module.css";

const SHOWN = 8;

const FACETS: readonly { key: keyof SearchFacets; field: Field; text: string }[] = [
  { key: "kind", field: "kind", text: "Text" },
  { key: "tool", field: "tool", text: "Tool" },
  { key: "model", field: "model", text: "Model" },
  { key: "project", field: "project", text: "Project" },
  { key: "format", field: "format", text: "Agent" },
];

/** What the hits are of, each value a filter. */
export function Facets({ facets, counted }: { facets: SearchFacets; counted: number }) {
  return (
    <aside className={styles.facets} aria-label="What the hits are of">
      {FACETS.map(({ key, field, text }) =>
        facets[key].length > 0 ? (
          <section key={key}>
            <h2 className={styles.facet}>{text}</h2>
            <ul>
              {facets[key].slice(0, SHOWN).map(({ value, count }) => (
                <li key={value} className={styles.value}>
                  <Dimension
                    field={field}
                    value={value}
                    page="/search"
                    vocabulary={OF_TEXTS}
                    className={styles.name}
                  >
                    {field === "project"
                      ? projectName(value)
                      : field === "model"
                        ? modelName(value)
                        : value.replace("_", " ")}
                  </Dimension>
                  <span className={styles.count}>{formatCount(count)}</span>
                </li>
              ))}
            </ul>
          </section>
        ) : null,
      )}
      <p className={styles.counted}>of the first {groupThousands(counted)} hits</p>
    </aside>
  );
}
