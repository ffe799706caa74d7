/** The sessions table: pages and expanded sub-agents in, flat rows out. */

import type { SessionPage, SessionRow } from "../api/types";

export interface TreeRow {
  /**
   * The ids from the root down. Unlike the session's own id it is once in a table: a search
   * may list a sub-agent beside its expanded parent.
   */
  path: string;
  session: SessionRow;
  /** 1 for a root, as `aria-level` counts. */
  level: number;
  expanded: boolean;
}

/** Answers the sub-agents of a session, or nothing while they are on their way. */
export type ChildrenOf = (id: string) => readonly SessionRow[] | undefined;

/** Roots in their order, each followed by its sub-agents as far as they are expanded. */
export function treeRows(
  roots: readonly SessionRow[],
  expanded: ReadonlySet<string>,
  childrenOf: ChildrenOf,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (session: SessionRow, level: number, above: string): void => {
    const open = session.children > 0 && expanded.has(session.id);
    const path = `${above}${session.id}`;
    rows.push({ path, session, level, expanded: open });
    if (!open) return;
    for (const child of childrenOf(session.id) ?? []) visit(child, level + 1, `${path} `);
  };
  for (const root of roots) visit(root, 1, "");
  return rows;
}

/** All sessions of the pages; one that moved up between two fetches is listed once, where it is newest. */
export function sessionsOf(pages: readonly SessionPage[]): SessionRow[] {
  const seen = new Set<string>();
  const sessions: SessionRow[] = [];
  for (const page of pages) {
    for (const session of page.sessions) {
      if (seen.has(session.id)) continue;
      seen.add(session.id);
      sessions.push(session);
    }
  }
  return sessions;
}

/**
 * Put a fresh first page's values into the pages on screen without moving any row.
 * Sessions that are not on screen yet are only counted.
 */
export function refreshInPlace(
  pages: readonly SessionPage[],
  fresh: SessionPage,
): { pages: SessionPage[]; waiting: number } {
  const byId = new Map(fresh.sessions.map((session) => [session.id, session]));
  const known = new Set<string>();
  const refreshed = pages.map((page) => ({
    ...page,
    total: fresh.total,
    sessions: page.sessions.map((session) => {
      known.add(session.id);
      return byId.get(session.id) ?? session;
    }),
  }));
  return { pages: refreshed, waiting: fresh.sessions.filter((session) => !known.has(session.id)).length };
}
