import { useFailures } from "../../api/queries";
import type { FailureGroup, Failures } from "../../api/types";
import { formatShare } from "../../logic/metrics";
import { opHref } from "../../logic/op-links";
import { titleOf } from "../../logic/session-names";
import { formatCost, groupThousands, plural } from "../../logic/units";
import { sessionsHref, type WorkQuery } from "../../logic/work-filter";
import { type Asked, Panel } from "../../ui/charts/panel";
import { Sparkline } from "../../ui/charts/sparkline";
import { Chevron, KindIcon } from "../../ui/icons";
import { Kpi, KpiStrip } from "../../ui/kpi";
import { Day } from "../../ui/metrics";
import { ErrorState, Skeleton } from "../../ui/states";
import type { PageWork } from "../../ui/use-work";
import { Link } from "wouter";
import styles from "./failures.module.css";

/** As many instances as are listed of one group. */
const INSTANCES = 200;

interface GroupsProps {
  asked: Asked & { data: Failures | undefined };
  page: PageWork;
  work: WorkQuery | null;
  nothing: React.ReactNode;
}

export function Groups({ asked, page, work, nothing }: GroupsProps) {
  const told = asked.data;
  const open = page.params.get("group");
  const listed = told?.groups.some((group) => group.key === open) ?? true;
  return (
    <>
      {told && told.failures > 0 && work ? (
        <KpiStrip>
          <Kpi
            label="Failures"
            value={groupThousands(told.failures)}
            href={sessionsHref(work, { op_failed: true })}
            count={told.sessions}
            hint="Failed ops"
          />
          <Kpi label="Signatures" value={groupThousands(told.total)} hint="Different in more than details" />
          <Kpi
            label="Sessions"
            value={groupThousands(told.sessions)}
            href={sessionsHref(work, { op_failed: true })}
            count={told.sessions}
          />
          <Kpi
            label="Recovered"
            value={formatShare(told.failures > 0 ? told.recovered / told.failures : null)}
            hint={`${plural(told.recovered, "failure")}: the same tool, or a model, later succeeded in the same session`}
          />
          <Kpi
            label="Spent in vain"
            value={formatCost(told.cost_usd)}
            hint="Cost of the failed model calls, and of those that asked for the failed tools, each once; as far as prices are known"
          />
        </KpiStrip>
      ) : null}
      <Panel
        name="groups"
        title="By signature"
        hint="Failures of the same tool whose messages differ in numbers, paths, ids and quoted words only"
        asked={asked}
        empty={told?.groups.length === 0 ? nothing : undefined}
        rows={10}
        table={
          told && {
            columns: [
              { label: "count", numeric: true },
              { label: "kind" },
              { label: "name" },
              { label: "class" },
              { label: "signature" },
              { label: "sessions", numeric: true },
              { label: "recovered", numeric: true },
              { label: "cost_usd", numeric: true, format: (cell) => formatCost(Number(cell)) },
              { label: "first_at", numeric: true },
              { label: "last_at", numeric: true },
            ],
            rows: told.groups.map((group) => [
              group.count,
              group.kind,
              group.name,
              group.error_class,
              group.signature,
              group.sessions,
              group.recovered,
              group.cost_usd,
              group.first_at,
              group.last_at,
            ]),
          }
        }
        controls={
          told && told.groups.length > 0 ? (
            <span className={styles.muted}>{plural(told.total, "signature")}</span>
          ) : null
        }
      >
        <div className={styles.head} aria-hidden="true">
          <span />
          <span className={styles.number}>Count</span>
          <span>What failed</span>
          <span className={styles.trend}>Trend</span>
          <span className={styles.number}>Sessions</span>
          <span className={styles.number}>Recovered</span>
          <span className={styles.number}>In vain</span>
          <span className={styles.when}>First</span>
          <span className={styles.when}>Last</span>
        </div>
        <ul>
          {open !== null && !listed && work ? <OneGroup page={page} work={work} open={open} /> : null}
          {told?.groups.map((group) => (
            <Group key={group.key} group={group} page={page} work={work} open={group.key === open} />
          ))}
        </ul>
        {told?.next ? (
          <p className={styles.more}>
            <button type="button" onClick={() => page.change({ cursor: told.next, group: null })}>
              Less frequent ones
            </button>
          </p>
        ) : null}
        {page.params.has("cursor") ? (
          <p className={styles.more}>
            <button type="button" onClick={() => page.change({ cursor: null, group: null })}>
              Back to the most frequent
            </button>
          </p>
        ) : null}
      </Panel>
    </>
  );
}

/** A group that was linked to, wherever it stands among the pages. */
function OneGroup({ page, work, open }: { page: PageWork; work: WorkQuery; open: string }) {
  const asked = useFailures(work, { group: open, examples: 1 });
  const group = asked.data?.groups[0];
  return group ? <Group group={group} page={page} work={work} open /> : null;
}

function Group({
  group,
  page,
  work,
  open,
}: {
  group: FailureGroup;
  page: PageWork;
  work: WorkQuery | null;
  open: boolean;
}) {
  const name = group.name ?? (group.kind === "llm" ? "Model call" : group.kind);
  return (
    <li className={styles.group} data-group={group.key}>
      <button
        type="button"
        className={styles.row}
        aria-expanded={open}
        onClick={() => page.change({ group: open ? null : group.key }, true)}
      >
        <Chevron open={open} />
        <b className={styles.number}>{groupThousands(group.count)}</b>
        <span className={styles.what} title={group.signature}>
          <KindIcon kind={group.kind} /> {name}{" "}
          <span className={styles.muted}>{group.signature || group.error_class || "no message"}</span>
        </span>
        <span className={styles.trend}>
          <Sparkline values={group.trend} label={`${name}: when it failed`} />
        </span>
        <span className={styles.number}>{groupThousands(group.sessions)}</span>
        <span className={styles.number}>{formatShare(group.recovered / group.count)}</span>
        <span className={styles.number}>{group.cost_usd > 0 ? formatCost(group.cost_usd) : "–"}</span>
        <span className={styles.when}>
          <Day micros={group.first_at} />
        </span>
        <span className={styles.when}>
          <Day micros={group.last_at} />
        </span>
      </button>
      {open && work ? <Instances group={group} work={work} /> : null}
    </li>
  );
}

function Instances({ group, work }: { group: FailureGroup; work: WorkQuery }) {
  const asked = useFailures(work, { group: group.key, examples: INSTANCES });
  const examples = asked.data?.groups.find((one) => one.key === group.key)?.examples;
  if (!examples) {
    return asked.isError ? (
      <ErrorState
        what="The failures could not be loaded."
        error={asked.error}
        onRetry={() => void asked.refetch()}
      />
    ) : (
      <Skeleton rows={Math.min(6, group.count)} label="Loading the failures" />
    );
  }
  return (
    <ul className={styles.instances} data-count={group.count} aria-label={`Failures: ${group.signature}`}>
      {examples.map((one) => (
        <li key={`${one.session.id} ${one.seq}`}>
          <Link className={styles.instance} href={opHref(one.session.id, one.seq)}>
            <span className={styles.at}>
              <Day micros={one.at} />
            </span>
            <span className={styles.session}>{titleOf(one.session)}</span>
            <code className={styles.message}>{one.message ?? "no message"}</code>
            <span className={styles.muted}>{one.recovered ? "recovered" : "not recovered"}</span>
          </Link>
        </li>
      ))}
      {examples.length < group.count ? (
        <li className={styles.muted}>The newest {groupThousands(examples.length)} are shown.</li>
      ) : null}
    </ul>
  );
}
