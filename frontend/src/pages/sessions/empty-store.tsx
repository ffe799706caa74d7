import { useSources } from "../../api/queries";
import { plural } from "../../logic/units";
import { CopyButton } from "../../ui/copy-button";
import { StandingIcon } from "../../ui/icons";
import { ErrorState, Skeleton } from "../../ui/states";
import styles from "./empty-store.module.css";

/** Nothing has been read yet: where was looked, and how to look elsewhere. */
export function EmptyStore() {
  const { data, error, refetch } = useSources();
  if (error && !data)
    return (
      <ErrorState what="The sources could not be loaded." error={error} onRetry={() => void refetch()} />
    );
  if (!data) return <Skeleton rows={6} label="Loading sources" />;
  const found = data.sources.filter((source) => source.exists);
  return (
    <section className={styles.page}>
      <h2 className={styles.title}>{found.length > 0 ? "No sessions yet" : "No agent's files were found"}</h2>
      <p className={styles.lead}>
        {found.length > 0
          ? "The folders below are being read. Sessions appear here by themselves as soon as an agent writes one."
          : "ai-viewer reads the files that AI coding agents leave on this machine. It looked here:"}
      </p>
      <ul className={styles.places}>
        {data.sources.map((source) => (
          <li key={`${source.format} ${source.root}`} className={styles.place}>
            <StandingIcon
              standing={source.exists ? "completed" : "abandoned"}
              label={source.exists ? "Found" : "Not there"}
            />
            <span>{source.title}</span>
            <code className={styles.path}>{source.root}</code>
            <span className={styles.note}>{source.exists ? plural(source.files, "file") : "not there"}</span>
          </li>
        ))}
      </ul>
      <h3 className={styles.subtitle}>Are they somewhere else?</h3>
      <Way says="Name the folder when starting:" command="ai-viewer --source claude_code=PATH" />
      <p className={styles.way}>
        Or write it into the configuration file, <code>~/.config/ai-viewer/config.toml</code> on Linux:
      </p>
      <pre className={styles.code}>{'[[source]]\nformat = "claude_code"\npath = "~/backup/claude"'}</pre>
      <Way says="Or look around with made-up sessions first:" command="ai-viewer demo" />
    </section>
  );
}

function Way({ says, command }: { says: string; command: string }) {
  return (
    <>
      <p className={styles.way}>{says}</p>
      <div className={styles.command}>
        <code>{command}</code>
        <CopyButton text={command} label={`Copy: ${command}`} />
      </div>
    </>
  );
}
