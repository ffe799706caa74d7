import { useEffect, useMemo } from "react";
import { useLiveRefresh } from "../../api/live";
import { useSession } from "../../api/queries";
import { titleOf } from "../../logic/session-names";
import { Shell } from "../../ui/shell";
import { ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { SessionHeader } from "./header";
import { preloadDetails } from "./lazy-details";
import { preloadMarkdown } from "./markdown";
import styles from "./session.module.css";
import { TranscriptView } from "./transcript";
import { useBench } from "./use-bench";
import { useTrace } from "./use-trace";
import { useTranscript } from "./use-transcript";
import { WorkbenchView } from "./workbench";

void preloadMarkdown();

export default function SessionPage({ id }: { id: string }) {
  const session = useSession(id);
  const turns = useTranscript(id);
  const traced = useTrace(id);
  const bench = useBench(id);
  const detail = session.data;
  // After what is seen at once: the first step is opened some time later.
  const arrived = turns.transcript !== undefined;
  useEffect(() => {
    if (arrived) preloadDetails();
  }, [arrived]);
  // A sub-agent's work changes what its parents' totals say.
  useLiveRefresh(
    (change) => detail?.children.some((child) => change.sessions.has(child.id)) ?? false,
    () => session.refetch(),
  );
  const loaded = turns.transcript?.turns;
  const prompts = useMemo(
    () => new Map(loaded?.flatMap((turn) => (turn.label ? [[turn.turn, turn.label] as const] : []))),
    [loaded],
  );
  const ancestors = detail?.ancestors ?? [];

  return (
    <Shell
      crumbs={[
        { text: "Sessions", href: "/sessions" },
        ...ancestors.map((link) => ({ text: titleOf(link), href: `/s/${encodeURIComponent(link.id)}` })),
        { text: detail ? titleOf(detail.session) : "Session" },
      ]}
    >
      <div className={styles.page} data-revision={detail?.revision}>
        {detail ? null : <h1 className="visually-hidden">Session</h1>}
        {detail && session.isRefetchError ? (
          <div className={styles.stale}>
            <StaleNote since={session.dataUpdatedAt} onRetry={() => void session.refetch()} />
          </div>
        ) : null}
        {detail ? (
          <SessionHeader detail={detail} />
        ) : session.isError ? (
          <ErrorState
            what="The session could not be loaded."
            error={session.error}
            onRetry={() => void session.refetch()}
          />
        ) : (
          <Skeleton rows={2} label="Loading the session" />
        )}
        {session.isError && !detail ? null : (
          <WorkbenchView
            bench={bench}
            id={id}
            session={detail?.session}
            traced={traced}
            prompts={prompts}
            content={
              turns.transcript ? (
                <TranscriptView
                  session={detail?.session}
                  id={id}
                  turns={turns}
                  transcript={turns.transcript}
                  bench={bench}
                  trace={traced.trace}
                />
              ) : turns.query.isError ? (
                <ErrorState
                  what="The turns could not be loaded."
                  error={turns.query.error}
                  onRetry={() => void turns.query.refetch()}
                />
              ) : (
                <Skeleton rows={14} label="Loading the turns" />
              )
            }
          />
        )}
      </div>
    </Shell>
  );
}
