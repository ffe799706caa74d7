import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { ApiError } from "../../api/client";
import { type Change, useLiveRefresh } from "../../api/live";
import { mergeTrace } from "../../core/merge-trace";
import { decodeTrace, type Trace } from "../../core/trace";

declare global {
  interface Window {
    /** What public/early.js asked for before this code was there. */
    earlyTrace?: { url: string; response: Promise<Response> } | undefined;
  }
}

/** A trace, and whether it was asked for before changes were listened to. */
interface Loaded {
  trace: Trace;
  early: boolean;
}

async function answer(asked: Promise<Response>): Promise<Trace> {
  const response = await asked.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "The server does not answer.");
  });
  if (!response.ok) throw new ApiError(response.status, response.statusText);
  return decodeTrace(await response.arrayBuffer());
}

async function fetchTrace(id: string, known: Trace | undefined, signal: AbortSignal): Promise<Loaded> {
  const url = `/api/sessions/${encodeURIComponent(id)}/trace`;
  if (!known) {
    const early = window.earlyTrace?.url === url ? window.earlyTrace : undefined;
    window.earlyTrace = undefined;
    return { trace: await answer(early?.response ?? fetch(url, { signal })), early: early !== undefined };
  }
  // Only what changed travels; where that does not fit what one has, everything does.
  const told = await answer(fetch(`${url}?after=${known.head.revision}`, { signal }));
  if (!told.head.reset && told.head.revision === known.head.revision && told.head.sessions.length === 0) {
    return { trace: known, early: false };
  }
  const merged = mergeTrace(known, told);
  return { trace: merged ?? (await answer(fetch(url, { signal }))), early: false };
}

/** The session tree as columns; as it changes, with what changed. */
export function useTrace(id: string) {
  const query = useQuery<Loaded>({
    queryKey: ["trace", id],
    queryFn: ({ signal, client }) =>
      fetchTrace(id, client.getQueryData<Loaded>(["trace", id])?.trace, signal),
    // Typed arrays are compared by what they are, not by what is in them.
    structuralSharing: false,
    gcTime: 0,
  });
  const trace = query.data?.trace;
  const early = query.data?.early ?? false;
  const catchUp = useEffectEvent(() => void query.refetch());
  useEffect(() => {
    if (early) catchUp();
  }, [early]);
  useLiveRefresh(
    (change: Change) =>
      change.everything ||
      change.sessions.has(id) ||
      (trace?.head.sessions.some((session) => change.sessions.has(session.id)) ?? false),
    () => query.refetch(),
  );
  return { query, trace };
}
