import { expect, test } from "vitest";
import cases from "./filter-cases.json";
import {
  amountOf,
  conditionsOf,
  FilterError,
  matcher,
  moment,
  OF_OPS,
  OF_SESSIONS,
  parseFilter,
  printFilter,
  withoutPart,
  withValue,
} from "./filter";

const errorOf = (text: string, ...rest: [] | [typeof OF_OPS]): FilterError => {
  try {
    parseFilter(text, ...rest);
  } catch (error) {
    if (error instanceof FilterError) return error;
  }
  throw new Error(`${text} is understood`);
};

/** A filter as it is written out, or the place that is wrong. */
function understood(text: string): string | number {
  try {
    return printFilter(parseFilter(text));
  } catch (error) {
    return error instanceof FilterError ? error.place : String(error);
  }
}

// The server reads the same cases: tests/test_query.py.
test.each(cases)("$text is understood as the server does", ({ text, printed, place }) => {
  const once = understood(text);
  expect(once).toBe(printed ?? place);
  expect(understood(printed ?? text)).toBe(once);
});

test("an error says what is wrong, where, and what to say instead", () => {
  expect(errorOf("a dur:30s").message).toBe(
    "dur: '30s' is not understood; say dur:>30s (us, ms, s, m, h, d), at character 7",
  );
});

test("a kind is one of the things that are filtered", () => {
  expect(conditionsOf(parseFilter("kind:tool,llm", OF_OPS))[0]?.values).toEqual(["tool", "llm"]);
  expect(errorOf("kind:tool_output", OF_OPS).message).toContain("is none of llm, tool");
  expect(errorOf("kind:tool").message).toContain("tool_input");
});

test("what cannot be asked here is told, not taken for a word", () => {
  expect(errorOf("branch:main", OF_OPS).message).toContain("branch: cannot be asked here");
  expect(errorOf("kind:prompt", OF_SESSIONS).place).toBe(0);
});

test.each([
  ["dur:>30s", 30e6],
  ["dur:>1.5m", 90e6],
  ["dur:>250ms", 250e3],
  ["cost:>0.5", 5e8],
  ["cost:>0.000000001", 1],
  ["tok:>1.5M", 1.5e6],
  ["ctx:>100k", 1e5],
  ["ctx:>80%", 80e3],
])("%s is %d in the trace's units", (text, amount) => {
  const [found] = conditionsOf(parseFilter(text, OF_OPS));
  const [one] = found?.comparisons ?? [];
  expect(found && one && amountOf(found.field, one)).toBe(amount);
});

test("a time is an instant, a day here, or a while ago", () => {
  const noon = Date.UTC(2026, 0, 1, 12) * 1000;
  expect(moment("7d", noon)).toBe(noon - 7 * 86_400e6);
  expect(moment("2026-01-01T12:00Z", 0)).toBe(noon);
  expect(moment("2026-01-01", 0)).toBe(new Date(2026, 0, 1).getTime() * 1000);
  expect(moment("2026-13-01", 0)).toBeNull();
});

test("a part is taken out where it stands", () => {
  const text = 'name:Bash "disk full"  -kind:llm x';
  const { parts } = parseFilter(text, OF_OPS);
  expect(parts.map((part) => withoutPart(text, part))).toEqual([
    '"disk full"  -kind:llm x',
    "name:Bash -kind:llm x",
    'name:Bash "disk full" x',
    'name:Bash "disk full"  -kind:llm',
  ]);
});

const add = (text: string, value: string, negated = false) =>
  withValue(text, "name", value, { negated, vocabulary: OF_OPS });

test("a click on a value asks for it, also or not at all", () => {
  expect(add("", "Bash")).toBe("name:Bash");
  expect(add("kind:tool", "my tool")).toBe('kind:tool name:"my tool"');
  expect(add("name:Bash x", "Read")).toBe("name:Bash,Read x");
  expect(add("name:Bash", "Bash")).toBe("name:Bash");
  expect(add("name:Bash,Read", "Bash", true)).toBe("name:Read -name:Bash");
  expect(add("-name:Bash", "Bash")).toBe("name:Bash");
  expect(add("dur:x", "Bash")).toBe("dur:x name:Bash");
});

test("a star stands for any text, everything else for itself", () => {
  expect(matcher("mcp__*__get")("MCP__files__get")).toBe(true);
  expect(matcher("a.c")("abc")).toBe(false);
  expect(matcher("*[x]*")("a[X]b")).toBe(true);
  expect(matcher("Bash")("BashOutput")).toBe(false);
});
