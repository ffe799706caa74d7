/** One hook per endpoint; each key stands beside its fetch. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useQueries,
  useQuery,
} from "@tanstack/react-query";
import { api, payloadUrl, read, readText } from "./client";
import type { SessionRow, TurnPage } from "./types";

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
  order?: "asc" | "desc";
  limit?: number;
}

export function fetchTurns(id: string, range: TurnRange, signal?: AbortSignal): Promise<TurnPage> {
  const params = { path: { session_id: id }, query: { limit: OPS_PER_PAGE, ...range } };
  return read(api.GET("/api/sessions/{session_id}/turns", { params, ...(signal ? { signal } : {}) }));
}

/** A payload's whole text; `bytes` is part of the key because a streamed answer grows. */
export function usePayloadText(session: string, payload: { id: string; bytes: number }, enabled: boolean) {
  return useQuery({
    queryKey: ["payload", session, payload.id, payload.bytes],
    queryFn: ({ signal }) => readText(payloadUrl(session, payload.id), signal),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
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

export interface TopologyChoice {
  level: "agents" | "turns" | "calls";
  size: "duration" | "cost" | "tokens" | "calls" | "failures" | "context";
  nodes: number;
}

/** Who called what in a session and all that it started; the last answer stays while a new one comes. */
export function useTopology(id: string, choice: TopologyChoice) {
  return useQuery({
    queryKey: ["topology", id, choice],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/sessions/{session_id}/topology", {
          params: { path: { session_id: id }, query: choice },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export type Severity = "debug" | "info" | "warning" | "error";

const LOGS_PER_PAGE = 500;

/** The agents' own notices in a session tree, from the first on, page by page. */
export function useLogs(id: string, severity: Severity, scope: "tree" | "self") {
  return useInfiniteQuery({
    queryKey: ["logs", id, severity, scope],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        severity,
        scope,
        limit: LOGS_PER_PAGE,
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      return read(
        api.GET("/api/sessions/{session_id}/logs", { params: { path: { session_id: id }, query }, signal }),
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** The records of a session's files that could not be read, page by page. */
export function useIngestErrors(session: string) {
  return useInfiniteQuery({
    queryKey: ["ingest-errors", session],
    queryFn: ({ pageParam, signal }) => {
      const query = { session, limit: LOGS_PER_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return read(api.GET("/api/ingest-errors", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
