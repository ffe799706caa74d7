import type { Trace } from "../../core/trace";
import type { Workbench } from "../../core/selection";
import styles from "./hover-card.module.css";
import { nameOf, opFacts } from "./row-figures";
import { useBenchState } from "./use-bench";
import type { Point } from "./use-plot";

interface HoverCardProps {
  /** Where the pointer is, and the size of what it is over. */
  at: React.RefObject<Point>;
  width: number;
  height: number;
}

/** The op under the pointer, in words. */
export function OpCard({ bench, trace, ...place }: HoverCardProps & { bench: Workbench; trace: Trace }) {
  const op = useBenchState(bench, (state) => state.hover);
  if (op === null || op >= trace.ops.seq.length) return null;
  return <HoverCard title={nameOf(trace, op)} facts={opFacts(trace, op)} {...place} />;
}

export function HoverCard({
  title,
  facts,
  at,
  width,
  height,
}: HoverCardProps & { title: string; facts: readonly string[] }) {
  const { x, y } = at.current;
  const place: React.CSSProperties = {
    ...(x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }),
    ...(y > height / 2 ? { bottom: height - y + 12 } : { top: y + 14 }),
  };
  return (
    <div className={styles.card} style={place} aria-hidden="true">
      <b>{title}</b>
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}
