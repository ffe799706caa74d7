/** The node of a session's topology that an op, a turn or a session is in, by the ids the server gives them. */

import type { Selection } from "./selection";
import { opRow, type Trace } from "./trace";
import { NONE } from "./trace-columns";

export type TopologyLevel = "agents" | "turns" | "calls";

/** From the most exact to what that is in: the first of these that there is. */
export function nodeIdsOfOp(trace: Trace, op: number, level: TopologyLevel): string[] {
  const { ops, calls, callOf, head } = trace;
  const session = head.sessions[ops.session[op] ?? 0]?.id ?? "";
  const child = head.sessions[ops.child[op] ?? NONE];
  const kind = head.kinds[ops.kind[op] ?? 0] ?? "";
  const call = callOf[op] ?? NONE;
  const model = call === NONE ? "" : (head.names[calls.model[call] ?? 0] ?? "");
  const name = kind === "llm" ? model : (head.names[ops.name[op] ?? 0] ?? "");
  const above = level === "agents" ? session : `${session}/${ops.turn[op] ?? 0}`;
  const own = level === "calls" ? `#${ops.seq[op] ?? 0}` : `${kind}:${name}`;
  return [
    ...(child ? [child.id] : []),
    `${above}/${own}`,
    `${above}/rest`,
    above,
    `${session}/rest`,
    session,
  ];
}

export function nodeIdsOf(trace: Trace, sel: Selection, level: TopologyLevel): string[] {
  if (sel.type === "node") return [sel.key];
  if (sel.type === "sess") return [sel.session];
  if (sel.type === "turn") return [`${sel.session}/${sel.number}`, `${sel.session}/rest`, sel.session];
  const session = trace.head.sessions.findIndex(({ id }) => id === sel.session);
  const op = session === -1 ? -1 : opRow(trace, session, sel.number);
  return op === -1 ? [] : nodeIdsOfOp(trace, op, level);
}
