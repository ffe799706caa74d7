import { memo } from "react";
import { Link, useLocation } from "wouter";
import type { SessionRow } from "../../api/types";
import type { TreeRow } from "../../logic/session-list";
import { agentName, clientVersion, modelName, projectName, titleOf } from "../../logic/session-names";
import { sessionStanding, wallTime } from "../../logic/status";
import { formatCount, formatDuration, groupThousands, MISSING, plural } from "../../logic/units";
import { Dimension } from "../../ui/dimension";
import { Chevron, StandingIcon } from "../../ui/icons";
import { Count, Day, TotalCost } from "../../ui/metrics";
import { PullRequest } from "../../ui/pull-request";
import styles from "./sessions.module.css";

const INDENT = 18;

/** An id has no spaces. */
export const rowId = (path: string) => `row-${path.replaceAll(" ", "/")}`;

interface RowProps extends TreeRow {
  index: number;
  top: number;
  active: boolean;
  /** One of those to compare. */
  selected: boolean;
  onToggle: (session: string) => void;
  onActivate: (path: string) => void;
}

/** Remembered, because scrolling draws the table anew many times with the same rows. */
export const Row = memo(function Row({
  path,
  session,
  level,
  expanded,
  index,
  top,
  active,
  selected,
  onToggle,
  onActivate,
}: RowProps) {
  const [, navigate] = useLocation();
  const href = `/s/${encodeURIComponent(session.id)}`;
  const { own } = session;
  return (
    // The keyboard works on the table as a whole; the link inside is what a pointer opens in a new tab.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(path)}
      className={styles.row}
      role="row"
      aria-level={level}
      aria-rowindex={index + 2}
      aria-expanded={session.children > 0 ? expanded : undefined}
      aria-selected={active}
      data-session-id={session.id}
      data-active={active ? "" : undefined}
      data-selected={selected ? "" : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        onActivate(path);
        if (!(event.target as Element).closest("a, button")) navigate(href);
      }}
    >
      <div role="gridcell" className={styles.standing}>
        <StandingIcon standing={sessionStanding(session)} />
      </div>
      <div role="gridcell" className={styles.title} style={{ paddingLeft: (level - 1) * INDENT }}>
        {session.children > 0 ? (
          <button
            type="button"
            className={styles.expander}
            tabIndex={-1}
            title={`${expanded ? "Hide" : "Show"} sub-agents`}
            aria-label={`${expanded ? "Hide" : "Show"} sub-agents`}
            onClick={() => onToggle(session.id)}
          >
            <Chevron open={expanded} />
          </button>
        ) : (
          <span className={styles.expander} />
        )}
        <Link href={href} className={styles.link} tabIndex={-1} title={titleOf(session)}>
          {titleOf(session)}
        </Link>
        <PullRequest url={session.pr_url} passive />
      </div>
      <div role="gridcell" className={styles.project} title={session.cwd ?? undefined}>
        <Dimension field="project" value={session.cwd ?? "unknown"} passive>
          {projectName(session.cwd)}
        </Dimension>
        {session.git_branch ? <span className={styles.branch}>@{session.git_branch}</span> : null}
      </div>
      <div
        role="gridcell"
        className={styles.agent}
        title={[session.call_path ?? session.agent, session.client].filter(Boolean).join(" · ")}
      >
        {agentName(session)} <span className={styles.version}>{clientVersion(session.client)}</span>
      </div>
      <div role="gridcell" className={styles.model} title={session.model ?? undefined}>
        {session.model ? (
          <Dimension field="model" value={session.model} passive>
            {modelName(session.model)}
          </Dimension>
        ) : (
          MISSING
        )}
      </div>
      <div role="gridcell" className={styles.started}>
        <Day micros={session.started_at} />
      </div>
      <Wall session={session} />
      <div
        role="gridcell"
        className={styles.turns}
        title={`${plural(session.turns, "turn")}, ${plural(own.ops, "op")}`}
      >
        {formatCount(session.turns)}
        <span className={styles.per}>/{formatCount(own.ops)}</span>
      </div>
      <div role="gridcell" className={styles.subs}>
        {session.descendants > 0 ? formatCount(session.descendants) : ""}
      </div>
      <Number className={styles.in} value={own.tokens_in} unit="fresh input tokens" />
      <Number className={styles.out} value={own.tokens_out} unit="output tokens" />
      <Number className={styles.cache} value={own.tokens_cache_read} unit="tokens read from the cache" />
      <div role="gridcell" className={styles.cost}>
        <TotalCost totals={own} />
      </div>
      <div role="gridcell" className={styles.tree}>
        {session.descendants > 0 ? <TotalCost totals={session.tree} /> : null}
      </div>
      <Number className={styles.context} value={session.context_peak} unit="tokens of context" />
      <div role="gridcell" className={styles.fails} data-any={own.failures > 0 ? "" : undefined}>
        {own.failures > 0 ? groupThousands(own.failures) : ""}
      </div>
      <div role="gridcell" className={styles.last}>
        <Day micros={session.last_at} />
      </div>
    </div>
  );
});

function Number({ className, value, unit }: { className: string | undefined; value: number; unit: string }) {
  return (
    <div role="gridcell" className={className}>
      <Count value={value} unit={unit} />
    </div>
  );
}

function Wall({ session }: { session: SessionRow }) {
  const wall = wallTime(session);
  const share = wall ? Math.min(1, session.busy_us / wall) : 0;
  const title =
    wall === null
      ? undefined
      : `${formatDuration(session.busy_us)} within turns, of ${formatDuration(wall)} (${Math.round(100 * share)} %)`;
  return (
    <div role="gridcell" className={styles.wall} title={title}>
      <span className={styles.share} aria-hidden="true">
        <span className={styles.busy} style={{ transform: `scaleX(${share})` }} />
      </span>
      {formatDuration(wall)}
    </div>
  );
}
