import { expect, test } from "vitest";
import { onPath, pathOfTurn } from "./critical-path";
import cases from "./path-cases.json";
import type { TraceHead } from "./trace";
import { drawTrace } from "./trace-picture";

type Kind = TraceHead["kinds"][number];

interface Case {
  start: number;
  end: number;
  /** Its kind, the number of what it belongs to, from when to when. */
  spans: (string | number | null)[][];
  path: (number | null)[][];
}

function traceOf({ start, end, spans }: Case) {
  const trace = drawTrace([
    spans.map(([kind, parent, from, to]) => ({
      kind: kind as Kind,
      start: Number(from),
      duration: Number(to) - Number(from),
      ...(parent === null ? {} : { parent: Number(parent) }),
    })),
  ]);
  trace.turns.start[0] = start;
  trace.turns.model[0] = end - start;
  return trace;
}

// The server finds the same: tests/analysis/test_path.py.
test.each(cases as Case[])("the path of %j", (one) => {
  const found = pathOfTurn(traceOf(one), 0).map(({ op, start, end }) => [
    op === -1 ? null : op + 1,
    start,
    end,
  ]);
  expect(found).toEqual(one.path);
});

test("what a turn waited for is marked", () => {
  const trace = drawTrace([
    [
      { kind: "llm", start: 0, duration: 4 },
      { kind: "tool", start: 4, duration: 2, parent: 1 },
      { kind: "tool", start: 4, duration: 6, parent: 1 },
    ],
  ]);
  trace.turns.model[0] = 10;
  expect([...onPath(trace)]).toEqual([1, 0, 1]);
});
