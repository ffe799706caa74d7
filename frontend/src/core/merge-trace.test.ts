import { expect, test } from "vitest";
import { mergeTrace } from "./merge-trace";
import type { Trace } from "./trace";
import { type DrawnOp, drawTrace } from "./trace-picture";

const CALL = (start: number, name: string): DrawnOp => ({
  kind: "llm",
  start,
  duration: 1,
  tokens: start,
  cost: 1,
  model: name,
});
const MAIN: DrawnOp[][] = [
  [CALL(0, "opus"), { kind: "tool", start: 1, name: "Bash", parent: 1 }],
  [CALL(10, "opus"), { kind: "session", start: 11, child: 1, name: "Task", parent: 3 }],
];
const CHILD: DrawnOp[][] = [[CALL(12, "haiku")]];

/** A trace as it is told to one who has all but the turns from `from` on: `undefined`, not told at all. */
function cut(trace: Trace, from: (number | null | undefined)[], sessions: DrawnOp[][][]): Trace {
  const told = sessions.map((turns, session) => {
    const begin = from[session];
    return typeof begin === "number" ? turns.map((turn, number) => (number + 1 < begin ? [] : turn)) : [];
  });
  const drawn = drawTrace(...told);
  drawn.head.reset = false;
  drawn.head.tree_sessions = trace.head.tree_sessions;
  drawn.head.revision = 9;
  drawn.head.sessions.forEach((session, index) => {
    session.from_turn = from[index] ?? null;
    session.parent = trace.head.sessions[index]?.parent ?? null;
  });
  return drawn;
}

/** What of a trace is the same however it was put together: the order of names is not. */
function picture({ head, ops, calls, turns }: Trace) {
  const name = (index: number | undefined) => head.names[index ?? 0];
  return {
    sessions: head.sessions.map(({ id, parent, parent_op, first_op, ops: many }) => [
      id,
      parent,
      parent_op,
      first_op,
      many,
    ]),
    ops: [...ops.seq.keys()].map((op) => [
      ops.session[op],
      ops.seq[op],
      ops.turn[op],
      ops.start[op],
      ops.duration[op],
      ops.parent[op],
      ops.child[op],
      name(ops.name[op]),
      ops.kind[op],
    ]),
    calls: [...calls.op.keys()].map((call) => [
      calls.op[call],
      calls.tokens_in[call],
      calls.cost[call],
      name(calls.model[call]),
    ]),
    turns: [...turns.turn.keys()].map((turn) => [
      turns.session[turn],
      turns.turn[turn],
      turns.start[turn],
      turns.end[turn],
    ]),
  };
}

test("a turn that is told anew with two more is as if all had been told", () => {
  const more: DrawnOp[][] = [
    MAIN[0] ?? [],
    [...(MAIN[1] ?? []), { kind: "tool", start: 15, name: "Read", parent: 3 }],
    [CALL(20, "sonnet")],
  ];
  const now = drawTrace(more, CHILD);
  const old = drawTrace(MAIN, CHILD);
  const whole = drawTrace(more, CHILD);
  // Seqs count on behind the turn that is not told.
  const told = cut(now, [2, 1], [more, CHILD]);
  for (let op = 0; op < (told.head.sessions[0]?.ops ?? 0); op++)
    told.ops.seq[op] = (told.ops.seq[op] ?? 0) + 2;
  told.ops.parent[1] = 0;
  told.ops.parent[2] = 0;
  const rest = withoutEmptyTurns(told);
  const merged = mergeTrace(old, rest);
  expect(merged && picture(merged)).toEqual(picture(whole));
  expect(merged?.head.revision).toBe(9);
});

test("a session that was not there stands where the tree has it", () => {
  const old = drawTrace(MAIN, CHILD);
  const whole = drawTrace(MAIN, CHILD, [[CALL(30, "opus")]]);
  const told = cut(whole, [null, null, 1], [MAIN, CHILD, [[CALL(30, "opus")]]]);
  const merged = mergeTrace(old, told);
  expect(merged && picture(merged)).toEqual(picture(whole));
});

test("where a session left the tree, or one is missing, all must be asked for", () => {
  const old = drawTrace(MAIN, CHILD);
  const told = cut(old, [null, null], [MAIN, CHILD]);
  told.head.tree_sessions = 1;
  expect(mergeTrace(old, told)).toBeNull();
  told.head.tree_sessions = 3;
  expect(mergeTrace(old, told)).toBeNull();
});

test("a trace that replaces all is taken as it is", () => {
  const whole = drawTrace(MAIN, CHILD);
  expect(mergeTrace(drawTrace(CHILD), whole)).toBe(whole);
});

function withoutEmptyTurns(trace: Trace): Trace {
  const turns = Object.fromEntries(
    Object.entries(trace.turns).map(([name, column]) => [
      name,
      column.filter((_: number, row: number) => !Number.isNaN(trace.turns.start[row] ?? Number.NaN)),
    ]),
  ) as unknown as Trace["turns"];
  return { ...trace, turns, turnsFrom: Uint32Array.from([0, 2, 3]) };
}
