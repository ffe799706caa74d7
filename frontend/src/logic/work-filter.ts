/**
 * Which work a page of statistics is about, as its address says it, and what that is to the server.
 *
 * What is typed (`q`) is one language: conditions on tools and models are about the ops that are
 * summed up, all others about their sessions. What was clicked is exact, and a parameter of its own.
 */

import type { Bounds } from "./range";
import { type Field, OF_SESSIONS, parseFilter, printPart } from "./filter";

const OF_OPS: ReadonlySet<Field> = new Set(["tool", "name", "model", "provider"]);

/** What a click can choose: exactly this value of a dimension. */
export const EXACT = [
  "agent",
  "project",
  "format",
  "status",
  "tool",
  "namespace",
  "op_model",
  "op_provider",
  "op_kind",
] as const;
export type Exact = (typeof EXACT)[number];

export const EXACT_LABELS: Record<Exact, string> = {
  agent: "agent",
  project: "project",
  format: "client",
  status: "status",
  tool: "tool",
  namespace: "namespace",
  op_model: "model",
  op_provider: "provider",
  op_kind: "kind",
};

/** The parameters that the routes of statistics share. */
export interface WorkQuery extends Bounds {
  tz?: string;
  q?: string;
  ops?: string;
  roots?: boolean;
  tree?: boolean;
  agent?: string;
  project?: string;
  format?: string;
  status?: Status;
  tool?: string;
  namespace?: string;
  op_model?: string;
  op_provider?: string;
  op_kind?: Kind;
}

const STATUSES = ["running", "completed", "failed", "abandoned", "interrupted"] as const;
type Status = (typeof STATUSES)[number];
const KINDS = ["llm", "tool", "session", "reasoning", "system", "internal", "compaction"] as const;
type Kind = (typeof KINDS)[number];

/** The browser's own zone, whose days and hours are the reader's. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What an address asks for within `bounds`; text that is not understood asks for nothing. */
export function workFromUrl(params: URLSearchParams, bounds: Bounds, tz: string = ZONE): WorkQuery {
  const subtree = params.get("tree") === "1";
  const query: WorkQuery = { tz, ...bounds, ...typed(params.get("q") ?? "") };
  if (subtree) Object.assign(query, { roots: true, tree: true });
  for (const name of EXACT) {
    const value = params.get(name);
    if (!value) continue;
    if (name === "status" && !STATUSES.some((known) => known === value)) continue;
    if (name === "op_kind" && !KINDS.some((known) => known === value)) continue;
    Object.assign(query, { [name]: value });
  }
  return query;
}

function typed(text: string): { q?: string; ops?: string } {
  let parts;
  try {
    ({ parts } = parseFilter(text, OF_SESSIONS));
  } catch {
    return {};
  }
  const isOfOps = (part: (typeof parts)[number]) => part.type === "condition" && OF_OPS.has(part.field);
  const ops = parts.filter(isOfOps).map(printPart).join(" ");
  const q = parts
    .filter((part) => !isOfOps(part))
    .map(printPart)
    .join(" ");
  return { ...(q ? { q } : {}), ...(ops ? { ops } : {}) };
}

/** Whether it asks for a part of the turns' ops, of which no turn's time can be told. */
export function isPartial(work: WorkQuery): boolean {
  return [work.ops, work.tool, work.namespace, work.op_model, work.op_provider, work.op_kind].some(
    (one) => one !== undefined,
  );
}

/** More to ask of the sessions behind a number than the number's own filter; `q` is asked as well. */
export interface Further extends Partial<WorkQuery> {
  op_failed?: boolean;
  unpriced?: boolean;
  hour_of_week?: number;
}

/** The list of the sessions that a number counts. */
export function sessionsHref(work: WorkQuery, further: Further = {}): string {
  const { q: more, ...asked } = further;
  const { since, until, q: own, ...rest } = { ...work, ...asked };
  const params = new URLSearchParams();
  const put = (name: string, value: string | number | boolean | undefined) => {
    if (value !== undefined && value !== false && value !== "") params.set(name, String(value));
  };
  put("q", [own, more].filter(Boolean).join(" "));
  put("worked_since", since);
  put("worked_until", until);
  for (const [name, value] of Object.entries(rest)) put(name, value);
  if (!params.has("roots")) params.set("roots", "false");
  return `/sessions?${params.toString()}`;
}

/** The parameters of the list of sessions that only such links use. */
export const WORKED = [
  "worked_since",
  "worked_until",
  "tz",
  "ops",
  "roots",
  "tree",
  "agent",
  "tool",
  "namespace",
  "op_model",
  "op_provider",
  "op_kind",
  "op_failed",
  "unpriced",
  "hour_of_week",
  "up_to",
] as const;

/** The bounds of as much time just before: what a period is compared with. All time has none. */
export function before(bounds: Bounds, now: number): Bounds | undefined {
  const since = instant(bounds.since, false);
  if (since === undefined) return undefined;
  const until = instant(bounds.until, true) ?? now;
  const quarter = 900 * 1e6;
  const length = Math.ceil((until - since) / quarter) * quarter;
  return { since: String(since - length), until: String(since - 1) };
}

/** Microseconds of a bound, which may be a day of the reader's. */
export function instant(bound: string | undefined, end: boolean): number | undefined {
  if (bound === undefined) return undefined;
  if (/^\d+$/.test(bound)) return Number(bound);
  const date = new Date(`${bound}T00:00:00`);
  if (end) date.setDate(date.getDate() + 1);
  return date.getTime() * 1000 - (end ? 1 : 0);
}
