import { expect, test } from "vitest";
import type { SessionRow } from "../api/types";
import { grouped, isHeading } from "./session-groups";
import { treeRows } from "./session-list";

const session = (id: string, cwd: string, children = 0) => ({ id, cwd, children }) as SessionRow;

test("rows of a group stand together, sub-agents with what started them, in the order of the first", () => {
  const rows = treeRows(
    [session("a", "/x", 1), session("b", "/y"), session("c", "/x")],
    new Set(["a"]),
    () => [session("a1", "/z")],
  );
  const shown = grouped(rows, "project").map((row) =>
    isHeading(row) ? `${row.heading} ${row.sessions}` : row.session.id,
  );
  expect(shown).toEqual(["x 2", "a", "a1", "c", "y 1", "b"]);
  expect(grouped(rows, undefined)).toEqual(rows);
});
