/** Flags in the overview where something is marked; a stretch of time as a bar. */

import { useMarks } from "../../api/queries";
import type { LaneCache } from "../../core/lanes";
import { rowOfSelection } from "../../core/selection";
import type { TimeAxis } from "../../core/time-axis";
import { timeOf } from "../../core/waterfall-rows";
import { type Target, targetName, targetOf } from "../../logic/marks";
import styles from "./overview.module.css";

export function OverviewMarks({ axis, lanes }: { axis: TimeAxis; lanes: LaneCache }) {
  const session = lanes.trace.head.sessions[0]?.id ?? "";
  const marks = useMarks(session).data ?? [];
  return marks.map((mark) => {
    const target = targetOf(mark);
    const time = timeOfTarget(lanes, session, target);
    if (!time) return null;
    const [left, right] = [axis.x(time.start), axis.x(time.end)];
    return (
      <span
        key={mark.id}
        className={styles.flag}
        data-flag={mark.id}
        data-colour={mark.colour}
        style={{ left, width: target.type === "range" ? Math.max(3, right - left) : undefined }}
        title={[targetName(target), mark.note].filter(Boolean).join(": ")}
      />
    );
  });
}

function timeOfTarget(lanes: LaneCache, session: string, target: Target) {
  if (target.type === "session") return undefined;
  if (target.type === "range") return target;
  const number = target.type === "op" ? target.seq : target.turn;
  return timeOf(lanes.trace, rowOfSelection(lanes.trace, { type: target.type, session, number }));
}
