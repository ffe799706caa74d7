/** One number that matters, what it was before, and the way to what it is made of. */

import { Link } from "wouter";
import styles from "./kpi.module.css";

export interface KpiProps {
  label: string;
  value: string;
  hint?: string | undefined;
  href?: string | undefined;
  /** How many rows the link leads to. */
  count?: number | undefined;
  change?: string | null | undefined;
  /** Whether the change is for the worse (1) or the better (-1). */
  turn?: -1 | 0 | 1;
}

export function KpiStrip({ children }: { children: React.ReactNode }) {
  return <ul className={styles.strip}>{children}</ul>;
}

export function Kpi({ label, value, hint, href, count, change, turn = 0 }: KpiProps) {
  const content = (
    <>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>{value}</span>
      {change ? (
        <span className={styles.change} data-turn={turn}>
          {change}
        </span>
      ) : null}
    </>
  );
  return (
    <li className={styles.kpi} title={hint} data-kpi={label}>
      {href ? (
        <Link href={href} className={styles.link} data-count={count}>
          {content}
        </Link>
      ) : (
        <span className={styles.link}>{content}</span>
      )}
    </li>
  );
}
