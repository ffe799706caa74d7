import { Link } from "wouter";
import type { FrequentFailure, Home, RecentSession } from "../../api/types";
import { dayHref, whyCostly } from "../../logic/home";
import { modelName, projectName, titleOf } from "../../logic/session-names";
import { sessionStanding } from "../../logic/status";
import { formatCost, groupThousands, plural } from "../../logic/units";
import { StandingIcon } from "../../ui/icons";
import { Day } from "../../ui/metrics";
import styles from "./home.module.css";
import { Section } from "./section";

export function Failing({ home, chosen }: { home: Home; chosen: boolean }) {
  return (
    <Section
      title={chosen ? "What failed" : "What failed today"}
      href={dayHref("/failures", home.day)}
      all="Failures"
    >
      {home.failures.length === 0 ? (
        <p className={styles.empty}>Nothing has failed.</p>
      ) : (
        <ul>
          {home.failures.map((group) => (
            <Failure key={group.key} group={group} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Failure({ group }: { group: FrequentFailure }) {
  const said = group.signature || group.error_class || "without a message";
  return (
    <li className={styles.line}>
      <span className={styles.count}>{groupThousands(group.count)}×</span>
      <span className={styles.text}>
        <Link
          className={styles.title}
          href={`/s/${encodeURIComponent(group.session.id)}?sel=op:${group.seq}`}
          title={said}
        >
          {group.name ?? group.kind}: {said}
        </Link>
        <span className={styles.why}>
          {plural(group.sessions, "session")}
          {group.recovered > 0 ? ` · ${groupThousands(group.recovered)} later went well` : ""}
        </span>
      </span>
    </li>
  );
}

export function Costly({ home, chosen }: { home: Home; chosen: boolean }) {
  return (
    <Section
      title={chosen ? "What cost most" : "What cost most today"}
      href={dayHref("/analytics", home.day)}
      all="Analytics"
    >
      {home.top_sessions.length === 0 ? (
        <p className={styles.empty}>No session has cost anything that is known.</p>
      ) : (
        <ul>
          {home.top_sessions.map((one) => (
            <li key={one.session.id} className={styles.line}>
              <span className={styles.count}>
                {one.unpriced_calls > 0 ? "≥ " : ""}
                {formatCost(one.cost_usd)}
              </span>
              <span className={styles.text}>
                <Link
                  className={styles.title}
                  href={`/s/${encodeURIComponent(one.session.id)}`}
                  title={titleOf(one.session)}
                >
                  {titleOf(one.session)}
                </Link>
                <span className={styles.why}>
                  {one.share === null ? "" : `${Math.round(one.share * 100)} % of the day · `}
                  {whyCostly(one)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Recent({ sessions }: { sessions: readonly RecentSession[] }) {
  return (
    <Section title="Recent sessions" href="/sessions" all="All sessions">
      <ul>
        {sessions.map((one) => (
          <li key={one.session.id} className={styles.recent}>
            <StandingIcon standing={sessionStanding(one)} />
            <Link
              className={styles.title}
              href={`/s/${encodeURIComponent(one.session.id)}`}
              title={titleOf(one.session)}
            >
              {titleOf(one.session)}
            </Link>
            <span className={styles.where} title={one.project ?? undefined}>
              {projectName(one.project)} · {modelName(one.model)}
            </span>
            <span className={styles.figure}>{plural(one.turns, "turn")}</span>
            <span className={one.failures > 0 ? `${styles.figure} ${styles.failed}` : styles.figure}>
              {one.failures > 0 ? `${groupThousands(one.failures)} failed` : ""}
            </span>
            <span className={styles.figure}>
              {one.unpriced_calls > 0 ? (one.cost_usd < 0.00005 ? "unpriced" : "≥ ") : ""}
              {one.unpriced_calls > 0 && one.cost_usd < 0.00005 ? "" : formatCost(one.cost_usd)}
            </span>
            <span className={styles.when}>
              <Day micros={one.last_at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
