/** The sub-agents of a session, all of them, a page at a time. */

import { useId, useState } from "react";
import { Link } from "wouter";
import { useSubAgents } from "../../api/queries";
import type { SessionRow } from "../../api/types";
import { agentName, modelName, titleOf } from "../../logic/session-names";
import { sessionStanding, wallTime } from "../../logic/status";
import { formatDuration, groupThousands, plural } from "../../logic/units";
import { Chevron, StandingIcon } from "../../ui/icons";
import { Clock, TotalCost } from "../../ui/metrics";
import styles from "./header.module.css";

interface SubAgentsProps {
  session: SessionRow;
  /** The first of them, which come with the session. */
  first: readonly SessionRow[];
}

export function SubAgents({ session, first }: SubAgentsProps) {
  const id = useId();
  const [asked, setAsked] = useState(false);
  const query = useSubAgents(session.id, asked && session.children > first.length);
  const read = query.data?.pages.flatMap((page) => page.sessions) ?? [];
  // They come latest first; people look for the order in which they began.
  const shown = read.length > first.length ? read.toSorted(byStart) : first;
  const left = session.children - shown.length;
  if (first.length === 0) return null;
  return (
    <>
      <button type="button" className={styles.subs} popoverTarget={id} onClick={() => setAsked(true)}>
        {plural(session.children, "sub-agent")}
        {session.descendants > session.children ? ` (${groupThousands(session.descendants)} in all)` : ""}
        <Chevron open />
      </button>
      <ul id={id} className={styles.children} popover="auto" data-shown={shown.length}>
        {shown.map((child) => (
          <Child key={child.id} child={child} />
        ))}
        {left > 0 ? (
          <li className={styles.rest}>
            {query.isError ? (
              <>
                <span role="alert">More could not be loaded: {query.error.message}</span>{" "}
                <button type="button" onClick={() => void query.refetch()}>
                  Try again
                </button>
              </>
            ) : query.hasNextPage ? (
              <button type="button" disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
                {query.isFetching ? "Loading …" : `Show more, ${groupThousands(left)} left`}
              </button>
            ) : (
              `${groupThousands(left)} more`
            )}
          </li>
        ) : null}
      </ul>
    </>
  );
}

function byStart(one: SessionRow, other: SessionRow): number {
  return (one.started_at ?? 0) - (other.started_at ?? 0);
}

function Child({ child }: { child: SessionRow }) {
  return (
    <li className={styles.child}>
      <StandingIcon standing={sessionStanding(child)} />
      <Link href={`/s/${encodeURIComponent(child.id)}`} className={styles.childTitle}>
        {titleOf(child)}
      </Link>
      <span className={styles.muted}>{agentName(child)}</span>
      <span className={styles.muted}>{modelName(child.model)}</span>
      <span className={styles.number}>
        <Clock micros={child.started_at} />
      </span>
      <span className={styles.number}>{formatDuration(wallTime(child))}</span>
      <span className={styles.number}>{plural(child.own.ops, "op")}</span>
      <span className={styles.number}>
        <TotalCost totals={child.tree} />
      </span>
    </li>
  );
}
