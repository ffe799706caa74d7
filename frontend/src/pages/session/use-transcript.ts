import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Change, useLiveRefresh } from "../../api/live";
import { fetchTurns, sessionQuery } from "../../api/queries";
import type { TurnPage } from "../../api/types";
import {
  extendTranscript,
  followFrom,
  followTranscript,
  isLoaded,
  lastPlace,
  openTranscript,
  openTranscriptAt,
  reaches,
  type Transcript,
} from "../../logic/transcript";

/** A live update reads backwards from the end, this many ops and pages at most. */
const LIVE_OPS = 40;
const LIVE_PAGES = 6;

/** Ops that are read from the one on that one goes to. */
const PLACE_OPS = 100;

const keyOf = (id: string) => ["transcript", id];

/** A session's turns: opened at the start, loaded on as one reads, followed at the end. */
export function useTranscript(id: string) {
  const client = useQueryClient();
  const [loading, setLoading] = useState<"older" | "newer" | "end" | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const query = useQuery({
    queryKey: keyOf(id),
    queryFn: async ({ signal }) => openTranscript(await fetchTurns(id, { order: "asc" }, signal), "asc"),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const transcript = query.data;
  const replace = (next: Transcript) => client.setQueryData(keyOf(id), next);

  const whileLoading = async (what: "older" | "newer" | "end", load: () => Promise<unknown>) => {
    if (loading !== null) return;
    setLoading(what);
    setFailed(null);
    try {
      await load();
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setLoading(null);
    }
  };

  const more = (side: "older" | "newer") => {
    const from = transcript?.[side];
    if (!transcript || from === null || from === undefined) return undefined;
    return whileLoading(side, async () => {
      const begin = typeof from === "string" ? { cursor: from } : from;
      const page = await fetchTurns(id, { ...begin, order: side === "older" ? "desc" : "asc" });
      replace(extendTranscript(client.getQueryData(keyOf(id)) ?? transcript, page, side));
    });
  };

  /** Leave what is loaded for the session's end, unless that is loaded already. */
  const toEnd = () => {
    if (transcript?.newer === null) return undefined;
    return whileLoading("end", async () =>
      replace(openTranscript(await fetchTurns(id, { order: "desc" }), "desc")),
    );
  };

  const toStart = () => {
    if (transcript?.older === null) return undefined;
    return whileLoading("end", async () =>
      replace(openTranscript(await fetchTurns(id, { order: "asc" }), "asc")),
    );
  };

  /** Leave what is loaded for a turn, or for one of its ops, unless that is loaded already. */
  const toPlace = (turn: number, seq: number | null) => {
    if (!transcript || isLoaded(transcript, turn, seq)) return undefined;
    return whileLoading("end", async () => {
      const begin = { from_turn: turn, ...(seq === null ? {} : { from_seq: seq }) };
      const page = await fetchTurns(id, { ...begin, order: "asc", limit: PLACE_OPS });
      replace(openTranscriptAt(page, turn, seq));
    });
  };

  useLiveRefresh(
    (change: Change) => change.everything || change.sessions.has(id),
    async () => {
      const head = client.invalidateQueries({ queryKey: sessionQuery(id).queryKey });
      const current = client.getQueryData<Transcript>(keyOf(id));
      // The first page is still on its way, perhaps with what was before this change.
      if (!current) await query.refetch();
      else if (current.newer === null) replace(await follow(client, id, current));
      await head;
    },
  );

  return { query, transcript, loading, failed, more, toEnd, toStart, toPlace };
}

/** The transcript with what happened since it was read. */
async function follow(client: QueryClient, id: string, current: Transcript): Promise<Transcript> {
  const from = followFrom(current.turns);
  const pages: TurnPage[] = [];
  let cursor: string | null = null;
  do {
    // Each page is found by the one before it.
    // oxlint-disable-next-line no-await-in-loop
    const page: TurnPage = await fetchTurns(id, {
      order: "desc",
      limit: LIVE_OPS,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page);
    cursor = page.next;
  } while (!reaches(pages, from) && pages.length < LIVE_PAGES);
  const latest = client.getQueryData<Transcript>(keyOf(id)) ?? current;
  if (reaches(pages, lastPlace(current.turns))) return followTranscript(latest, pages);
  // Much more happened than a live update reads: go on from the last loaded turn, page by page.
  const last = latest.turns.at(-1)?.turn ?? 0;
  return extendTranscript(latest, await fetchTurns(id, { from_turn: last, order: "asc" }), "newer");
}
