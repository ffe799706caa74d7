/** The page of failures, narrowed to those like one. */

import type { Op } from "../../api/types";

export function failuresLike(op: Pick<Op, "kind" | "name" | "model">): string {
  const narrowed = op.kind === "tool" ? ["tool", op.name] : ["model", op.model];
  const [field = "", value] = narrowed;
  return value ? `/failures?${field}=${encodeURIComponent(value)}` : "/failures";
}
