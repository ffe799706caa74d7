import type { OpKind } from "../../../api/types";
import { noChildren } from "../../../core/forest";
import { rowOfSelection, selectionOf } from "../../../core/selection";
import { selfTimes } from "../../../core/self-time";
import { countedOps } from "../../../core/sums";
import { FLAGS, NONE } from "../../../core/trace-columns";
import { OP_ROW } from "../../../core/waterfall-rows";
import { formatCost, formatCount } from "../../../logic/units";
import { nameOf } from "../row-figures";
import { duration, type TableInput, type TableModel, time, tokens } from "./model";

/** Every op that began in the range and fulfils the filter. */
export function opsTable({ trace, range, scope, mask }: TableInput): TableModel {
  const { ops, calls, callOf, head } = trace;
  const self = selfTimes(trace);
  const rows = countedOps(trace, range, scope, mask).slice();
  const startOf = (op: number) => ops.start[op] ?? Number.NaN;
  rows.sort((one, other) => startOf(one) - startOf(other) || one - other);
  const failed = head.statuses.indexOf("failed");
  const ofCall = (op: number, value: (call: number) => number) => {
    const call = callOf[op] ?? NONE;
    return call === NONE ? 0 : value(call);
  };
  const cost = (op: number) => ofCall(op, (call) => calls.cost[call] ?? Number.NaN);
  return {
    what: "Op",
    roots: rows,
    children: noChildren,
    name: (op) => `${head.sessions[ops.session[op] ?? 0]?.id} ${ops.seq[op]}`,
    columns: [
      {
        key: "turn",
        title: "Turn",
        width: 44,
        value: (op) => ops.turn[op] ?? 0,
        text: (op) => String(ops.turn[op] ?? ""),
      },
      time("start", "Start", startOf),
      duration("duration", "Time", (op) => ops.duration[op] ?? Number.NaN),
      duration("self", "Self", (op) => self[op] ?? 0, "What was its alone"),
      tokens(
        "input",
        "Input",
        (op) =>
          ofCall(
            op,
            (call) =>
              (calls.tokens_in[call] ?? 0) + (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0),
          ),
        "Fresh and cached",
      ),
      tokens("output", "Output", (op) => ofCall(op, (call) => calls.tokens_out[call] ?? 0)),
      {
        key: "cost",
        title: "Cost",
        width: 68,
        value: cost,
        text: (op) =>
          cost(op) > 0 ? formatCost(cost(op) / 1e9) : (ops.flags[op] ?? 0) & FLAGS.unpriced ? "unpriced" : "",
      },
      {
        key: "context",
        title: "Context",
        width: 60,
        value: (op) => ofCall(op, (call) => calls.context_used[call] ?? 0),
        text: (op) => {
          const used = ofCall(op, (call) => calls.context_used[call] ?? 0);
          const most = ofCall(op, (call) => calls.context_max[call] ?? 0);
          return used === 0 ? "" : most > 0 ? `${Math.round((100 * used) / most)} %` : formatCount(used);
        },
      },
      {
        key: "status",
        title: "Status",
        width: 110,
        value: (op) => ops.status[op] ?? 0,
        text: (op) => {
          const status = head.statuses[ops.status[op] ?? 0] ?? "";
          return status === "completed" ? "" : head.names[ops.error[op] ?? 0] || status;
        },
      },
    ],
    label: (op) => ({
      text: nameOf(trace, op),
      kind: head.kinds[ops.kind[op] ?? 0] as OpKind,
      failed: ops.status[op] === failed,
    }),
    selection: (op) => selectionOf(trace, OP_ROW, op),
    nodeOf: (sel) => (sel.type === "op" ? rowOfSelection(trace, sel).ref : -1),
    dimmed: () => false,
    order: null,
    empty: mask ? "No op of this range matches." : "No op began in this range.",
  };
}
