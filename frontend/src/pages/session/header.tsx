import type { SessionDetail, SessionRow } from "../../api/types";
import { agentName, clientVersion, modelName, projectName, titleOf } from "../../logic/session-names";
import { sessionStanding, standingLabel, wallTime } from "../../logic/status";
import { formatCount, formatDuration, groupThousands } from "../../logic/units";
import { type Kind, StandingIcon } from "../../ui/icons";
import { Count, Day, TotalCost } from "../../ui/metrics";
import { PullRequest } from "../../ui/pull-request";
import { HeaderActions } from "./header-actions";
import styles from "./header.module.css";
import { SubAgents } from "./sub-agents";

const KINDS: Partial<Record<SessionRow["kind"], string>> = {
  sub_agent: "Sub-agent",
  tool_internal: "Within a tool",
  fork: "Fork",
};

export function SessionHeader({ detail }: { detail: SessionDetail }) {
  const { session, children } = detail;
  const standing = sessionStanding(session);
  return (
    <header className={styles.header}>
      <div className={styles.identity}>
        <StandingIcon standing={standing} />
        <h1 className={styles.title} title={titleOf(session)}>
          {titleOf(session)}
        </h1>
        <span className={styles.facts}>
          <span>{standingLabel(standing)}</span>
          {KINDS[session.kind] ? <span>{KINDS[session.kind]}</span> : null}
          <span title={[session.call_path, session.client].filter(Boolean).join(" · ") || undefined}>
            {agentName(session)} {clientVersion(session.client)}
          </span>
          {session.model ? <span title={session.model}>{modelName(session.model)}</span> : null}
          {session.cwd ? (
            <span title={session.cwd}>
              {projectName(session.cwd)}
              {session.git_branch ? `@${session.git_branch}` : ""}
            </span>
          ) : null}
          <span>
            <Day micros={session.started_at} />
          </span>
        </span>
        {session.error_message ? (
          <span className={styles.error} title={session.error_message}>
            {session.error_class ? <b>{session.error_class}: </b> : null}
            {session.error_message}
          </span>
        ) : null}
        <SubAgents session={session} first={children} />
        <PullRequest url={session.pr_url} />
        <HeaderActions session={session} />
      </div>
      <Stats session={session} />
    </header>
  );
}

/** In order of weight: where there is no room, the last ones are left out. */
function Stats({ session }: { session: SessionRow }) {
  const { own, tree, time } = session;
  const wall = wallTime(session);
  return (
    <dl className={styles.stats}>
      <Stat label="Wall" hint="From start to last activity">
        {formatDuration(wall)}
      </Stat>
      <TimeStat label="Model" kind="llm" micros={time.model_us} wall={wall} hint="Model calls ran" />
      <TimeStat
        label="Tools"
        kind="tool"
        micros={time.tool_us}
        wall={wall}
        hint="Tools ran, and no model call"
      />
      {time.agent_us > 0 ? (
        <TimeStat
          label="Sub-agents"
          kind="session"
          micros={time.agent_us}
          wall={wall}
          hint="Sub-agents ran, and the session itself did nothing meanwhile"
        />
      ) : null}
      {time.compaction_us > 0 ? (
        <TimeStat
          label="Compacting"
          kind="compaction"
          micros={time.compaction_us}
          wall={wall}
          hint="The context was compacted"
        />
      ) : null}
      {time.idle_us > 0 ? (
        <TimeStat
          label="Unknown"
          kind="system"
          micros={time.idle_us}
          wall={wall}
          hint="Within turns, and nothing is known to have run"
        />
      ) : null}
      <TimeStat label="Human" kind="user" micros={time.wait_us} wall={wall} hint="It waited for a prompt" />
      <Stat label="Cost">
        <TotalCost totals={own} />
      </Stat>
      {session.descendants > 0 ? (
        <Stat label="With subs" hint="Cost with its sub-agents">
          <TotalCost totals={tree} />
        </Stat>
      ) : null}
      <Stat label="Failures" bad={own.failures > 0}>
        {groupThousands(own.failures)}
      </Stat>
      <Stat label="Context peak" hint="Most tokens held in the model's context by one call">
        <Count value={session.context_peak} unit="tokens" />
      </Stat>
      <Stat label="Turns">{groupThousands(session.turns)}</Stat>
      <Stat
        label="Ops"
        hint="Model calls, tool calls and other steps; copies of another session's are in no total"
        note={session.replays > 0 ? `+ ${groupThousands(session.replays)} copied` : undefined}
      >
        {groupThousands(own.ops)}
      </Stat>
      <Stat label="Model calls">{groupThousands(own.llm_calls)}</Stat>
      <Stat label="Tool calls">{groupThousands(own.tool_calls)}</Stat>
      <Stat label="Fresh input">
        <Count value={own.tokens_in} unit="tokens" />
      </Stat>
      <Stat
        label="Output"
        note={own.tokens_reasoning > 0 ? `${formatCount(own.tokens_reasoning)} reasoning` : undefined}
      >
        <Count value={own.tokens_out} unit="tokens" />
      </Stat>
      <Stat label="Cache read">
        <Count value={own.tokens_cache_read} unit="tokens" />
      </Stat>
      <Stat label="Cache write">
        <Count value={own.tokens_cache_write} unit="tokens" />
      </Stat>
    </dl>
  );
}

interface TimeStatProps {
  label: string;
  kind: Kind;
  micros: number;
  wall: number | null;
  hint: string;
}

/** A part of the wall time, and how large a part. */
function TimeStat({ label, kind, micros, wall, hint }: TimeStatProps) {
  const share = wall ? Math.round((100 * micros) / wall) : null;
  return (
    <Stat label={label} kind={kind} hint={share === null ? hint : `${hint}: ${share} % of the wall time`}>
      {formatDuration(micros)}
    </Stat>
  );
}

interface StatProps {
  label: string;
  hint?: string;
  note?: string | undefined;
  bad?: boolean;
  kind?: Kind;
  children: React.ReactNode;
}

function Stat({ label, hint, note, bad = false, kind, children }: StatProps) {
  return (
    <div className={styles.stat} data-stat={label} title={hint}>
      <dt className={styles.label}>
        {kind ? <span className={styles.swatch} data-swatch={kind} aria-hidden="true" /> : null}
        {label}
      </dt>
      <dd className={bad ? styles.bad : styles.value}>
        {children}
        {note === undefined ? null : <span className={styles.note}>{note}</span>}
      </dd>
    </div>
  );
}
