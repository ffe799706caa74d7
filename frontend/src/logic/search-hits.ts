/** What the search found, in words and addresses. */

import type { SearchGroup, SearchHit, SearchPage } from "../api/types";
import { FilterError, parseFilter, termsOf } from "./filter";

/** The words to look for within the session that a hit leads to; conditions have done their part. */
export function findTerms(query: string): string {
  try {
    return termsOf(parseFilter(query))
      .filter((term) => !term.negated)
      .map((term) => (term.phrase ? `"${term.text.replaceAll('"', '""')}"` : term.text))
      .join(" ");
  } catch (error) {
    if (error instanceof FilterError) return "";
    throw error;
  }
}

/** The place of a hit in its session's workbench, with what was looked for. */
export function hitHref(session: string, hit: Pick<SearchHit, "turn" | "seq">, query: string): string {
  const params = new URLSearchParams();
  if (hit.seq !== null) params.set("sel", `op:${hit.seq}`);
  else if (hit.turn !== null) params.set("sel", `turn:${hit.turn}`);
  const terms = findTerms(query);
  if (terms) params.set("find", terms);
  const asked = params.toString();
  return `/s/${encodeURIComponent(session)}${asked ? `?${asked}` : ""}`;
}

/** The groups of all pages; a session that goes on on the next page is one group. */
export function groupsOf(pages: readonly SearchPage[]): SearchGroup[] {
  const groups: SearchGroup[] = [];
  for (const group of pages.flatMap((page) => page.groups)) {
    const last = groups.at(-1);
    if (last?.session.id === group.session.id)
      groups[groups.length - 1] = { ...last, hits: [...last.hits, ...group.hits] };
    else groups.push(group);
  }
  return groups;
}

/** A text in pieces, those that were looked for marked. */
export function markedPieces(
  text: string,
  marks: readonly (readonly number[])[],
): { at: number; text: string; marked: boolean }[] {
  const pieces: { at: number; text: string; marked: boolean }[] = [];
  // The server counts characters, this language the halves of some of them.
  const characters = [...text];
  let at = 0;
  const add = (end: number, marked: boolean) => {
    if (end > at) pieces.push({ at, text: characters.slice(at, end).join(""), marked });
    at = Math.max(at, end);
  };
  for (const [start = 0, length = 0] of marks) {
    add(start, false);
    add(start + length, true);
  }
  add(characters.length, false);
  return pieces;
}
