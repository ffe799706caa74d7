import { expect, test } from "vitest";
import { OF_OPS, parseFilter } from "../logic/filter";
import { both, maskOf, maskOfPlaces, matchesOf, type Texts } from "./filter";
import { drawTrace } from "./trace-picture";

const TRACE = drawTrace(
  [
    [
      { kind: "llm", start: 10e6, duration: 4e6, tokens: 60_000, cost: 5e8, model: "opus-4" },
      { kind: "tool", start: 14e6, duration: 40e6, name: "Bash", status: "failed" },
      { kind: "tool", start: 54e6, name: "Read" },
      { kind: "session", start: 60e6, duration: 9e6, name: "Task", child: 1 },
    ],
  ],
  [[{ kind: "llm", start: 5e6, duration: 2e6, tokens: 100 }]],
);
const CALLS = TRACE.calls.context_max.fill(64_000);

const NO_TEXTS: Texts = { wanted: null, unwanted: [] };
const found = (text: string, texts = NO_TEXTS) => [
  ...matchesOf(TRACE, maskOf(TRACE, parseFilter(text, OF_OPS), texts, 100e6)),
];

test.each([
  ["", [4, 0, 1, 2, 3]],
  ["kind:tool", [1, 2]],
  ["kind:tool,llm name:B*", [1]],
  ["tool:task,bash", [1, 3]],
  ["-name:Bash", [4, 0, 2, 3]],
  ["status:failed", [1]],
  ["is:failed,running", [1]],
  ["model:opus*", [0]],
  ["dur:>30s", [1]],
  ["dur:<=4s", [4, 0]],
  ["-dur:>3s", [4, 2]],
  ["cost:>=0.5", [0]],
  ["cost:<0.5", []],
  ["tok:>50k", [0]],
  ["ctx:>80%", [0]],
  ["ctx:<80%", [4]],
  ["ctx:>=100", [4, 0]],
  ["before:1970-01-01T00:00:11Z", [4, 0]],
  ["after:1m", [2, 3]],
  ["session:1", [4]],
  ["session:codex:0 kind:llm", [0]],
])("%s", (text, rows) => {
  expect(CALLS).toHaveLength(2);
  expect(found(text)).toEqual(rows);
});

test("what texts say counts as every other condition", () => {
  const wanted = Uint8Array.of(1, 1, 0, 0, 0);
  expect(found("kind:tool disk", { wanted, unwanted: [] })).toEqual([1]);
  expect(found("kind:tool -disk", { wanted: null, unwanted: [wanted] })).toEqual([2]);
});

test("what the server found is marked where it is, and what the trace does not have nowhere", () => {
  const mask = maskOfPlaces(TRACE, [
    { session: "codex:0", turn: 1, seq: 2 },
    { session: "codex:1", turn: 1, seq: 1 },
    { session: "codex:0", turn: 1, seq: null },
    { session: "codex:9", turn: 1, seq: 1 },
  ]);
  expect([...mask]).toEqual([0, 1, 0, 0, 1]);
});

test("two masks are one of what is in both", () => {
  expect(both(null, null)).toBeNull();
  expect(both(Uint8Array.of(1, 0), null)).toEqual(Uint8Array.of(1, 0));
  expect(both(Uint8Array.of(1, 0, 1), Uint8Array.of(1, 1, 0))).toEqual(Uint8Array.of(1, 0, 0));
});
