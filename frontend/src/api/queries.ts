/** One hook per endpoint; each key stands beside its fetch. */

import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, ApiError, describe, payloadUrl, read, readPart, readText } from "./client";
import type { MarkChange, MarkInput, SessionRow, TurnPage } from "./types";

export interface SessionFilter {
  q?: string;
  format?: string;
  status?: "running" | "completed" | "failed" | "abandoned" | "interrupted";
  project?: string;
  failed?: boolean;
}

const SESSIONS_PER_PAGE = 100;
const CHILDREN = 500;
const OPS_PER_PAGE = 200;
/** Several parts of a page show these; they share one answer. */
const SHARED_MS = 5_000;

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => read(api.GET("/api/health", { signal })),
  refetchInterval: 15_000,
  staleTime: SHARED_MS,
});

export const useHealth = () => useQuery(healthQuery);

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => read(api.GET("/api/sources", { signal })),
  staleTime: SHARED_MS,
});

export const useSources = () => useQuery(sourcesQuery);

export function sessionsQuery(filter: SessionFilter) {
  return infiniteQueryOptions({
    queryKey: ["sessions", filter],
    queryFn: ({ pageParam, signal }) => fetchSessions(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** A page of sessions. A search looks into sub-agents, too: what it finds is listed by itself. */
export function fetchSessions(filter: SessionFilter, cursor: string | null, signal?: AbortSignal) {
  const query = {
    ...filter,
    roots: !filter.q,
    limit: SESSIONS_PER_PAGE,
    ...(cursor === null ? {} : { cursor }),
  };
  return read(api.GET("/api/sessions", { params: { query }, ...(signal ? { signal } : {}) }));
}

export const useSessions = (filter: SessionFilter) => useInfiniteQuery(sessionsQuery(filter));

function childrenQuery(parent: string) {
  return queryOptions({
    queryKey: ["children", parent],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/sessions", { params: { query: { parent, roots: false, limit: CHILDREN } }, signal }),
      ),
  });
}

/** The sub-agents of every expanded session, as far as they have arrived. */
export function useChildren(parents: readonly string[]): (id: string) => readonly SessionRow[] | undefined {
  const results = useQueries({ queries: parents.map(childrenQuery) });
  return (id) => results[parents.indexOf(id)]?.data?.sessions;
}

export function sessionQuery(id: string) {
  return queryOptions({
    queryKey: ["session", id],
    queryFn: ({ signal }) =>
      read(api.GET("/api/sessions/{session_id}", { params: { path: { session_id: id } }, signal })),
  });
}

export const useSession = (id: string) => useQuery(sessionQuery(id));

export interface TurnRange {
  cursor?: string;
  from_turn?: number;
  from_seq?: number;
  order?: "asc" | "desc";
  limit?: number;
}

export function fetchTurns(id: string, range: TurnRange, signal?: AbortSignal): Promise<TurnPage> {
  const params = { path: { session_id: id }, query: { limit: OPS_PER_PAGE, ...range } };
  return read(api.GET("/api/sessions/{session_id}/turns", { params, ...(signal ? { signal } : {}) }));
}

interface PayloadKey {
  id: string;
  bytes: number;
}

/**
 * A payload's whole text; `bytes` is part of the key because a streamed answer grows. With
 * `options` it comes otherwise: `?reveal=true`, `?pretty=true`.
 */
export function usePayloadText(session: string, payload: PayloadKey, enabled: boolean, options = "") {
  return useQuery({
    queryKey: ["payload", session, payload.id, payload.bytes, options],
    queryFn: ({ signal }) => readText(payloadUrl(session, payload.id, options), signal),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** A part of a payload's bytes: `0-65535`, or `-65536` for its end. */
export function usePayloadPart(
  session: string,
  payload: PayloadKey,
  range: string,
  enabled: boolean,
  options = "",
) {
  return useQuery({
    queryKey: ["payload-part", session, payload.id, payload.bytes, range, options],
    queryFn: ({ signal }) => readPart(payloadUrl(session, payload.id, options), range, signal),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

/** One op with all that is known of it; `revision` of what is shown, as a running one changes. */
export function useOp(session: string, seq: number, revision: string, enabled: boolean) {
  return useQuery({
    queryKey: ["op", session, seq, revision],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/sessions/{session_id}/ops/{seq}", {
          params: { path: { session_id: session, seq } },
          signal,
        }),
      ),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The sub-agents that a session started itself, page by page, in order of their start. */
export function useSubAgents(parent: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["children", parent, "pages"],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/sessions", {
          params: {
            query: {
              parent,
              roots: false,
              limit: SESSIONS_PER_PAGE,
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
  });
}

/** What looks like a secret in a session's texts, as far as it was looked through so far. */
export function useSecrets(session: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["secrets", session],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/sessions/{session_id}/secrets", {
          params: {
            path: { session_id: session },
            query: pageParam === null ? {} : { cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
  });
}

const marksKey = (session: string) => ["marks", session];

export function useMarks(session: string) {
  return useQuery({
    queryKey: marksKey(session),
    queryFn: ({ signal }) => read(api.GET("/api/marks", { params: { query: { session } }, signal })),
    select: (answer) => answer.marks,
  });
}

/** Makes, changes and removes a session's marks. */
export function useMarking(session: string) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: marksKey(session) });
  const add = useMutation({
    mutationFn: (body: MarkInput) => read(api.POST("/api/marks", { body })),
    onSettled,
  });
  const change = useMutation({
    mutationFn: ({ id, ...body }: MarkChange & { id: number }) =>
      read(api.PATCH("/api/marks/{mark_id}", { params: { path: { mark_id: id } }, body })),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: async (id: number) => {
      const { error, response } = await api.DELETE("/api/marks/{mark_id}", {
        params: { path: { mark_id: id } },
      });
      // It is gone, whoever removed it.
      if (!response.ok && response.status !== 404) throw new ApiError(response.status, describe(error));
    },
    onSettled,
  });
  return { add, change, remove };
}

function findQuery(session: string, query: string, revision: number) {
  return queryOptions({
    queryKey: ["find", session, query, revision],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/sessions/{session_id}/find", {
          params: { path: { session_id: session }, query: { q: query } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Answers to several questions, in their order; the same object as long as they are the same. */
function together<T>(results: { data: T | undefined; error: Error | null; isLoading: boolean }[]) {
  return {
    answers: results.map(({ data }) => data),
    pending: results.some(({ isLoading }) => isLoading),
    error: results.find(({ error }) => error !== null)?.error ?? null,
  };
}

/** Where in a session tree each of some queries finds something. */
export function useFinds(session: string, queries: readonly string[], revision: number) {
  return useQueries({
    queries: queries.map((query) => findQuery(session, query, revision)),
    combine: together,
  });
}

export function refreshChildren(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["children"] });
}
