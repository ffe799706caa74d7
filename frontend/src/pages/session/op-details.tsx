import type { Op, Payload } from "../../api/types";
import { formatBytes } from "../../logic/units";
import { PayloadView } from "./payload";
import styles from "./op-details.module.css";

/** What is shown elsewhere: answers are rows of their own, reasoning stands under its head. */
function detailPayloads(op: Op): Payload[] {
  return op.payloads.filter(
    (payload) => payload.kind !== "answer" && !(op.kind === "reasoning" && payload.kind === "reasoning"),
  );
}

export function hasDetails(op: Op): boolean {
  return detailPayloads(op).length > 0;
}

const LABELS: Record<Payload["kind"], string> = {
  prompt: "Prompt",
  answer: "Answer",
  reasoning: "Reasoning",
  tool_input: "Input",
  tool_output: "Output",
  error: "Error",
  summary: "Summary",
  context: "Context",
};

/** An op's input and output. */
export function OpDetails({ op, session }: { op: Op; session: string }) {
  return (
    <div className={styles.details}>
      {detailPayloads(op).map((payload) => (
        <section key={payload.id} className={styles.payload} data-payload={payload.kind}>
          <h3 className={styles.label}>
            {LABELS[payload.kind]}
            <span className={styles.size}>{formatBytes(payload.bytes)}</span>
          </h3>
          <PayloadView session={session} payload={payload} as={viewOf(payload)} tool={op.name} />
        </section>
      ))}
    </div>
  );
}

function viewOf(payload: Payload): "input" | "output" | "markdown" {
  if (payload.kind === "tool_input") return "input";
  if (payload.kind === "summary" || payload.kind === "prompt") return "markdown";
  return "output";
}
