/** On every page: what is wrong with what is shown, and where that is explained. */

import { Link, useLocation } from "wouter";
import { useHealth } from "../api/queries";
import styles from "./health-banner.module.css";

export function HealthBanner() {
  const { data: health } = useHealth();
  const [path] = useLocation();
  // There, all of it is told.
  if (!health || health.status === "ok" || path === "/sources") return null;
  const [first, ...others] = health.reasons;
  return (
    <div className={styles.banner} role="status">
      <span className={styles.text} title={health.reasons.join("\n")}>
        {first}
        {others.length > 0 ? ` (and ${others.length} more)` : ""}
      </span>
      <Link href="/sources">Sources</Link>
    </div>
  );
}
