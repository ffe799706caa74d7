/** The rows of the sessions table under headings. */

import type { TreeRow } from "./session-list";
import { agentName, projectName } from "./session-names";
import { localDay } from "./range";
import { formatDate } from "./time";

export type GroupKey = "project" | "day" | "agent";

export interface Heading {
  heading: string;
  /** How many rows without their sub-agents are below it, as far as they are loaded. */
  sessions: number;
}

/** The rows, those of a group together in the order of each group's first row. */
export function grouped(rows: readonly TreeRow[], by: GroupKey | undefined): (TreeRow | Heading)[] {
  if (!by) return [...rows];
  const groups = new Map<string, TreeRow[]>();
  let current: TreeRow[] = [];
  for (const row of rows) {
    if (row.level === 1) {
      const name = nameOf(row, by);
      current = groups.get(name) ?? [];
      groups.set(name, current);
    }
    current.push(row);
  }
  return [...groups].flatMap(([heading, members]) => [
    { heading, sessions: members.filter((row) => row.level === 1).length },
    ...members,
  ]);
}

export function isHeading(row: TreeRow | Heading): row is Heading {
  return "heading" in row;
}

function nameOf({ session }: TreeRow, by: GroupKey): string {
  if (by === "project") return projectName(session.cwd);
  if (by === "agent") return agentName(session);
  return session.last_at === null ? "No known day" : formatDate(localDay(session.last_at));
}
