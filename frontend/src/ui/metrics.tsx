/** Numbers with their provenance: what is not known, not priced, not measured is visible. */

import type { Op, Totals } from "../api/types";
import { describeInstant, formatClock, formatDay } from "../logic/time";
import {
  formatCost,
  formatCount,
  formatDuration,
  formatTotalCost,
  groupThousands,
  MISSING,
  plural,
} from "../logic/units";
import styles from "./metrics.module.css";
import { useToday } from "./today";

export function Count({ value, unit }: { value: number | null; unit: string }) {
  if (value === null) return <span className={styles.missing}>{MISSING}</span>;
  if (value === 0) return <span className={styles.missing}>0</span>;
  return <span title={`${groupThousands(value)} ${unit}`}>{formatCount(value)}</span>;
}

export function TotalCost({ totals }: { totals: Totals }) {
  const text = formatTotalCost(totals);
  if (text === MISSING) return <span className={styles.missing}>{MISSING}</span>;
  if (totals.unpriced_calls === 0) return <span title={exactCost(totals.cost_usd)}>{text}</span>;
  const why = `${plural(totals.unpriced_calls, "call")} of ${groupThousands(totals.llm_calls)} without a known price`;
  return (
    <span className={text === "unpriced" ? styles.unpriced : styles.derived} title={why}>
      {text}
    </span>
  );
}

export function OpCost({ op }: { op: Op }) {
  if (op.kind !== "llm" && op.cost_usd === null) return null;
  if (op.status === "running" && op.cost_usd === null) return null;
  if (op.replay) return null;
  if (op.cost_usd === null) {
    return (
      <span className={styles.unpriced} title={`No price is known for ${op.model ?? "this model"}`}>
        unpriced
      </span>
    );
  }
  const priced = op.cost_source !== "recorded";
  const source =
    op.cost_source === "priced"
      ? "from the price list, tokens × price"
      : op.cost_source === "override"
        ? "from your own prices, tokens × price"
        : "as recorded by the agent";
  return (
    <span className={priced ? styles.derived : undefined} title={`${exactCost(op.cost_usd)}, ${source}`}>
      {formatCost(op.cost_usd)}
    </span>
  );
}

function exactCost(usd: number): string {
  return `$${usd.toFixed(6)}`;
}

const TIMING: Record<Exclude<Op["timing"], "point">, string> = {
  measured: "Measured: the agent recorded start and end",
  derived: "Derived from the times of neighbouring records, not measured",
};

export function OpDuration({ op, live }: { op: Op; live: boolean }) {
  if (op.status === "running") {
    return live ? (
      <span className={styles.running}>running</span>
    ) : (
      <span className={styles.missing} title="No end is recorded">
        {MISSING}
      </span>
    );
  }
  if (op.timing === "point") return null;
  return (
    <span
      className={op.timing === "derived" && op.duration_us !== null ? styles.derived : undefined}
      title={TIMING[op.timing]}
    >
      {formatDuration(op.duration_us)}
    </span>
  );
}

/** Day and minute, with zone and UTC on hover. */
export function Day({ micros }: { micros: number | null }) {
  return <Instant micros={micros} text={formatDay(micros, useToday())} />;
}

/** Time of day with seconds, with day, zone and UTC on hover. */
export function Clock({ micros }: { micros: number | null }) {
  return <Instant micros={micros} text={formatClock(micros)} />;
}

function Instant({ micros, text }: { micros: number | null; text: string }) {
  if (micros === null) return <span className={styles.missing}>{text}</span>;
  return (
    <time dateTime={new Date(micros / 1000).toISOString()} title={describeInstant(micros)}>
      {text}
    </time>
  );
}
