import { expect, test } from "vitest";
import type { SessionPage, SessionRow } from "../api/types";
import { refreshInPlace, sessionsOf, treeRows } from "./session-list";

const session = (id: string, more: Partial<SessionRow> = {}) => ({ id, children: 0, ...more }) as SessionRow;
const page = (ids: string, total = 9): SessionPage => ({
  sessions: ids.split(" ").map((id) => session(id)),
  next: null,
  total,
  facets: null,
});
const ids = (sessions: readonly SessionRow[]) => sessions.map((one) => one.id).join(" ");

test("expanded sub-agents follow their session, however deep", () => {
  const roots = [session("a", { children: 1 }), session("b")];
  const children = new Map([
    ["a", [session("a1", { children: 1 })]],
    ["a1", [session("a2")]],
  ]);
  const rows = treeRows(roots, new Set(["a", "a1"]), (id) => children.get(id));
  expect(rows.map((row) => `${row.level} ${row.session.id} ${row.expanded}`)).toEqual([
    "1 a true",
    "2 a1 true",
    "3 a2 false",
    "1 b false",
  ]);
});

test("a session is expanded before its sub-agents have arrived", () => {
  const rows = treeRows([session("a", { children: 2 })], new Set(["a"]), () => undefined);
  expect(rows.map((row) => row.expanded)).toEqual([true]);
});

test("a session that moved between two pages is listed once", () => {
  expect(ids(sessionsOf([page("c a"), page("b a")]))).toBe("c a b");
});

test("fresh values enter without moving a row; sessions not on screen are counted", () => {
  const fresh: SessionPage = {
    ...page("new b a", 10),
    sessions: [session("new"), session("b", { turns: 7 }), session("a")],
  };
  const { pages, waiting } = refreshInPlace([page("a b"), page("c")], fresh);
  expect(ids(sessionsOf(pages))).toBe("a b c");
  expect(sessionsOf(pages)[1]?.turns).toBe(7);
  expect(pages[1]?.total).toBe(10);
  expect(waiting).toBe(1);
});
