import { useMemo } from "react";
import { contextLine, type LaneSums } from "../../core/lane-rows";
import { ACTIVITIES } from "../../core/self-time";
import type { Trace } from "../../core/trace";
import { modelName } from "../../logic/session-names";
import { formatCount, formatDuration, formatTotalCost, MISSING, plural } from "../../logic/units";
import { KindIcon, StandingIcon } from "../../ui/icons";
import styles from "./lanes-view.module.css";

const SPARK = { width: 56, height: 14 };
const ACTIVITY_TEXT: Record<string, string> = {
  compaction: "compacting",
  model: "model",
  tool: "tools",
  agent: "waiting for sub-agents",
};

interface LaneHeadProps {
  trace: Trace;
  session: number;
  sums: LaneSums;
  depth: number;
  index: number;
  top: number;
  height: number;
  live: boolean;
  pinned: boolean;
  chosen: boolean;
  /** The pointer is on who waits for it. */
  lit: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

/** Who works in a lane, with what, how long and for how much. */
export function LaneHead(props: LaneHeadProps) {
  const { trace, session, sums, depth, index, top, height, live, pinned, chosen, lit, onChoose, onOpen } =
    props;
  const head = trace.head.sessions[session];
  const name = head?.agent ?? (session === 0 ? "main" : "Sub-agent");
  const long = Number.isNaN(sums.end - sums.start) ? null : sums.end - sums.start;
  const cost = formatTotalCost({
    cost_usd: sums.cost / 1e9,
    unpriced_calls: sums.unpriced,
    tokens_in: sums.tokens,
    tokens_out: 0,
    tokens_cache_read: 0,
    tokens_cache_write: 0,
  });
  return (
    // The keyboard chooses in the grid as a whole; this is the pointer's way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={`lane-${session}`}
      className={styles.lane}
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 1}
      aria-selected={chosen}
      data-lane={head?.id}
      data-lit={lit ? "" : undefined}
      data-cost={sums.cost / 1e9}
      data-ops={sums.ops}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={onChoose}
      onDoubleClick={session === 0 ? undefined : onOpen}
    >
      <span className={styles.name} role="gridcell" style={{ paddingLeft: Math.min(depth, 6) * 10 }}>
        <KindIcon kind={session === 0 ? "user" : "session"} />
        {sums.failures > 0 ? (
          <StandingIcon standing="failed" label={plural(sums.failures, "failure")} />
        ) : null}
        <span className={styles.text} title={[name, head?.title].filter(Boolean).join(": ")}>
          {pinned ? <span title="Pinned">▴ </span> : null}
          <b>{name}</b>
          {head?.title && session !== 0 ? <span className={styles.title}> {head.title}</span> : null}
        </span>
      </span>
      <span className={styles.cost} role="gridcell">
        {cost === MISSING ? "" : cost}
      </span>
      <span className={styles.facts} role="gridcell">
        <span className={styles.model} title={head?.model ?? undefined}>
          {head?.model ? modelName(head.model) : MISSING}
        </span>
        <Spark trace={trace} session={session} />
        <Split split={sums.split} />
      </span>
      <span className={styles.duration} role="gridcell" title="From its first step to its last">
        {live ? "running" : formatDuration(long)}
      </span>
    </div>
  );
}

/** Model, tools and sub-agents as parts of the time in which anything ran. */
function Split({ split }: { split: Float64Array }) {
  const all = split.reduce((sum, part) => sum + part, 0);
  const parts = ACTIVITIES.map((activity, place) => ({ activity, micros: split[place] ?? 0 })).filter(
    ({ micros }) => micros > 0,
  );
  const text = parts
    .map(({ activity, micros }) => `${formatDuration(micros)} ${ACTIVITY_TEXT[activity]}`)
    .join(", ");
  return (
    <span className={styles.split} title={text || "No times are known"}>
      <span className="visually-hidden">{text}</span>
      {parts.map(({ activity, micros }) => (
        <span key={activity} data-activity={activity} style={{ width: `${(100 * micros) / all}%` }} />
      ))}
    </span>
  );
}

/** How full the context was, call by call. */
function Spark({ trace, session }: { trace: Trace; session: number }) {
  const line = useMemo(() => contextLine(trace, session, SPARK.width / 2), [trace, session]);
  const most = line.reduce((one, other) => Math.max(one, other), 0);
  if (most === 0) return <span className={styles.spark} />;
  const points = line
    .map((value, place) => {
      const x = line.length > 1 ? (place * SPARK.width) / (line.length - 1) : SPARK.width / 2;
      return `${x.toFixed(1)},${(SPARK.height - 1 - (value * (SPARK.height - 2)) / most).toFixed(1)}`;
    })
    .join(" ");
  const text = `Context: at most ${formatCount(most)} tokens, ${formatCount(line.at(-1) ?? 0)} at the end`;
  return (
    <svg className={styles.spark} viewBox={`0 0 ${SPARK.width} ${SPARK.height}`} role="img" aria-label={text}>
      <title>{text}</title>
      <polygon points={`0,${SPARK.height} ${points} ${SPARK.width},${SPARK.height}`} />
      <polyline points={points} />
    </svg>
  );
}
