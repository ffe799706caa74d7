import { rowOfSelection } from "../../../core/selection";
import { countedOps, costOf, sumBy } from "../../../core/sums";
import { NONE } from "../../../core/trace-columns";
import { TURN_ROW } from "../../../core/waterfall-rows";
import { formatTotalCost, MISSING } from "../../../logic/units";
import {
  duration,
  sumColumns,
  type TableColumn,
  type TableInput,
  type TableModel,
  time,
  tokens,
} from "./model";

/** The session and what it started, each below the one that started it. */
export function agentsTable({ trace, range, scope, mask }: TableInput): TableModel {
  const { ops, calls, callOf, head } = trace;
  const { sessions } = head;
  const rows = countedOps(trace, range, "tree");
  const own = sumBy(trace, rows, sessions.length, (op) => ops.session[op] ?? -1);
  const below: number[][] = sessions.map(() => []);
  sessions.forEach(({ parent }, session) => {
    if (session > 0) below[parent ?? 0]?.push(session);
  });
  const tree = {
    ...own,
    cost: own.cost.slice(),
    unpriced: own.unpriced.slice(),
    tokensIn: own.tokensIn.slice(),
  };
  // Each comes after the one that started it.
  for (let session = sessions.length - 1; session > 0; session--) {
    const parent = sessions[session]?.parent ?? 0;
    for (const measure of ["cost", "unpriced", "tokensIn"] as const) {
      tree[measure][parent] = (tree[measure][parent] ?? 0) + (tree[measure][session] ?? 0);
    }
  }
  const peak = new Float64Array(sessions.length);
  for (const op of rows) {
    const call = callOf[op] ?? NONE;
    const session = ops.session[op] ?? 0;
    if (call !== NONE) peak[session] = Math.max(peak[session] ?? 0, calls.context_used[call] ?? 0);
  }
  const withSubs: TableColumn = {
    key: "tree",
    title: "With subs",
    hint: "Cost with all that it started",
    width: 72,
    value: (session) => tree.cost[session] ?? 0,
    text: (session) => {
      const text = formatTotalCost(costOf(tree, session));
      return text === MISSING ? "" : text;
    },
  };
  const children = below.map((list) => Uint32Array.from(list));
  const matching =
    mask && sessions.map(({ first_op: from, ops: many }) => mask.subarray(from, from + many).includes(1));
  return {
    what: "Agent",
    roots: Uint32Array.of(0),
    children: (session) =>
      scope === "self" ? new Uint32Array(0) : (children[session] ?? new Uint32Array(0)),
    name: (session) => sessions[session]?.id ?? "",
    columns: [
      time("start", "Start", (session) => sessions[session]?.started_at ?? Number.NaN),
      duration("wall", "Wall", (session) => {
        const { started_at: from, last_at: to } = sessions[session] ?? { started_at: null, last_at: null };
        return from === null || to === null ? Number.NaN : to - from;
      }),
      duration("self", "Work", (session) => own.self[session] ?? 0, "In which anything of it ran"),
      ...sumColumns(own),
      withSubs,
      tokens("peak", "Peak", (session) => peak[session] ?? 0, "Most tokens in its context"),
    ],
    label: (session) => {
      const { agent, title } = sessions[session] ?? { agent: null, title: null };
      return {
        text: agent ?? (session === 0 ? "This session" : "Sub-agent"),
        note: title ?? undefined,
        kind: "session",
      };
    },
    selection: (session) => {
      const id = sessions[session]?.id;
      return id === undefined ? null : { type: "sess", session: id };
    },
    nodeOf: (sel) => {
      if (sel.type === "sess") return sessions.findIndex(({ id }) => id === sel.session);
      const { type, ref } = rowOfSelection(trace, sel);
      if (ref === -1) return -1;
      return (type === TURN_ROW ? trace.turns.session[ref] : ops.session[ref]) ?? -1;
    },
    dimmed: (session) => matching?.[session] === false,
    order: null,
    empty: "There is no session.",
  };
}
