import { useConnection } from "../api/live";
import { useHealth } from "../api/queries";
import styles from "./live-indicator.module.css";

type Live = "live" | "degraded" | "reconnecting" | "stopped";

const WORDS: Record<Live, string> = {
  live: "Live",
  degraded: "Live, with problems",
  reconnecting: "Reconnecting",
  stopped: "Ingest stopped",
};

const MEANING: Record<Live, string> = {
  live: "Changes appear as the agents write them.",
  degraded: "Changes appear as the agents write them.",
  reconnecting: "The server does not answer; what you see may be old.",
  stopped: "No process is reading the agents' files: nothing new will appear.",
};

/** Whether what is on screen follows what happens. */
export function LiveIndicator() {
  const connection = useConnection();
  const { data: health } = useHealth();
  const live: Live =
    connection === "reconnecting"
      ? "reconnecting"
      : health?.ingesting === false
        ? "stopped"
        : health?.status === "degraded"
          ? "degraded"
          : "live";
  const reasons = health?.reasons ?? [];
  return (
    <span
      className={styles.indicator}
      data-live={live}
      role="status"
      title={[MEANING[live], ...reasons].join("\n")}
    >
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.words}>{WORDS[live]}</span>
    </span>
  );
}
