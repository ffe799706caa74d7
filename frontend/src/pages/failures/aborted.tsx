import { useSessionsMatching } from "../../api/queries";
import { sessionHref } from "../../logic/op-links";
import { projectName, titleOf } from "../../logic/session-names";
import { formatTotalCost, plural } from "../../logic/units";
import { sessionStanding } from "../../logic/status";
import { Panel } from "../../ui/charts/panel";
import { StandingIcon } from "../../ui/icons";
import { Day } from "../../ui/metrics";
import { NothingHere } from "../../ui/nothing-here";
import type { PageWork } from "../../ui/use-work";
import { Link } from "wouter";
import styles from "./failures.module.css";

/** Sessions that did not come to their end: failed, interrupted by somebody, or left. */
export function Aborted({ page }: { page: PageWork }) {
  const { since, until, q, agent, project, format } = page.work ?? {};
  const text = ["status:failed,interrupted,abandoned", q].filter(Boolean).join(" ");
  const asked = useSessionsMatching({
    q: text,
    ...(since ? { worked_since: since } : {}),
    ...(until ? { worked_until: until } : {}),
    ...(agent ? { agent } : {}),
    ...(project ? { project } : {}),
    ...(format ? { format } : {}),
  });
  const sessions = asked.data?.sessions ?? [];
  const list = new URLSearchParams({ q: text, roots: "false" });
  for (const [name, value] of Object.entries({
    worked_since: since,
    worked_until: until,
    agent,
    project,
    format,
  }))
    if (value) list.set(name, value);
  return (
    <Panel
      name="aborted"
      title="Sessions that were broken off"
      hint="Failed, interrupted or abandoned, as their source tells or their last op shows"
      asked={asked}
      empty={
        asked.data && sessions.length === 0 ? (
          <NothingHere page={page} what="broken-off session" />
        ) : undefined
      }
      sessions={asked.data ? { href: `/sessions?${list.toString()}`, count: asked.data.total } : undefined}
      rows={8}
      table={{
        columns: [
          "id",
          "title",
          "status",
          "error_class",
          "error_message",
          "project",
          "last_at",
          "cost_usd",
        ].map((label) => ({ label })),
        rows: sessions.map((one) => [
          one.id,
          one.title,
          one.status,
          one.error_class,
          one.error_message,
          one.cwd,
          one.last_at,
          one.own.cost_usd,
        ]),
      }}
    >
      <ul className={styles.instances}>
        {sessions.map((one) => (
          <li key={one.id}>
            <Link className={styles.aborted} href={sessionHref(one.id)}>
              <StandingIcon standing={sessionStanding(one)} />
              <span className={styles.session}>{titleOf(one)}</span>
              <span className={styles.message}>
                {one.error_message ?? one.error_class ?? <span className={styles.muted}>no message</span>}
              </span>
              <span className={styles.muted}>{projectName(one.cwd)}</span>
              <span className={styles.number}>{formatTotalCost(one.tree)}</span>
              <span className={styles.at}>
                <Day micros={one.last_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {asked.data && asked.data.total > sessions.length ? (
        <p className={styles.more}>The newest {plural(sessions.length, "session")} are shown.</p>
      ) : null}
    </Panel>
  );
}
