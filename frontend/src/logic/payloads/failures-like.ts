/** The page of failures, narrowed to those like one, of all time. */

import type { Op } from "../../api/types";

export function failuresLike(op: Pick<Op, "kind" | "name" | "model">): string {
  const [field, value] = op.kind === "tool" ? ["tool", op.name] : ["op_model", op.model];
  return `/failures?range=all${value ? `&${field}=${encodeURIComponent(value)}` : ""}`;
}
