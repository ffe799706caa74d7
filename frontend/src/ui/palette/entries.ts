/** What the palette offers for what was typed; the first character says what is looked for. */

import type uFuzzy from "@leeoniya/ufuzzy";
import { api, read } from "../../api/client";
import { fetchHits, fetchSessions } from "../../api/queries";
import { printRange } from "../../logic/range";
import { FilterError, parseFilter } from "../../logic/filter";
import { hitHref } from "../../logic/search-hits";
import { projectName, titleOf } from "../../logic/session-names";
import { spokenRange } from "../../logic/spoken-time";
import { describeRange } from "../range";
import { PAGES } from "../pages";

export interface Entry {
  key: string;
  /** What sort of thing it is, as a heading. */
  group: string;
  text: string;
  detail?: string;
  shortcut?: string;
  /** An address to go to, or something to do. */
  act: string | (() => void);
}

export const MODES = { ">": "commands", "@": "agents, models, tools", "#": "projects", ":": "time" } as const;
export type Mode = keyof typeof MODES | "";

export function modeOf(text: string): { mode: Mode; rest: string } {
  const first = text.slice(0, 1);
  return first !== "" && first in MODES
    ? { mode: first as Mode, rest: text.slice(1).trim() }
    : { mode: "", rest: text.trim() };
}

const MOST = 12;

/** Those of `entries` that look like `text`, best first. */
export function matching(fuzzy: uFuzzy, entries: readonly Entry[], text: string): Entry[] {
  if (text === "") return entries.slice(0, MOST);
  const haystack = entries.map((entry) => entry.text);
  const [indexes, info, order] = fuzzy.search(haystack, text, 1);
  const ranked = info && order ? order.map((at) => info.idx[at] ?? 0) : (indexes ?? []);
  return ranked.slice(0, MOST).flatMap((index) => entries[index] ?? []);
}

export const pageEntries = (): Entry[] =>
  PAGES.flat().map((page) => ({
    key: page.href,
    group: "Pages",
    text: page.text,
    ...(page.key ? { shortcut: `g ${page.key}` } : {}),
    act: page.href,
  }));

/** Sessions and places in them that have the words; a condition that is not understood has none. */
export async function foundEntries(text: string, signal: AbortSignal): Promise<Entry[]> {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return [];
    throw error;
  }
  const [sessions, hits] = await Promise.all([
    // `kind:` is of single texts: no session has one.
    fetchSessions({ q: text }, null, signal, 6).then(
      (page) => page.sessions,
      () => [],
    ),
    fetchHits({ q: text, sort: "newest", typing: true }, 8, null, signal),
  ]);
  return [
    ...sessions.map((session) => ({
      key: session.id,
      group: "Sessions",
      text: titleOf(session),
      detail: projectName(session.cwd),
      act: `/s/${encodeURIComponent(session.id)}`,
    })),
    ...hits.groups.flatMap((group) =>
      group.hits.map((hit) => ({
        key: `${group.session.id} ${hit.turn} ${hit.seq} ${hit.kind} ${hit.payload}`,
        group: "In texts",
        text: hit.snippet?.text.trim() || hit.kind,
        detail: titleOf(group.session),
        act: hitHref(group.session.id, hit, text),
      })),
    ),
    {
      key: "search",
      group: "In texts",
      text: `All hits of “${text}”`,
      act: `/search?q=${encodeURIComponent(text)}`,
    },
  ];
}

/** The names of a catalog's rows, each leading to its page. */
export async function catalogEntries(mode: "@" | "#", signal: AbortSignal): Promise<Entry[]> {
  const kinds = mode === "#" ? (["projects"] as const) : (["agents", "models", "tools"] as const);
  const all = await Promise.all(
    kinds.map(async (kind) => {
      const found = await read(
        api.GET("/api/catalog/{catalog_kind}", { params: { path: { catalog_kind: kind } }, signal }),
      );
      return found.rows.map((row) => ({
        key: `${kind} ${row.name}`,
        group: kind === "projects" ? "Projects" : `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
        text: row.name,
        act: `/${kind}/${encodeURIComponent(row.name)}`,
      }));
    }),
  );
  return all.flat();
}

/** What happened in the time that was written. */
export function timeEntries(text: string, now: Date): Entry[] {
  const range = spokenRange(text, now);
  if (!range) return [];
  const query = `range=${encodeURIComponent(printRange(range))}`;
  const said = describeRange(range);
  return [
    ["/analytics", "Analytics"],
    ["/sessions", "Sessions"],
    ["/failures", "Failures"],
  ].map(([page, name]) => ({
    key: `${page}`,
    group: said,
    text: `${name}, ${text}`,
    act: `${page}?${query}`,
  }));
}
