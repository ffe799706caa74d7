/** A step opened: what is known of it, then its texts. */

import type { Op } from "../../api/types";
import { OpFacts } from "./op-facts";
import styles from "./op-details.module.css";
import { StepView } from "./payloads/step-view";
import { SubAgentCard } from "./sub-agent-card";

interface OpDetailsProps {
  op: Op;
  session: string;
  /** Whether it is the step that one looks at: of that all is told. */
  current: boolean;
  /** The input of the call before, of the same tool. */
  before: string | null;
  onGo: (turn: number, seq: number) => void;
}

export default function OpDetails({ op, session, current, before, onGo }: OpDetailsProps) {
  return (
    <div className={styles.details} data-op-details={op.seq}>
      {current ? <OpFacts op={op} session={session} onGo={onGo} /> : null}
      {op.child ? <SubAgentCard child={op.child.id} op={op} /> : null}
      <StepView op={op} session={session} before={before} />
    </div>
  );
}
