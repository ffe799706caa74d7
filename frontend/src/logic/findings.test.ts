import { expect, test } from "vitest";
import type { Finding } from "../api/types";
import { findingText } from "./findings";

const FINDING: Finding = {
  kind: "stall",
  session: "codex:s",
  turn: 3,
  seq: 17,
  count: 2,
  name: null,
  duration_us: null,
  cost_usd: null,
  tokens: null,
  percent: null,
};

test.each<[Partial<Finding>, string]>([
  [{ kind: "stall", name: "Bash", duration_us: 321e6 }, "Bash took 5m 21s"],
  [{ kind: "context", percent: 91.6, name: null }, "Context 92 % full"],
  [{ kind: "retries", name: "Edit", count: 3, cost_usd: 0.41 }, "Edit failed 3 times in a row, $0.41"],
  [{ kind: "repeated_call", name: "Read", count: 4 }, "Read called 4 times with the same input"],
  [
    { kind: "cache_misses", count: 5, tokens: 50_000, cost_usd: 1 },
    "5 calls in a row missed the cache, 50k tokens anew, $1.00",
  ],
  [{ kind: "priciest_turn", cost_usd: 2.5 }, "Most expensive turn: 3, $2.50"],
  [{ kind: "slowest_tool", name: "Bash", duration_us: 2e6 }, "Slowest tool: Bash 2.0s"],
  [{ kind: "longest_wait", duration_us: 7200e6 }, "Longest wait for you: 2h 00m"],
  [{ kind: "orphan", count: 1 }, "1 sub-agent nobody is known to have started"],
])("%j is told as %s", (change, text) => {
  expect(findingText({ ...FINDING, ...change })).toBe(text);
});
