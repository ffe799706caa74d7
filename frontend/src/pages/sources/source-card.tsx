import { useState } from "react";
import { Link } from "wouter";
import type { Source } from "../../api/types";
import { type Progress, rateOf, timeLeft } from "../../logic/reading-rate";
import { formatBytes, formatCount, formatDuration, groupThousands, plural } from "../../logic/units";
import { Chevron, StandingIcon } from "../../ui/icons";
import { IngestProblems } from "../../ui/ingest-problems";
import { Day } from "../../ui/metrics";
import styles from "./sources.module.css";

const MOMENTS = 6;

export function SourceCard({ source, at }: { source: Source; at: number }) {
  const records = source.records.reduce((sum, count) => sum + count.records, 0);
  const moments = useMoments({ at, read: source.bytes_read, records });
  const rate = rateOf(moments);
  const behind = source.bytes - source.bytes_read;
  const share = source.bytes > 0 ? source.bytes_read / source.bytes : 1;
  const left = timeLeft(behind, rate);
  const unknown = source.records.filter((count) => count.outcome.startsWith("unknown:"));
  return (
    <li className={styles.source} data-source={source.format} data-missing={source.exists ? undefined : ""}>
      <div className={styles.head}>
        {!source.exists ? (
          <StandingIcon standing="abandoned" label="Not there" />
        ) : behind > 0 ? (
          <StandingIcon standing="running" label="Being read" />
        ) : (
          <StandingIcon standing="completed" label="Read" />
        )}
        <h2 className={styles.title}>{source.title}</h2>
        <code className={styles.root}>{source.root}</code>
        {source.exists ? null : <span className={styles.muted}>not there</span>}
      </div>
      {source.exists || source.sessions > 0 ? (
        <dl className={styles.facts}>
          <Fact label="Format" hint="The name of the format, and the version of what reads it">
            {source.format} {source.version === null ? "" : `v${source.version}`}
          </Fact>
          <Fact label="Sessions">
            <Link
              href={`/sessions?roots=false&format=${encodeURIComponent(source.format)}`}
              data-format={source.format}
            >
              {groupThousands(source.sessions)}
            </Link>
          </Fact>
          <Fact label="Files">{groupThousands(source.files)}</Fact>
          <Fact label="On disk">{formatBytes(source.bytes)}</Fact>
          <Fact label="Records">{formatCount(records)}</Fact>
          <Fact label="Records/s" hint="Read lately, while this page is open">
            {rate
              ? rate.records < 9.95
                ? rate.records.toFixed(1)
                : formatCount(Math.round(rate.records))
              : "–"}
          </Fact>
          <Fact label="Lag" hint="How far the files are ahead of what was read">
            {source.lag_us === 0 ? "none" : formatDuration(source.lag_us)}
          </Fact>
          <Fact label="Last change">
            <Day micros={source.last_seen} />
          </Fact>
          <Fact label="Not read" bad={source.errors > 0}>
            {groupThousands(source.errors)}
          </Fact>
        </dl>
      ) : null}
      {source.exists && behind > 0 ? (
        <p className={styles.progress}>
          <progress max={1} value={share} aria-label={`${source.title}: read so far`} />
          <span>
            {Math.floor(100 * share)} % of {formatBytes(source.bytes)}
            {rate && rate.bytes > 0 ? `, ${formatBytes(Math.round(rate.bytes))}/s` : ""}
            {left === null ? "" : `, ${formatDuration(left)} left`}
          </span>
        </p>
      ) : null}
      <Retention source={source} />
      {unknown.length > 0 ? (
        <p className={styles.note}>
          <b>
            {plural(
              unknown.reduce((sum, count) => sum + count.records, 0),
              "record",
            )}{" "}
            of unknown kinds:
          </b>{" "}
          {unknown.map((count) => `${count.outcome.slice("unknown:".length)} (${count.records})`).join(", ")}.
          They are not shown; all else in their files is.
        </p>
      ) : null}
      {records > 0 ? <Outcomes source={source} records={records} /> : null}
      {source.problems.length > 0 ? <Problems source={source} /> : null}
    </li>
  );
}

/** How far it was when the page last heard of it, some times back. */
function useMoments(now: Progress): readonly Progress[] {
  const [moments, setMoments] = useState<readonly Progress[]>([now]);
  if (moments.at(-1)?.at !== now.at) setMoments([...moments, now].slice(-MOMENTS));
  return moments;
}

/** What the agent deletes by itself, and that it is kept here. */
function Retention({ source }: { source: Source }) {
  const { retention, gone } = source;
  if (!retention && gone === 0) return null;
  return (
    <p className={styles.note} data-due={retention && retention.due > 0 ? "" : undefined}>
      {retention ? (
        <>
          {source.title} deletes its transcripts after {plural(retention.days, "day")} (
          <code>cleanupPeriodDays</code> in its settings.json).{" "}
          {retention.due > 0 ? (
            <b>
              {plural(retention.due, "session")} {retention.due === 1 ? "is" : "are"} due within a week.
            </b>
          ) : retention.next_at === null ? null : (
            <>
              The next one is due on <Day micros={retention.next_at} />.
            </>
          )}{" "}
        </>
      ) : null}
      {gone > 0
        ? `${plural(gone, "session")} ${gone === 1 ? "is" : "are"} gone from disk already, and still here: `
        : ""}
      {gone > 0 || (retention && retention.due > 0)
        ? "what was read stays in the store, so back that up."
        : "What was read stays in the store."}
    </p>
  );
}

function Outcomes({ source, records }: { source: Source; records: number }) {
  const groups = groupOutcomes(source);
  return (
    <details className={styles.more}>
      <summary>
        <Chevron open={false} />
        {plural(records, "record")}:{" "}
        {groups.map((group) => `${groupThousands(group.records)} ${group.name}`).join(", ")}
      </summary>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Records</th>
          </tr>
        </thead>
        <tbody>
          {source.records.map((count) => (
            <tr key={count.outcome}>
              <td>
                <code>{count.outcome}</code>
              </td>
              <td className={styles.number}>{groupThousands(count.records)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Problems({ source }: { source: Source }) {
  const shown = source.problems.length;
  return (
    <details className={styles.more}>
      <summary>
        <Chevron open={false} />
        {shown < source.errors
          ? `The newest ${groupThousands(shown)} of ${plural(source.errors, "problem")}`
          : plural(shown, "problem")}
      </summary>
      <IngestProblems
        errors={source.problems.map((problem) => ({ ...problem, format: source.format, root: source.root }))}
      />
      {shown < source.errors ? (
        <Link href={`/failures?tab=ingest&format=${encodeURIComponent(source.format)}`}>All of them</Link>
      ) : null}
    </details>
  );
}

interface FactProps {
  label: string;
  hint?: string;
  bad?: boolean;
  children: React.ReactNode;
}

export function Fact({ label, hint, bad = false, children }: FactProps) {
  return (
    <div className={styles.fact} title={hint}>
      <dt>{label}</dt>
      <dd className={bad ? styles.bad : undefined}>{children}</dd>
    </div>
  );
}

/** `ignored:progress` and `ignored:mode` are both "ignored". */
function groupOutcomes(source: Source): { name: string; records: number }[] {
  const groups = new Map<string, number>();
  for (const { outcome, records } of source.records) {
    const name = outcome.split(":", 1)[0] ?? outcome;
    groups.set(name, (groups.get(name) ?? 0) + records);
  }
  return [...groups].map(([name, records]) => ({ name, records }));
}
