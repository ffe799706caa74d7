/** All that is known of one step: its time and how that is known, its tokens and price, its place. */

import { useOp } from "../../api/queries";
import type { Op, OpDetail, OpLink } from "../../api/types";
import { priceTerms } from "../../logic/price-words";
import { describeInstant, formatClock } from "../../logic/time";
import { formatBytes, formatDuration, groupThousands, MISSING, plural } from "../../logic/units";
import { CopyButton } from "../../ui/copy-button";
import { KIND_LABELS } from "../../ui/icons";
import { OpCost } from "../../ui/metrics";
import styles from "./op-facts.module.css";

const TIMINGS: Record<Op["timing"], string> = {
  measured: "measured: the agent recorded start and end",
  derived: "derived from neighbouring records",
  point: "one instant",
};
const SOURCES: Record<string, string> = {
  recorded: "as the agent recorded it",
  priced: "from the price list",
  override: "from your own prices",
};
const MOST_PARTS = 12;

interface OpFactsProps {
  op: Op;
  session: string;
  onGo: (turn: number, seq: number) => void;
}

export function OpFacts({ op, session, onGo }: OpFactsProps) {
  const detail = useOp(session, op.seq, `${op.status} ${op.end_ts}`, true);
  const cached = (op.tokens_cache_write_5m ?? 0) + (op.tokens_cache_write_1h ?? 0);
  return (
    <dl className={styles.facts} data-facts={op.seq}>
      <Fact label="Time">
        <span title={describeInstant(op.start_ts)}>{formatClock(op.start_ts)}</span>
        {op.end_ts !== null && op.timing !== "point" ? (
          <span title={describeInstant(op.end_ts)}> → {formatClock(op.end_ts)}</span>
        ) : null}
        {op.duration_us === null || op.timing === "point" ? null : <b> {formatDuration(op.duration_us)}</b>}
        <span className={styles.muted}>
          {" "}
          {op.end_ts === null ? "no end is recorded" : TIMINGS[op.timing]}
        </span>
      </Fact>
      {op.kind === "llm" ? (
        <Fact label="Tokens">
          {number(op.tokens_in)} fresh · {number(op.tokens_cache_read)} cache read · {groupThousands(cached)}{" "}
          cache write · {number(op.tokens_out)} out
          {op.tokens_reasoning ? ` (${groupThousands(op.tokens_reasoning)} reasoning)` : ""}
          {op.context_used === null
            ? ""
            : ` · context ${groupThousands(op.context_used)}${op.context_max ? ` of ${groupThousands(op.context_max)}, ${Math.round((100 * op.context_used) / op.context_max)} %` : ""}`}
        </Fact>
      ) : null}
      {op.kind === "llm" || op.cost_usd !== null ? (
        <Fact label="Cost">
          <OpCost op={op} />
          <span className={styles.muted}>
            {" "}
            {op.replay ? "copied from another session: in no total" : (SOURCES[op.cost_source ?? ""] ?? "")}
            {op.tier ? `, billed as ${op.tier}` : ""}
          </span>
          {detail.data?.price ? (
            <ul className={styles.terms}>
              {priceTerms(detail.data.price).map((term) => (
                <li key={term}>{term}</li>
              ))}
            </ul>
          ) : null}
        </Fact>
      ) : null}
      {detail.data ? <Links detail={detail.data} onGo={onGo} /> : null}
      <Fact label="Ids">
        <span>op {op.seq}</span>
        {op.native_id ? (
          <>
            {" "}
            · <code>{op.native_id}</code>
            <CopyButton text={op.native_id} label="Copy the id" />
          </>
        ) : null}
        {op.provider ? <span className={styles.muted}> {op.provider}</span> : null}
        {op.bytes_in !== null || op.bytes_out !== null ? (
          <span className={styles.muted}>
            {" "}
            {formatBytes(op.bytes_in)} in, {formatBytes(op.bytes_out)} out
          </span>
        ) : null}
      </Fact>
      {detail.data?.file ? <Source detail={detail.data} /> : null}
      {detail.isError ? (
        <Fact label="More">
          <span role="alert" className={styles.bad}>
            could not be loaded: {detail.error.message}{" "}
            <button type="button" className={styles.link} onClick={() => void detail.refetch()}>
              Try again
            </button>
          </span>
        </Fact>
      ) : null}
    </dl>
  );
}

function Links({ detail, onGo }: { detail: OpDetail; onGo: OpFactsProps["onGo"] }) {
  const { parent, parts, part_count: count } = detail;
  if (!parent && count === 0) return null;
  return (
    <Fact label="Belongs">
      {parent ? (
        <>
          to <Go link={parent} onGo={onGo} />{" "}
        </>
      ) : null}
      {count > 0 ? (
        <>
          has {plural(count, "part")}:{" "}
          {parts.slice(0, MOST_PARTS).map((part) => (
            <Go key={part.seq} link={part} onGo={onGo} />
          ))}
          {count > MOST_PARTS ? ` and ${groupThousands(count - MOST_PARTS)} more` : ""}
        </>
      ) : null}
    </Fact>
  );
}

function Go({ link, onGo }: { link: OpLink; onGo: OpFactsProps["onGo"] }) {
  return (
    <button type="button" className={styles.link} onClick={() => onGo(link.turn, link.seq)}>
      #{link.seq} {link.name ?? KIND_LABELS[link.kind]}
      {link.status === "failed" ? " ✕" : ""}
    </button>
  );
}

function Source({ detail: { file, offset } }: { detail: OpDetail }) {
  if (!file) return null;
  const place = `${file.root}/${file.path}`;
  return (
    <Fact label="Source">
      <span className={styles.source}>
        <code className={styles.path} title={place}>
          {file.path}
        </code>
        {offset === null ? null : <span className={styles.muted}>byte {groupThousands(offset)}</span>}
        <CopyButton text={place} label={`Copy ${place}`} />
      </span>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function number(value: number | null): string {
  return value === null ? MISSING : groupThousands(value);
}
