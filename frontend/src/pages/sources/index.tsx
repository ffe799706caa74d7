import { useEffect } from "react";
import { useLiveRefresh } from "../../api/live";
import { useHealth, useSources } from "../../api/queries";
import { formatBytes, groupThousands } from "../../logic/units";
import { Shell } from "../../ui/shell";
import { ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { Fact, SourceCard } from "./source-card";
import styles from "./sources.module.css";

/** While much is to be read, how far it is. */
const READING_MS = 2_000;

export default function SourcesPage() {
  const sources = useSources();
  const { refetch } = sources;
  const { data: health } = useHealth();
  const reading = sources.data?.sources.some((source) => source.bytes > source.bytes_read) ?? false;
  useEffect(() => {
    if (!reading) return undefined;
    const timer = window.setInterval(() => void refetch(), READING_MS);
    return () => window.clearInterval(timer);
  }, [reading, refetch]);
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
              <SourceCard
                key={`${source.format} ${source.root}`}
                source={source}
                at={sources.dataUpdatedAt}
              />
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
