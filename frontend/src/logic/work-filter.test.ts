import { describe, expect, it } from "vitest";
import { before, isPartial, sessionsHref, workFromUrl } from "./work-filter";

const asked = (text: string) => workFromUrl(new URLSearchParams(text), {}, "UTC");

describe("workFromUrl", () => {
  it("asks ops for tools and models, and sessions for all else", () => {
    expect(asked("q=parser tool:Bash -model:opus* branch:main")).toEqual({
      tz: "UTC",
      q: "parser branch:main",
      ops: "tool:Bash -model:opus*",
    });
  });

  it("takes what was clicked exactly", () => {
    expect(asked("agent=main&project=/home/dev/project&status=failed")).toEqual({
      tz: "UTC",
      agent: "main",
      project: "/home/dev/project",
      status: "failed",
    });
  });

  it("counts subtrees of roots when asked to", () => {
    expect(asked("tree=1")).toEqual({ tz: "UTC", roots: true, tree: true });
  });

  it("leaves out what cannot be asked", () => {
    expect(asked("status=odd&op_kind=odd&q=dur:soon")).toEqual({ tz: "UTC" });
  });
});

describe("isPartial", () => {
  it("is about ops, not about sessions", () => {
    expect(isPartial(asked("q=tool:Bash"))).toBe(true);
    expect(isPartial(asked("op_model=opus"))).toBe(true);
    expect(isPartial(asked("q=branch:main&agent=main"))).toBe(false);
  });
});

describe("sessionsHref", () => {
  it("asks for sessions with the same work", () => {
    const href = sessionsHref(
      { tz: "UTC", since: "5", until: "9", q: "parser", ops: "tool:Bash" },
      { q: "dur:>3s", op_failed: true },
    );
    expect(Object.fromEntries(new URLSearchParams(href.split("?")[1]))).toEqual({
      q: "parser dur:>3s",
      worked_since: "5",
      worked_until: "9",
      tz: "UTC",
      ops: "tool:Bash",
      op_failed: "true",
      roots: "false",
    });
  });

  it("keeps to roots where subtrees are counted", () => {
    const params = new URLSearchParams(sessionsHref({ roots: true, tree: true }).split("?")[1]);
    expect([params.get("roots"), params.get("tree")]).toEqual(["true", "true"]);
  });
});

describe("before", () => {
  const quarter = 900e6;

  it("is as long, and ends where the period begins", () => {
    expect(before({ since: String(10 * quarter), until: String(14 * quarter - 1) }, 0)).toEqual({
      since: String(6 * quarter),
      until: String(10 * quarter - 1),
    });
  });

  it("takes an open period to end now", () => {
    expect(before({ since: String(10 * quarter) }, 12 * quarter)?.since).toBe(String(8 * quarter));
  });

  it("is nothing for all time", () => {
    expect(before({}, 5)).toBeUndefined();
  });
});
