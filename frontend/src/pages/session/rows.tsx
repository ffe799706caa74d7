/** One row of the transcript, by its type. */

import { Link } from "wouter";
import type { LogLine, Op, Payload, Turn } from "../../api/types";
import { summariseInput } from "../../logic/arguments";
import { turnAsText } from "../../logic/turn-text";
import { hasDetails } from "../../logic/details";
import { titleOf } from "../../logic/session-names";
import { workStanding } from "../../logic/status";
import { spanWithin, type TranscriptRow } from "../../logic/transcript-rows";
import { formatBytes, formatCount, formatDuration, formatTotalCost, plural } from "../../logic/units";
import { CopyButton } from "../../ui/copy-button";
import { Chevron, KIND_LABELS, KindIcon, StandingIcon } from "../../ui/icons";
import { Clock, Count, Day, OpCost, OpDuration, TotalCost } from "../../ui/metrics";
import { OpDetails } from "./lazy-details";
import { PayloadView } from "./payload";
import { ErrorView } from "./payloads/error-view";
import styles from "./rows.module.css";

interface RowViewProps {
  row: TranscriptRow;
  session: string;
  /** Whether the session is being written to. */
  live: boolean;
  /** A turn's head that stays while its steps pass below. */
  stuck: boolean;
  current: boolean;
  open: boolean;
  /** The input of the call before, of the same tool. */
  before: string | null;
  /** Makes its rows' ids its own where several transcripts are shown. */
  idPrefix?: string;
  onToggle: () => void;
  onGo: (turn: number, seq: number) => void;
}

export function RowView({
  row,
  session,
  live,
  stuck,
  current,
  open,
  before,
  idPrefix = "",
  onToggle,
  onGo,
}: RowViewProps) {
  const focus = { id: `${idPrefix}${row.key}`, tabIndex: -1, "data-current": current ? "" : undefined };
  switch (row.type) {
    case "turn":
      return (
        <TurnHead
          turn={row.turn}
          live={live}
          labelled={stuck || row.turn.payloads.length === 0}
          focus={focus}
        />
      );
    case "prompt":
      return <Prompt turn={row.turn} session={session} open={open} onToggle={onToggle} focus={focus} />;
    case "answer":
      return (
        <div
          className={styles.answer}
          data-replay={row.op.replay ? "" : undefined}
          style={indent(row.depth)}
          {...focus}
        >
          <PayloadView session={session} payload={row.payload} as="markdown" />
        </div>
      );
    case "gap":
      return (
        <p className={styles.gap} data-missing={row.missing} {...focus}>
          {plural(row.missing, "step")} of this turn not shown yet
        </p>
      );
    case "logs":
      return <Logs logs={row.logs} open={open} onToggle={onToggle} focus={focus} />;
    case "op":
      return row.op.kind === "compaction" ? (
        <Compaction
          op={row.op}
          session={session}
          open={open}
          current={current}
          before={before}
          onToggle={onToggle}
          onGo={onGo}
          focus={focus}
        />
      ) : (
        <OpRow
          op={row.op}
          turn={row.turn}
          depth={row.depth}
          session={session}
          live={live}
          open={open}
          current={current}
          before={before}
          onToggle={onToggle}
          onGo={onGo}
          focus={focus}
        />
      );
  }
}

interface Focus {
  id: string;
  tabIndex: number;
  "data-current": string | undefined;
}

function indent(depth: number): React.CSSProperties {
  return { "--depth": Math.min(depth, 4) } as React.CSSProperties;
}

function TurnHead({
  turn,
  live,
  labelled,
  focus,
}: {
  turn: Turn;
  live: boolean;
  labelled: boolean;
  focus: Focus;
}) {
  const cost = formatTotalCost(turn.totals);
  const context = contextShare(turn);
  return (
    <div className={styles.turn} data-turn={turn.turn} {...focus}>
      <StandingIcon standing={workStanding(turn, live)} />
      <h2 className={styles.turnTitle}>
        <span className={styles.turnNumber}>
          {turn.turn === 0 ? "Before the first prompt" : `#${turn.turn}`}
        </span>
        {turn.label && labelled ? <span className={styles.turnLabel}>{turn.label}</span> : null}
      </h2>
      <span className={styles.turnFacts}>
        <Day micros={turn.start_ts} />
        <span>
          {turn.status === "running"
            ? live
              ? "running"
              : "no end recorded"
            : formatDuration(turn.duration_us)}
        </span>
        <span>{plural(turn.totals.ops, "op")}</span>
        {turn.replays > 0 ? <span>{formatCount(turn.replays)} copied</span> : null}
        {context === undefined ? null : (
          <span title={`Most tokens held in the model's context: ${formatCount(turn.context_peak)}`}>
            ctx {context}
          </span>
        )}
        {turn.totals.llm_calls > 0 ? (
          <span className={styles.turnTokens} title="Fresh input, output and cached tokens">
            {formatCount(turn.totals.tokens_in)} in, {formatCount(turn.totals.tokens_out)} out,{" "}
            {formatCount(turn.totals.tokens_cache_read)} cache
          </span>
        ) : null}
        {cost === "–" ? null : (
          <span>
            <TotalCost totals={turn.totals} />
          </span>
        )}
        {turn.totals.failures > 0 ? (
          <b className={styles.bad}>{formatCount(turn.totals.failures)} failed</b>
        ) : null}
      </span>
      <CopyButton text={turnAsText(turn)} label={`Copy turn ${turn.turn} as text`} />
      {turn.error_message ? (
        <p className={styles.turnError}>
          {turn.error_class ? <b>{turn.error_class}: </b> : null}
          {turn.error_message}
        </p>
      ) : null}
    </div>
  );
}

