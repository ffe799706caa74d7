import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/client";
import { type Change, useLiveRefresh } from "../../api/live";
import { decodeTrace, type Trace } from "../../core/trace";

/** What was decoded last, and the tag the server gave it. */
interface Tagged {
  tag: string | null;
  trace: Trace;
}

async function fetchTrace(id: string, known: Tagged | undefined, signal: AbortSignal): Promise<Tagged> {
  const response = await fetch(`/api/sessions/${encodeURIComponent(id)}/trace`, { signal }).catch(
    (cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
      throw new ApiError(0, "The server does not answer.");
    },
  );
  if (!response.ok) throw new ApiError(response.status, response.statusText);
  // The browser asks with the tag it has; what has not changed does not travel again.
  const tag = response.headers.get("ETag");
  if (known && tag !== null && tag === known.tag) return known;
  return { tag, trace: decodeTrace(await response.arrayBuffer()) };
}

/** The session tree as columns, anew when any session of it changes. */
export function useTrace(id: string) {
  const query = useQuery<Tagged>({
    queryKey: ["trace", id],
    queryFn: ({ signal, client }) => fetchTrace(id, client.getQueryData<Tagged>(["trace", id]), signal),
    // Typed arrays are compared by what they are, not by what is in them.
    structuralSharing: false,
    gcTime: 0,
  });
  const trace = query.data?.trace;
  useLiveRefresh(
    (change: Change) =>
      change.everything ||
      change.sessions.has(id) ||
      (trace?.head.sessions.some((session) => change.sessions.has(session.id)) ?? false),
    () => query.refetch(),
  );
  return { query, trace };
}
