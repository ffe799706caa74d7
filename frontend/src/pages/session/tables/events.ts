import type { OpKind } from "../../../api/types";
import { noChildren } from "../../../core/forest";
import { type Selection, selectionName, selectionOf } from "../../../core/selection";
import { countedOps } from "../../../core/sums";
import { OP_ROW, TURN_ROW } from "../../../core/waterfall-rows";
import { formatDuration } from "../../../logic/units";
import type { Kind } from "../../../ui/icons";
import { nameOf } from "../row-figures";
import { duration, type TableInput, type TableModel, time } from "./model";

interface Event {
  time: number;
  long: number;
  text: string;
  note?: string | undefined;
  kind: Kind;
  failed?: boolean;
  sel: Selection;
}

/** What happened besides the work itself: prompts, failures, sub-agents, compactions, what was interrupted. */
export function eventsTable({ trace, range, scope, mask, prompts }: TableInput): TableModel {
  const { ops, turns, head } = trace;
  const events: Event[] = [];
  const failed = head.statuses.indexOf("failed");
  for (const op of countedOps(trace, range, scope, mask)) {
    const kind = head.kinds[ops.kind[op] ?? 0] as OpKind;
    const status = head.statuses[ops.status[op] ?? 0];
    const isFailure = ops.status[op] === failed;
    const cut = status === "cancelled" || status === "truncated";
    if (!isFailure && !cut && kind !== "compaction" && kind !== "session") continue;
    const error = head.names[ops.error[op] ?? 0];
    events.push({
      time: ops.start[op] ?? Number.NaN,
      long: ops.duration[op] ?? Number.NaN,
      text: isFailure
        ? "Failed"
        : cut
          ? (status ?? "")
          : kind === "compaction"
            ? "Compacted"
            : "Sub-agent started",
      note: [nameOf(trace, op), error].filter(Boolean).join(": "),
      kind,
      failed: isFailure,
      sel: selectionOf(trace, OP_ROW, op),
    });
  }
  const last = scope === "self" ? (trace.turnsFrom[1] ?? 0) : turns.turn.length;
  // A filter is one of ops: of it alone is what it leaves.
  for (let turn = 0; turn < (mask ? 0 : last); turn++) {
    const start = turns.start[turn] ?? Number.NaN;
    if ((range && !(start >= range.start && start < range.end)) || turns.turn[turn] === 0) continue;
    const status = head.turn_statuses[turns.status[turn] ?? 0];
    const wait = turns.wait[turn] ?? 0;
    const own = turns.session[turn] === 0;
    events.push({
      time: start,
      long: (turns.end[turn] ?? Number.NaN) - start,
      text: own ? `Prompt ${turns.turn[turn]}` : "Asked a sub-agent",
      note: [
        own ? prompts.get(turns.turn[turn] ?? 0) : undefined,
        wait > 0 ? `after ${formatDuration(wait)}` : "",
      ]
        .filter(Boolean)
        .join(", "),
      kind: "user",
      sel: selectionOf(trace, TURN_ROW, turn),
    });
    if (status === "interrupted" || status === "failed") {
      events.push({
        time: turns.end[turn] ?? start,
        long: Number.NaN,
        text: status === "failed" ? "Turn failed" : "Interrupted",
        kind: "user",
        failed: status === "failed",
        sel: selectionOf(trace, TURN_ROW, turn),
      });
    }
  }
  events.sort((one, other) => one.time - other.time);
  const name = (node: number) => {
    const event = events[node];
    return event
      ? `${event.text} ${selectionName(event.sel)} ${"session" in event.sel ? event.sel.session : ""}`
      : "";
  };
  return {
    what: "Event",
    roots: Uint32Array.from(events.keys()),
    children: noChildren,
    name,
    columns: [
      time("start", "Time", (node) => events[node]?.time ?? Number.NaN),
      duration("duration", "Took", (node) => events[node]?.long ?? Number.NaN),
    ],
    label: (node) => {
      const event = events[node];
      return event
        ? { text: event.text, note: event.note, kind: event.kind, failed: event.failed ?? false }
        : { text: "" };
    },
    selection: (node) => events[node]?.sel ?? null,
    nodeOf: (sel) =>
      sel.type === "node"
        ? -1
        : events.findIndex(
            (event) =>
              selectionName(event.sel) === selectionName(sel) &&
              "session" in event.sel &&
              event.sel.session === sel.session,
          ),
    dimmed: () => false,
    order: null,
    empty: "Nothing of note happened in this range.",
  };
}
