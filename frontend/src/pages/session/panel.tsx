import { useState } from "react";
import styles from "./stats-view.module.css";
import { BarButton } from "./view-bar";

interface PanelProps {
  title: string;
  hint?: string;
  /** Choices of the panel's own. */
  tools?: React.ReactNode;
  /** The same as rows and columns, of what is drawn. */
  table?: () => React.ReactNode;
  children: React.ReactNode;
}

/** A chart with its name, and its numbers on demand. */
export function Panel({ title, hint, tools, table, children }: PanelProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <section className={styles.panel} aria-label={title}>
      <header className={styles.panelHead}>
        <h3 title={hint}>{title}</h3>
        {tools}
        {table ? (
          <BarButton
            pressed={asTable}
            hint="The same as rows and columns"
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </BarButton>
        ) : null}
      </header>
      {asTable && table ? <div className={styles.tableBox}>{table()}</div> : children}
    </section>
  );
}
