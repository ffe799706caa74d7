import { Link } from "wouter";
import { usePreview } from "../../api/queries";
import type { Payload, SessionRow, Turn } from "../../api/types";
import { titleOf } from "../../logic/session-names";
import { formatDuration } from "../../logic/units";
import { CloseIcon } from "../../ui/icons";
import { ErrorState, Skeleton } from "../../ui/states";
import styles from "./preview.module.css";

const STATES = [
  ["model_us", "model", "var(--kind-llm)"],
  ["tool_us", "tools", "var(--kind-tool)"],
  ["agent_us", "sub-agents", "var(--kind-session)"],
  ["compaction_us", "compaction", "var(--kind-compaction)"],
  ["idle_us", "unknown", "var(--kind-system)"],
  ["wait_us", "waiting for you", "var(--kind-user)"],
] as const;

/** What a session was asked, what it answered last, and where its time went. */
export function Preview({ session, onClose }: { session: SessionRow; onClose: () => void }) {
  const { data, error, refetch } = usePreview(session.id);
  return (
    <section className={styles.preview} aria-label={`Preview of ${titleOf(session)}`}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          <Link href={`/s/${encodeURIComponent(session.id)}`}>{titleOf(session)}</Link>
        </h2>
        <Split time={session.time} />
        <button
          type="button"
          className={styles.close}
          onClick={onClose}
          aria-label="Close the preview (Space)"
        >
          <CloseIcon />
        </button>
      </div>
      {error && !data ? (
        <ErrorState what="The preview could not be loaded." error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={4} label="Loading the preview" />
      ) : (
        <div className={styles.texts}>
          <Text title="First prompt" text={promptOf(data.first)} />
          <Text title="Last answer" text={lastAnswer(data.last)} />
        </div>
      )}
    </section>
  );
}

function Split({ time }: { time: SessionRow["time"] }) {
  const parts = STATES.filter(([key]) => time[key] > 0);
  return (
    <span className={styles.split}>
      <span className={styles.strip} aria-hidden="true">
        {parts.map(([key, , colour]) => (
          <span key={key} style={{ flexGrow: time[key], background: colour }} />
        ))}
      </span>
      {parts.map(([key, word]) => `${word} ${formatDuration(time[key])}`).join(" · ")}
    </span>
  );
}

function Text({ title, text }: { title: string; text: string | undefined }) {
  return (
    <div className={styles.text}>
      <h3 className={styles.label}>{title}</h3>
      <p className={styles.prose}>{text ?? "None is recorded."}</p>
    </div>
  );
}

function promptOf(turn: Turn | undefined): string | undefined {
  return textOf(turn?.payloads ?? [], "prompt") ?? turn?.label ?? undefined;
}

/** Pages from the end backwards have the latest turn first, and in it the latest op last or first. */
function lastAnswer(turns: readonly Turn[]): string | undefined {
  const ops = turns.flatMap((turn) => turn.ops).toSorted((one, other) => other.seq - one.seq);
  for (const op of ops) {
    const answer = textOf(op.payloads, "answer");
    if (answer) return answer;
  }
  return undefined;
}

function textOf(payloads: readonly Payload[], kind: Payload["kind"]): string | undefined {
  return payloads.find((payload) => payload.kind === kind && payload.text)?.text ?? undefined;
}