/** How full the context was at most; in tokens where its size is not known. */
function contextShare(turn: Turn): string | undefined {
  if (turn.context_peak === 0) return undefined;
  const max = turn.ops.findLast((op) => op.context_max !== null)?.context_max;
  return max ? `${Math.round((100 * turn.context_peak) / max)}%` : formatCount(turn.context_peak);
}

interface PromptProps {
  turn: Turn;
  session: string;
  open: boolean;
  onToggle: () => void;
  focus: Focus;
}

/** What the user said; what the agent's program added to it is there on demand. */
function Prompt({ turn, session, open, onToggle, focus }: PromptProps) {
  const said = turn.payloads.filter((payload) => payload.kind !== "context");
  const added = turn.payloads.filter((payload) => payload.kind === "context");
  const bytes = added.reduce((sum, payload) => sum + payload.bytes, 0);
  return (
    <div className={styles.prompt} {...focus}>
      <span className={styles.time}>
        <Clock micros={turn.start_ts} />
      </span>
      <KindIcon kind="user" />
      <div className={styles.body}>
        {said.map((payload) => (
          <PayloadView key={payload.id} session={session} payload={payload} as="prompt" />
        ))}
        {added.length > 0 ? (
          <button type="button" className={styles.added} aria-expanded={open} onClick={onToggle}>
            <Chevron open={open} />
            {plural(added.length, "text")} added by the agent's program, {formatBytes(bytes)}
          </button>
        ) : null}
        {open
          ? added.map((payload) => (
              <div key={payload.id} className={styles.context}>
                <PayloadView session={session} payload={payload} as="output" />
              </div>
            ))
          : null}
      </div>
    </div>
  );
}

interface OpRowProps {
  op: Op;
  turn: Turn;
  depth: number;
  session: string;
  live: boolean;
  open: boolean;
  current: boolean;
  before: string | null;
  onToggle: () => void;
  onGo: (turn: number, seq: number) => void;
  focus: Focus;
}

function OpRow({ op, turn, depth, session, live, open, current, before, onToggle, onGo, focus }: OpRowProps) {
  const details = hasDetails(op);
  const span = spanWithin(op, turn);
  const standing = workStanding(op, live);
  const cache =
    (op.tokens_cache_read ?? 0) + (op.tokens_cache_write_5m ?? 0) + (op.tokens_cache_write_1h ?? 0);
  const reasoning = op.payloads.filter((payload) => payload.kind === "reasoning");
  const step = (
    <>
      {details ? <Chevron open={open} /> : null}
      <b className={styles.name}>{nameOf(op)}</b>
      <span className={op.kind === "tool" ? styles.code : styles.summary}>{summaryOf(op)}</span>
    </>
  );
  return (
    <div
      className={styles.op}
      data-op-seq={op.seq}
      data-kind={op.kind}
      data-status={op.status}
      data-replay={op.replay ? "" : undefined}
      style={indent(depth)}
      {...focus}
    >
      <div className={styles.line}>
        <span className={styles.time}>
          <Clock micros={op.start_ts} />
        </span>
        <KindIcon kind={op.kind} />
        <div className={styles.step}>
          {details ? (
            <button type="button" className={styles.toggle} aria-expanded={open} onClick={onToggle}>
              {step}
            </button>
          ) : (
            <span className={styles.plain}>{step}</span>
          )}
          {op.child ? (
            <Link className={styles.childLink} href={`/s/${encodeURIComponent(op.child.id)}`}>
              Open sub-agent ›
            </Link>
          ) : null}
          {standing === "completed" || standing === "idle" ? null : <StandingIcon standing={standing} />}
          {op.replay ? (
            <span className={styles.badge} title="Copied from another session; in no total">
              copy
            </span>
          ) : null}
        </div>
        <span className={styles.number}>
          {op.kind === "llm" ? <Count value={op.tokens_in} unit="fresh input tokens" /> : null}
        </span>
        <span className={styles.number}>
          {op.kind === "llm" ? <Count value={op.tokens_out} unit="output tokens" /> : null}
        </span>
        <span className={styles.number} title={cacheHint(op)}>
          {op.kind === "llm" ? formatCount(cache) : null}
        </span>
        <span className={styles.number}>
          <OpCost op={op} />
        </span>
        <span className={styles.track} aria-hidden="true">
          {span ? (
            <span
              className={styles.bar}
              style={{ left: `${span.left}%`, width: `max(2px, ${span.width}%)` }}
            />
          ) : null}
        </span>
        <span className={styles.number}>
          <OpDuration op={op} live={live} />
        </span>
      </div>
      {op.error_message || op.error_class ? (
        <div className={styles.error}>
          <ErrorView op={op} />
        </div>
      ) : null}
      {op.kind === "reasoning"
        ? reasoning.map((payload) => (
            <div key={payload.id} className={styles.reasoning} data-reasoning>
              <PayloadView session={session} payload={payload} as="reasoning" />
            </div>
          ))
        : null}
      {details && open ? (
        <OpDetails op={op} session={session} current={current} before={before} onGo={onGo} />
      ) : null}
    </div>
  );
}

