/** Pages of one page: each is an address. */

import { Link } from "wouter";
import styles from "./tabs.module.css";

export interface Tab {
  key: string;
  label: string;
  href: string;
  count?: number | undefined;
}

export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          href={tab.href}
          className={styles.tab}
          aria-current={tab.key === current ? "page" : undefined}
        >
          {tab.label}
          {tab.count === undefined ? null : (
            <span className={styles.count}>{tab.count.toLocaleString("en-US")}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
