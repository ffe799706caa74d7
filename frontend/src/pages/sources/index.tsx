import { useLiveRefresh } from "../../api/live";
import { useHealth, useSources } from "../../api/queries";
import type { Source } from "../../api/types";
import { formatBytes, formatDuration, groupThousands, plural } from "../../logic/units";
import { Chevron, StandingIcon } from "../../ui/icons";
import { Day } from "../../ui/metrics";
import { Shell } from "../../ui/shell";
import { ErrorState, Skeleton, StaleNote } from "../../ui/states";
import styles from "./sources.module.css";

export default function SourcesPage() {
  const sources = useSources();
  const { data: health } = useHealth();
  useLiveRefresh(
    (change) => change.sources || change.everything,
    () => sources.refetch(),
  );
  return (
    <Shell crumbs={[{ text: "Sources" }]}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Sources</h1>
        {health && health.status !== "ok" ? (
          <div className={styles.degraded} role="status">
            {health.reasons.map((reason) => (
              <p key={reason}>{reason}</p>
            ))}
          </div>
        ) : null}
        {sources.isRefetchError ? (
          <StaleNote since={sources.dataUpdatedAt} onRetry={() => void sources.refetch()} />
        ) : null}
        {sources.data ? (
          <ul className={styles.list}>
            {sources.data.sources.map((source) => (
              <SourceCard key={`${source.format} ${source.root}`} source={source} />
            ))}
          </ul>
        ) : sources.isError ? (
          <ErrorState
            what="The sources could not be loaded."
            error={sources.error}
            onRetry={() => void sources.refetch()}
          />
        ) : (
          <Skeleton rows={6} label="Loading sources" />
        )}
        {health ? (
          <dl className={styles.store}>
            <Fact label="Store">
              <code>{health.store_path}</code>
            </Fact>
            <Fact label="Size">{formatBytes(health.store_bytes)}</Fact>
            <Fact label="Sessions">{groupThousands(health.sessions)}</Fact>
            <Fact label="Price list">{health.prices_version}</Fact>
            <Fact label="Version">{health.version}</Fact>
          </dl>
        ) : null}
      </div>
    </Shell>
  );
}

function SourceCard({ source }: { source: Source }) {
  const outcomes = groupOutcomes(source);
  const behind = source.bytes - source.bytes_read;
  return (
    <li className={styles.source} data-source={source.format} data-missing={source.exists ? undefined : ""}>
      <div className={styles.head}>
        {!source.exists ? (
          <StandingIcon standing="abandoned" label="Not there" />
        ) : behind > 0 ? (
          <StandingIcon standing="running" label="Being read" />
        ) : (
          <StandingIcon standing="completed" label="Read" />
        )}
        <h2 className={styles.title}>{source.title}</h2>
        <code className={styles.root}>{source.root}</code>
        {source.exists ? null : <span className={styles.muted}>not there</span>}
      </div>
      {source.exists ? (
        <dl className={styles.facts}>
          <Fact label="Sessions">{groupThousands(source.sessions)}</Fact>
          <Fact label="Files">{groupThousands(source.files)}</Fact>
          <Fact label="Size">{formatBytes(source.bytes)}</Fact>
          <Fact label="Read">
            {behind > 0 ? `${Math.floor((100 * source.bytes_read) / Math.max(1, source.bytes))} %` : "all"}
          </Fact>
          <Fact label="Lag">{source.lag_us === 0 ? "none" : formatDuration(source.lag_us)}</Fact>
          <Fact label="Last change">
            <Day micros={source.last_seen} />
          </Fact>
          <Fact label="Problems" bad={source.errors > 0}>
            {groupThousands(source.errors)}
          </Fact>
        </dl>
      ) : null}
      {outcomes.length > 0 ? (
        <details className={styles.more}>
          <summary>
            <Chevron open={false} />
            {plural(
              source.records.reduce((sum, count) => sum + count.records, 0),
              "record",
            )}
            : {outcomes.map((group) => `${groupThousands(group.records)} ${group.name}`).join(", ")}
          </summary>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Outcome</th>
                <th scope="col">Records</th>
              </tr>
            </thead>
            <tbody>
              {source.records.map((count) => (
                <tr key={count.outcome}>
                  <td>
                    <code>{count.outcome}</code>
                  </td>
                  <td className={styles.number}>{groupThousands(count.records)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ) : null}
      {source.problems.length > 0 ? <Problems source={source} /> : null}
    </li>
  );
}

function Problems({ source }: { source: Source }) {
  const shown = source.problems.length;
  return (
    <details className={styles.more}>
      <summary>
        <Chevron open={false} />
        {shown < source.errors
          ? `The newest ${groupThousands(shown)} of ${plural(source.errors, "problem")}`
          : plural(shown, "problem")}
      </summary>
      <ul>
        {source.problems.map((problem) => (
          <li key={`${problem.path} ${problem.offset} ${problem.message}`} className={styles.problem}>
            <p>
              <b className={styles.bad}>{problem.error_class}</b> {problem.message}
            </p>
            <p className={styles.muted}>
              <code>{problem.path}</code> at byte {groupThousands(problem.offset)}
            </p>
            {problem.excerpt ? <pre className={styles.excerpt}>{problem.excerpt}</pre> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Fact({ label, bad = false, children }: { label: string; bad?: boolean; children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd className={bad ? styles.bad : undefined}>{children}</dd>
    </div>
  );
}

/** `ignored:progress` and `ignored:mode` are both "ignored". */
function groupOutcomes(source: Source): { name: string; records: number }[] {
  const groups = new Map<string, number>();
  for (const { outcome, records } of source.records) {
    const name = outcome.split(":", 1)[0] ?? outcome;
    groups.set(name, (groups.get(name) ?? 0) + records);
  }
  return [...groups].map(([name, records]) => ({ name, records }));
}
