/** What a catalog's page shows of one entry beside its sums. */

import { Link } from "wouter";
import type {
  Arguments,
  ContextPressure,
  FailureGroup,
  OpPlace,
  PriceBand,
  StatsGroup,
  TopSession,
} from "../../api/types";
import { catalogHref } from "../../logic/dimensions";
import { formatOf, formatShare, metricOf } from "../../logic/metrics";
import { opHref, sessionHref } from "../../logic/op-links";
import { titleOf } from "../../logic/session-names";
import { formatCost, formatCount, formatDuration, groupThousands } from "../../logic/units";
import { Histogram } from "../../ui/charts/histogram";
import { type Asked, Panel } from "../../ui/charts/panel";
import { ShareCell } from "../../ui/data-grid";
import { Day } from "../../ui/metrics";
import { pageHref } from "../../ui/page-href";
import type { PageWork } from "../../ui/use-work";
import styles from "./catalog.module.css";
import type { Kind } from "./kinds";

export function ArgumentsPanel({
  asked,
  told,
  files,
}: {
  asked: Asked;
  told: Arguments | null;
  files: boolean;
}) {
  const most = told?.groups[0]?.calls ?? 1;
  return (
    <Panel
      name="arguments"
      title={files ? "Files touched most" : "What it was asked for"}
      hint="Of a command its program, else the file, host or pattern"
      asked={asked}
      empty={told?.groups.length === 0 ? "No call tells." : undefined}
      table={
        told
          ? {
              columns: [
                { label: files ? "file" : "argument" },
                { label: "calls", numeric: true },
                { label: "failures", numeric: true },
                { label: "duration_us", numeric: true, format: (cell) => formatDuration(Number(cell)) },
              ],
              rows: told.groups.map((one) => [one.head, one.calls, one.failures, one.duration_us]),
            }
          : undefined
      }
      controls={
        told ? (
          <span className={styles.muted}>
            {told.all_calls ? "" : `newest ${groupThousands(told.calls)} calls · `}
            {groupThousands(told.different)} different
          </span>
        ) : null
      }
    >
      <ul className={styles.rows}>
        {told?.groups.map((one) => (
          <li key={one.head} className={styles.argument}>
            <code title={one.head}>{one.head}</code>
            <span className={styles.muted}>
              {one.failures > 0 ? `${formatShare(one.failures / one.calls)} failed` : ""}
            </span>
            <span className={styles.number}>
              {one.duration_us > 0 ? formatDuration(one.duration_us) : ""}
            </span>
            <ShareCell share={one.calls / most}>{groupThousands(one.calls)}</ShareCell>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function ErrorsPanel({
  asked,
  groups,
  about,
  name,
  page,
}: {
  asked: Asked;
  groups: readonly FailureGroup[];
  about: Kind;
  name: string;
  page: PageWork;
}) {
  return (
    <Panel
      name="errors"
      title="How it fails"
      asked={asked}
      empty={asked.data && groups.length === 0 ? "It did not fail." : undefined}
    >
      <ul className={styles.rows}>
        {groups.map((group) => (
          <li key={group.key}>
            <Link
              className={styles.line}
              href={pageHref("/failures", page, {
                [about.dimension.exact]: name,
                group: group.key,
              })}
              title={group.signature}
              data-count={group.count}
            >
              <span className={styles.main}>
                {about.kind === "tools" ? "" : `${group.name ?? "Model call"} `}
                {group.signature || group.error_class || "no message"}
              </span>
              <span className={styles.muted}>
                {group.recovered === group.count ? "recovered" : `${group.recovered} recovered`}
              </span>
              <b className={styles.number}>{groupThousands(group.count)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function TopPanel({
  asked,
  sessions,
  calls,
}: {
  asked: Asked;
  sessions: readonly TopSession[];
  calls: string;
}) {
  return (
    <Panel
      name="sessions"
      title={`Sessions with most ${calls}`}
      asked={asked}
      empty={asked.data && sessions.length === 0 ? "None." : undefined}
    >
      <ul className={styles.rows}>
        {sessions.map((one) => (
          <li key={one.session.id}>
            <Link className={styles.line} href={sessionHref(one.session.id)}>
              <span className={styles.main}>{titleOf(one.session)}</span>
              <span className={styles.muted}>
                <Day micros={one.last_at} />
              </span>
              <b className={styles.number}>{formatCount(one.value)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function OpsPanel({
  asked,
  ops,
  name,
  title,
}: {
  asked: Asked;
  ops: readonly OpPlace[];
  name: string;
  title: string;
}) {
  const value = (op: OpPlace) =>
    name === "priciest"
      ? op.cost_usd === null
        ? "unpriced"
        : formatCost(op.cost_usd)
      : formatDuration(op.duration_us);
  return (
    <Panel
      name={name}
      title={title}
      asked={asked}
      empty={asked.data && ops.length === 0 ? "No duration is known." : undefined}
      table={{
        columns: [
          "session",
          "turn",
          "seq",
          "kind",
          "name",
          "model",
          "status",
          "duration_us",
          "cost_usd",
          "tokens",
        ].map((label) => ({ label })),
        rows: ops.map((op) => [
          op.session.id,
          op.turn,
          op.seq,
          op.kind,
          op.name,
          op.model,
          op.status,
          op.duration_us,
          op.cost_usd,
          op.tokens,
        ]),
      }}
    >
      <ul className={styles.rows}>
        {ops.map((op) => (
          <li key={`${op.session.id} ${op.seq}`}>
            <Link className={styles.line} href={opHref(op.session.id, op.seq)}>
              <span className={styles.main}>
                {op.name ?? op.model ?? op.kind}{" "}
                <span className={styles.muted}>in {titleOf(op.session)}</span>
              </span>
              <span className={styles.muted}>
                <Day micros={op.start_ts} />
              </span>
              <b className={styles.number}>{value(op)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function GroupsPanel({
  asked,
  name,
  title,
  groups,
  measure,
  kind,
}: {
  asked: Asked;
  name: string;
  title: string;
  groups: readonly StatsGroup[];
  measure: string;
  kind: "models" | "tools";
}) {
  const metric = metricOf(measure);
  const most = Math.max(1e-12, ...groups.map((one) => metric.value(one) ?? 0));
  return (
    <Panel
      name={name}
      title={title}
      asked={asked}
      empty={asked.data && groups.length === 0 ? "None." : undefined}
      table={{
        columns: [
          { label: kind === "models" ? "model" : "tool" },
          ...["ops", "cost_usd", "tokens", "failures"].map((label) => ({ label, numeric: true })),
        ],
        rows: groups.map((one) => [one.key, one.ops, one.cost_usd, one.tokens, one.failures]),
      }}
    >
      <ul className={styles.rows}>
        {groups.map((one) => (
          <li key={one.key} className={styles.argument}>
            <Link href={catalogHref(kind, one.key)}>{one.key}</Link>
            <span className={styles.muted}>
              {one.failures > 0 ? `${groupThousands(one.failures)} failed` : ""}
            </span>
            <span />
            <ShareCell share={(metric.value(one) ?? 0) / most}>{formatOf(metric, one)}</ShareCell>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function price(usd: number | null): React.ReactNode {
  return usd === null ? <span className={styles.muted}>unknown</span> : `$${Number(usd.toPrecision(6))}`;
}

export function PricesPanel({ asked, bands }: { asked: Asked; bands: readonly PriceBand[] }) {
  return (
    <Panel
      name="prices"
      title="Prices now, per million tokens"
      asked={asked}
      empty={asked.data && bands.length === 0 ? "No price is known for this model." : undefined}
    >
      <div className={styles.matrixScroller}>
        <table className={styles.prices}>
          <thead>
            <tr>
              {["Context", "Input", "Output", "Cache read", "Write 5 min", "Write 1 h"].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bands.map((band) => (
              <tr key={band.above}>
                <th scope="row">
                  {band.above === 0
                    ? bands.length === 1
                      ? "any"
                      : `up to ${formatCount(bands[1]?.above ?? 0)}`
                    : `above ${formatCount(band.above)}`}
                </th>
                <td>{price(band.input)}</td>
                <td>{price(band.output)}</td>
                <td>{price(band.cache_read)}</td>
                <td>{price(band.cache_write_5m)}</td>
                <td>{price(band.cache_write_1h)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function ContextPanel({ asked, told }: { asked: Asked; told: ContextPressure | null }) {
  const steps = told?.steps ?? [];
  const known = steps.some((step) => step.sessions > 0);
  return (
    <Panel
      name="context"
      title="Sessions by how full its context became"
      asked={asked}
      empty={told && !known ? "The size of its context is not known." : undefined}
      table={{
        columns: [
          { label: "from %", numeric: true },
          { label: "to %", numeric: true },
          { label: "turns", numeric: true },
          { label: "sessions", numeric: true },
        ],
        rows: steps.map((step) => [step.from_percent, step.to_percent, step.turns, step.sessions]),
      }}
    >
      <Histogram
        spread={{
          none: told?.unknown_sessions ?? 0,
          steps: steps.map((step) => ({ low: step.from_percent, high: step.to_percent, n: step.sessions })),
        }}
        format={(value) => `${value} %`}
        noun={["session", "sessions"]}
        none="of unknown context"
      />
      {told && told.sessions.length > 0 ? (
        <ul className={styles.rows}>
          {told.sessions.slice(0, 3).map((one) => (
            <li key={one.session.id}>
              <Link className={styles.line} href={sessionHref(one.session.id)}>
                <span className={styles.main}>{titleOf(one.session)}</span>
                <span className={styles.muted}>{formatCount(one.context_peak)}</span>
                <b className={styles.number}>{Math.round(one.peak_percent)} %</b>
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}
