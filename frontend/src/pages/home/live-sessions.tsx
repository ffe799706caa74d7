import { Link } from "wouter";
import type { Home, LiveSession } from "../../api/types";
import { laneRuns } from "../../logic/home";
import { modelName, projectName, titleOf } from "../../logic/session-names";
import { formatClock } from "../../logic/time";
import { formatDuration, formatTotalCost, MISSING, plural } from "../../logic/units";
import styles from "./home.module.css";

const STATES: Record<LiveSession["state"], string> = {
  working: "working",
  waiting: "waiting for you",
  silent: "silent",
};

/** The sessions of the last hour that have not ended, with what they did in its last quarter. */
export function LiveSessions({ home }: { home: Home }) {
  const all = home.working + home.waiting + home.silent;
  return (
    <section className={styles.panel} aria-labelledby="live-title">
      <h2 id="live-title" className={styles.heading}>
        Now <span className={styles.hint}>the last 15 minutes</span>
      </h2>
      {home.live.length === 0 ? (
        <p className={styles.empty}>
          No session was heard of in the last hour. What an agent begins now appears here by itself.
        </p>
      ) : (
        <ul>
          {home.live.map((live) => (
            <Live key={live.session.id} live={live} now={home.now} />
          ))}
        </ul>
      )}
      {all > home.live.length ? (
        <p className={styles.empty}>{plural(all - home.live.length, "more session")} of the last hour.</p>
      ) : null}
    </section>
  );
}

function Live({ live, now }: { live: LiveSession; now: number }) {
  const { session, op } = live;
  const href = `/s/${encodeURIComponent(session.id)}`;
  return (
    <li className={styles.live}>
      <span className={styles.state} data-state={live.state}>
        {STATES[live.state]}
      </span>
      <Link href={href} className={styles.title} title={titleOf(session)}>
        {titleOf(session)}
      </Link>
      <span className={styles.where} title={live.project ?? undefined}>
        {projectName(live.project)} · {modelName(live.model)}
      </span>
      <Lane lane={live.lane} now={now} />
      <span className={styles.doing}>
        {op ? <Link href={`${href}?sel=op:${op.seq}`}>{op.name ?? op.kind}</Link> : <span>{MISSING}</span>}
        {live.agents_working > 0 ? ` · ${plural(live.agents_working, "agent")}` : ""}
      </span>
      <span className={styles.figure} title="Since it was last heard of">
        {live.idle_us === null ? MISSING : formatDuration(live.idle_us)}
      </span>
      <span className={styles.figure} title="How full the model's context is">
        {live.context_percent === null ? MISSING : `${Math.round(live.context_percent)} %`}
      </span>
      <span className={styles.figure} title="Cost with all that it started">
        {formatTotalCost({
          cost_usd: live.cost_usd,
          unpriced_calls: live.unpriced_calls,
          tokens_in: 1,
          tokens_out: 0,
          tokens_cache_read: 0,
          tokens_cache_write: 0,
        })}
      </span>
    </li>
  );
}

const CELL_US = 10_000_000;
const COLOURS: Record<string, string> = {
  m: "var(--kind-llm)",
  t: "var(--kind-tool)",
  a: "var(--kind-session)",
  c: "var(--kind-compaction)",
};
const WORDS: Record<string, string> = {
  m: "model",
  t: "tools",
  a: "sub-agents",
  c: "compaction",
  f: "failures",
};

/** What a session did, 10 s a cell; a failure stands out by its form, not by colour alone. */
function Lane({ lane, now }: { lane: string; now: number }) {
  const count = (sign: string) => [...lane].filter((cell) => cell === sign).length;
  const said = Object.entries(WORDS)
    .map(([sign, word]) => [word, count(sign)] as const)
    .filter(([, cells]) => cells > 0)
    .map(([word, cells]) => `${word} ${formatDuration(cells * CELL_US)}`);
  return (
    <svg
      className={styles.lane}
      viewBox={`0 0 ${lane.length} 14`}
      preserveAspectRatio="none"
      role="img"
      aria-label={said.join(", ") || "nothing"}
    >
      <title>
        {`From ${formatClock(now - lane.length * CELL_US)} to ${formatClock(now)}: ${said.join(", ") || "nothing"}`}
      </title>
      {laneRuns(lane).map(({ sign, from, cells }) =>
        sign === "f" ? (
          <rect key={from} x={from} width={cells} height="14" fill="var(--failed)" />
        ) : (
          <rect key={from} x={from} y="3" width={cells} height="8" fill={COLOURS[sign]} />
        ),
      )}
    </svg>
  );
}
