/** A sub-agent within its parent's transcript: where its time went, what it cost, its own steps on demand. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { fetchTurns, useSession } from "../../api/queries";
import type { Op, SessionRow } from "../../api/types";
import { agentName, modelName, titleOf } from "../../logic/session-names";
import { sessionStanding, standingLabel, wallTime } from "../../logic/status";
import { transcriptRows } from "../../logic/transcript-rows";
import { mergeTurns } from "../../logic/transcript";
import { formatDuration, plural } from "../../logic/units";
import { Chevron, StandingIcon } from "../../ui/icons";
import { TotalCost } from "../../ui/metrics";
import { useDepth, WithinSubAgent } from "./depth";
import { RowView } from "./rows";
import styles from "./sub-agent-card.module.css";

const MOST_DEPTH = 3;
const MOST_OPS = 60;

export function SubAgentCard({ child, op }: { child: string; op: Op }) {
  const query = useSession(child);
  const [open, setOpen] = useState(false);
  const depth = useDepth();
  const href = `/s/${encodeURIComponent(child)}`;
  const row = query.data?.session;
  return (
    <section className={styles.card} data-sub-agent={child}>
      <header className={styles.head}>
        {row ? <StandingIcon standing={sessionStanding(row)} /> : null}
        <b className={styles.title}>{titleOf(row ?? op.child ?? { title: null, agent: null })}</b>
        {row ? (
          <span className={styles.facts}>
            <span>{standingLabel(sessionStanding(row))}</span>
            <span>{agentName(row)}</span>
            {row.model ? <span>{modelName(row.model)}</span> : null}
            <span>{formatDuration(wallTime(row))}</span>
            <span>{plural(row.tree.ops, "op")}</span>
            <span>
              <TotalCost totals={row.tree} />
            </span>
            {row.tree.failures > 0 ? <span className={styles.bad}>{row.tree.failures} failed</span> : null}
          </span>
        ) : null}
      </header>
      {row ? <StateBar row={row} /> : null}
      {query.isError ? (
        <p role="alert" className={styles.bad}>
          It could not be loaded: {query.error.message}
        </p>
      ) : null}
      <div className={styles.actions}>
        <Link href={href} className={styles.action}>
          Open as session
        </Link>
        {depth < MOST_DEPTH ? (
          <button
            type="button"
            className={styles.action}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            data-expand
          >
            <Chevron open={open} />
            {open ? "Hide its steps" : "Show its steps here"}
          </button>
        ) : null}
      </div>
      {open ? (
        <WithinSubAgent depth={depth + 1}>
          <Steps session={child} href={href} />
        </WithinSubAgent>
      ) : null}
    </section>
  );
}

const STATES = [
  ["llm", "model", "model_us"],
  ["tool", "tools", "tool_us"],
  ["session", "its sub-agents", "agent_us"],
  ["compaction", "compacting", "compaction_us"],
  ["user", "waiting", "wait_us"],
  ["system", "unknown", "idle_us"],
] as const;

/** Where its time went. */
function StateBar({ row }: { row: SessionRow }) {
  const parts = STATES.map(([kind, label, field]) => ({ kind, label, micros: row.time[field] })).filter(
    (part) => part.micros > 0,
  );
  const whole = parts.reduce((sum, part) => sum + part.micros, 0);
  if (whole === 0) return null;
  const told = parts.map((part) => `${part.label} ${formatDuration(part.micros)}`).join(", ");
  return (
    <div className={styles.bar} role="img" aria-label={`Its time: ${told}`} title={told}>
      {parts.map((part) => (
        <span key={part.kind} data-state={part.kind} style={{ flexGrow: part.micros / whole }} />
      ))}
    </div>
  );
}

/** Its first steps; all of them are in its own page. */
function Steps({ session, href }: { session: string; href: string }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const page = useQuery({
    queryKey: ["steps", session],
    queryFn: ({ signal }) => fetchTurns(session, { order: "asc", limit: MOST_OPS }, signal),
  });
  if (page.isError) {
    return (
      <p role="alert" className={styles.bad}>
        Its steps could not be loaded: {page.error.message}{" "}
        <button type="button" className={styles.action} onClick={() => void page.refetch()}>
          Try again
        </button>
      </p>
    );
  }
  if (!page.data) return <p role="status">Loading …</p>;
  const rows = transcriptRows(mergeTurns([], page.data.turns));
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <div className={styles.steps}>
      {rows.map((row) => (
        <RowView
          key={row.key}
          row={row}
          session={session}
          live={false}
          stuck={false}
          current={false}
          open={opened.has(row.key)}
          before={null}
          idPrefix={`${session}/`}
          onToggle={() => toggle(row.key)}
          onGo={() => undefined}
        />
      ))}
      {page.data.next === null ? null : (
        <p className={styles.rest}>
          These are its first steps. <Link href={href}>Open all as session</Link>
        </p>
      )}
    </div>
  );
}
