import { pullRequestName } from "../logic/session-names";
import styles from "./pull-request.module.css";

interface Props {
  url: string | null;
  /** Out of the order of Tab, where the keyboard works on a whole table. */
  passive?: boolean;
}

/** A link to the pull request that a session made; nothing is fetched until it is opened. */
export function PullRequest({ url, passive = false }: Props) {
  const name = pullRequestName(url);
  if (!url || !name) return null;
  return (
    <a
      className={styles.chip}
      href={url}
      target="_blank"
      rel="noreferrer"
      title={url}
      aria-label={`Pull request ${name}`}
      tabIndex={passive ? -1 : undefined}
    >
      {name}
    </a>
  );
}
