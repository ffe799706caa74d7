import { noChildren } from "../../../core/forest";
import { rowOfSelection, selectionOf } from "../../../core/selection";
import { ACTIVITIES } from "../../../core/self-time";
import { countedOps, sumBy, turnOfSession } from "../../../core/sums";
import { opsOfTurn, turnOfOp } from "../../../core/trace";
import { NONE } from "../../../core/trace-columns";
import { TURN_ROW } from "../../../core/waterfall-rows";
import { duration, sumColumns, type TableInput, type TableModel, time, tokens } from "./model";

/** The session's turns; with sub-agents, what these did counts where they were started. */
export function turnsTable({ trace, range, scope, mask, prompts }: TableInput): TableModel {
  const { turns, ops, calls, callOf } = trace;
  const own = trace.turnsFrom[1] ?? 0;
  const startedIn = turnOfSession(trace);
  const groupOf = (op: number) => {
    const session = ops.session[op] ?? 0;
    return session === 0 ? turnOfOp(trace, op) : (startedIn[session] ?? -1);
  };
  const sums = sumBy(trace, countedOps(trace, range, scope), own, groupOf);
  const lengthOf = (turn: number) => (turns.end[turn] ?? Number.NaN) - (turns.start[turn] ?? Number.NaN);
  const rows = Uint32Array.from({ length: own }, (_, turn) => turn).filter((turn) => {
    if (!range) return true;
    const [start, end] = [turns.start[turn] ?? Number.NaN, turns.end[turn] ?? Number.NaN];
    return (sums.ops[turn] ?? 0) > 0 || (start < range.end && !(end <= range.start));
  });
  const split = (activity: (typeof ACTIVITIES)[number]) => (turn: number) =>
    sums.split[turn * ACTIVITIES.length + ACTIVITIES.indexOf(activity)] ?? 0;
  const contexts = new Float64Array(own);
  for (let turn = 0; turn < own; turn++) {
    for (const op of opsOfTurn(trace, turn)) {
      const call = callOf[op] ?? NONE;
      if (call === NONE) continue;
      contexts[turn] =
        (calls.tokens_in[call] ?? 0) + (calls.cache_read[call] ?? 0) + (calls.cache_write[call] ?? 0);
    }
  }
  let matching: Uint8Array | null = null;
  if (mask) {
    matching = new Uint8Array(own);
    for (let op = 0; op < mask.length; op++) {
      const turn = mask[op] ? groupOf(op) : -1;
      if (turn >= 0) matching[turn] = 1;
    }
  }
  return {
    what: "Turn",
    roots: rows,
    children: noChildren,
    name: (turn) => `turn ${turns.turn[turn]}`,
    columns: [
      time("start", "Start", (turn) => turns.start[turn] ?? Number.NaN),
      duration("duration", "Time", lengthOf),
      duration("model", "Model", split("model")),
      duration("tool", "Tools", split("tool")),
      duration("agent", "Agents", split("agent"), "Waited for sub-agents alone"),
      duration("wait", "Waited", (turn) => turns.wait[turn] ?? 0, "For the prompt, before the turn"),
      ...sumColumns(sums),
      tokens("context", "Context", (turn) => contexts[turn] ?? 0, "What the turn's last call was sent"),
    ],
    label: (turn) => {
      const number = turns.turn[turn] ?? 0;
      return { text: number === 0 ? "Before the first prompt" : `Turn ${number}`, note: prompts.get(number) };
    },
    selection: (turn) => selectionOf(trace, TURN_ROW, turn),
    nodeOf: (sel) => {
      const { type, ref } = rowOfSelection(trace, sel);
      if (ref === -1) return -1;
      if (type !== TURN_ROW) return groupOf(ref);
      const session = turns.session[ref] ?? 0;
      return session === 0 ? ref : (startedIn[session] ?? -1);
    },
    dimmed: (turn) => matching?.[turn] === 0,
    order: null,
    empty: "No turn lies in this range.",
  };
}