function Compaction({
  op,
  session,
  open,
  current,
  before: input,
  onToggle,
  onGo,
  focus,
}: Omit<OpRowProps, "turn" | "depth" | "live">) {
  const before = op.context_used;
  const text = before ? `Context compacted at ${formatCount(before)} tokens` : "Context compacted";
  return (
    <div
      className={styles.compaction}
      data-op-seq={op.seq}
      data-kind={op.kind}
      data-status={op.status}
      {...focus}
    >
      <div className={styles.divider}>
        <KindIcon kind="compaction" />
        {hasDetails(op) ? (
          <button type="button" className={styles.dividerButton} aria-expanded={open} onClick={onToggle}>
            {text}
            <Chevron open={open} />
          </button>
        ) : (
          <span>{text}</span>
        )}
        <Clock micros={op.start_ts} />
      </div>
      {open ? <OpDetails op={op} session={session} current={current} before={input} onGo={onGo} /> : null}
    </div>
  );
}

function Logs({
  logs,
  open,
  onToggle,
  focus,
}: {
  logs: LogLine[];
  open: boolean;
  onToggle: () => void;
  focus: Focus;
}) {
  const worst = logs.filter((log) => log.severity === "warning" || log.severity === "error").length;
  return (
    <div className={styles.logs} {...focus}>
      <button type="button" className={styles.logsToggle} aria-expanded={open} onClick={onToggle}>
        <Chevron open={open} />
        {plural(logs.length, "notice")} of the agent
        {worst > 0 ? <span className={styles.worst}>{plural(worst, "warning")}</span> : null}
      </button>
      {open ? (
        <ol>
          {logs.map((log) => (
            <li key={log.n} className={styles.log} data-severity={log.severity}>
              <Clock micros={log.ts} />
              <span>{log.severity}</span>
              <span>{log.name}</span>
              <span className={styles.logMessage}>{log.message}</span>
            </li>
          ))}
        </ol>
      ) : null}
    </div>
  );
}

export function nameOf(op: Op): string {
  if (op.kind === "llm") return op.model ?? op.name ?? "Model call";
  if (op.kind === "reasoning") return "Reasoning";
  if (op.namespace?.startsWith("mcp:")) return `${op.namespace.slice(4)} › ${op.name ?? "tool"}`;
  return op.name ?? KIND_LABELS[op.kind];
}

export function summaryOf(op: Op): string {
  if (op.kind === "session" && op.child) return titleOf(op.child);
  if (op.kind === "llm") return contextOf(op);
  if (op.kind === "reasoning") return op.payloads.length === 0 ? "redacted: its text is not recorded" : "";
  const input = op.payloads.find((payload: Payload) => payload.kind === "tool_input");
  return summariseInput(input?.text ?? null);
}

function contextOf(op: Op): string {
  if (op.context_used === null) return "";
  const share = op.context_max ? `, ${Math.round((100 * op.context_used) / op.context_max)} %` : "";
  return `context ${formatCount(op.context_used)}${share}`;
}

function cacheHint(op: Op): string | undefined {
  if (op.kind !== "llm") return undefined;
  const written = (op.tokens_cache_write_5m ?? 0) + (op.tokens_cache_write_1h ?? 0);
  return `${formatCount(op.tokens_cache_read)} read from the cache, ${formatCount(written)} written to it`;
}
