/** What there is to see of a step once it is opened. */

import type { Op, Payload } from "../api/types";

/** What is shown elsewhere: answers are rows of their own, reasoning stands under its head. */
export function detailPayloads(op: Op): Payload[] {
  return op.payloads.filter(
    (payload) => payload.kind !== "answer" && !(op.kind === "reasoning" && payload.kind === "reasoning"),
  );
}

/** Whether there is more of it than its line: texts, or a call's tokens and price. */
export function hasDetails(op: Op): boolean {
  return detailPayloads(op).length > 0 || op.kind === "llm" || op.child !== null;
}

export function isText({ media_type: type }: Pick<Payload, "media_type">): boolean {
  return type.startsWith("text/") || /[/+](json|xml)$/.test(type);
}
