import { expect, test } from "vitest";
import { drawTrace } from "./trace-picture";
import { areMost, extent, liveSessions, longWaits } from "./waits";

const MINUTE = 60e6;

/** A prompt answered at once, another after 10 minutes, a third after 4. */
const ASKED = drawTrace([
  [{ kind: "llm", start: 0, duration: MINUTE }],
  [{ kind: "llm", start: 11 * MINUTE, duration: MINUTE }],
  [{ kind: "llm", start: 16 * MINUTE, duration: MINUTE }],
]);

test("the whole time goes from the first start to the last end", () => {
  expect(extent(ASKED)).toEqual({ start: 0, end: 17 * MINUTE });
  expect(extent(drawTrace([[]]))).toBeUndefined();
});

test("the whole time holds the session's first and last sign of life, and no copies beside own work", () => {
  const trace = drawTrace([
    [
      { kind: "llm", start: 5, duration: 1 },
      { kind: "llm", start: 100, duration: 10 },
    ],
  ]);
  trace.ops.flags[0] = 1;
  expect(extent(trace)).toEqual({ start: 100, end: 110 });
  Object.assign(trace.head.sessions[0] ?? {}, { started_at: 90, last_at: 130 });
  expect(extent(trace)).toEqual({ start: 90, end: 130 });
  trace.ops.flags[1] = 1;
  expect(extent(trace)).toEqual({ start: 5, end: 130 });
});

test("a wait of more than five minutes is folded, a shorter one is not", () => {
  const whole = { start: 0, end: 17 * MINUTE };
  const waits = longWaits(ASKED, whole, new Set());
  expect(waits).toEqual([{ start: MINUTE, end: 11 * MINUTE }]);
  expect(areMost(waits, whole)).toBe(true);
});

test("in a long session waits below 2 % of it are not folded", () => {
  const long = drawTrace([
    [{ kind: "tool", start: 0, duration: 10 * 60 * MINUTE }],
    [{ kind: "llm", start: 10 * 60 * MINUTE + 11 * MINUTE, duration: MINUTE }],
  ]);
  expect(longWaits(long, { start: 0, end: 612 * MINUTE }, new Set())).toEqual([]);
});

test("while a tool, a model or a sub-agent works nothing is folded", () => {
  const busy = drawTrace(
    [
      [
        { kind: "llm", start: 0, duration: MINUTE },
        { kind: "session", start: MINUTE, child: 1 },
      ],
      [{ kind: "llm", start: 40 * MINUTE, duration: MINUTE }],
    ],
    [[{ kind: "tool", start: 2 * MINUTE, duration: 20 * MINUTE }]],
  );
  expect(longWaits(busy, { start: 0, end: 41 * MINUTE }, new Set())).toEqual([
    { start: 22 * MINUTE, end: 40 * MINUTE },
  ]);
});

test("what is running works until now; what merely has no end does not", () => {
  const open = drawTrace([
    [{ kind: "tool", start: 0, status: "running" }],
    [{ kind: "llm", start: 30 * MINUTE, duration: MINUTE }],
  ]);
  const whole = { start: 0, end: 31 * MINUTE };
  expect(longWaits(open, whole, new Set([0]))).toEqual([]);
  expect(longWaits(open, whole, new Set())).toHaveLength(1);
});

test("a sub-agent is at work while the op that runs it is, in a session that is", () => {
  const tree = drawTrace(
    [
      [
        { kind: "session", start: 0, child: 1, status: "running" },
        { kind: "session", start: 0, duration: 5, child: 2 },
      ],
    ],
    [[{ kind: "tool", start: 1, status: "running" }]],
    [[{ kind: "tool", start: 1, status: "running" }]],
  );
  expect([...liveSessions(tree, true)]).toEqual([0, 1]);
  expect([...liveSessions(tree, false)]).toEqual([]);
});
