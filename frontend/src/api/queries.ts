/** One hook per endpoint; each key stands beside its fetch. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { boundsOf, parseRange } from "../logic/range";
import type { Bucket, StatsBy } from "../logic/dimensions";
import { type WorkQuery, ZONE } from "../logic/work-filter";
import { api, ApiError, describe, payloadUrl, read, readPart, readText } from "./client";
import type { operations } from "./schema";
import type { MarkChange, MarkInput, SessionRow, TurnPage } from "./types";

export interface SessionFilter {
  q?: string;
  format?: string;
  status?: "running" | "completed" | "failed" | "abandoned" | "interrupted";
  project?: string;
  model?: string;
  failed?: boolean;
  /** With work in this range of time, as the address of other pages has it, too. */
  range?: string;
  /** What a number of the statistics counted them by; parameters of the server's. */
  worked?: Record<string, string>;
}

const SESSIONS_PER_PAGE = 100;
const CHILDREN = 500;
const PREVIEW_OPS = 40;
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

export const useSettings = () =>
  useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => read(api.GET("/api/settings", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => read(api.GET("/api/sources", { signal })),
  staleTime: SHARED_MS,
});

export const useSources = () => useQuery(sourcesQuery);

export function homeQuery(day: string | undefined, tz: string) {
  return queryOptions({
    queryKey: ["home", day, tz],
    queryFn: ({ signal }) =>
      read(api.GET("/api/home", { params: { query: { tz, ...(day ? { day } : {}) } }, signal })),
  });
}

export const useHome = (day: string | undefined, tz: string) => useQuery(homeQuery(day, tz));

const HITS_PER_PAGE = 50;

export interface SearchQuestion {
  q: string;
  sort: "newest" | "best";
  /** The last word may be the beginning of one only. */
  typing: boolean;
}

export function useSearchHits(question: SearchQuestion) {
  return useInfiniteQuery({
    queryKey: ["search", question],
    queryFn: ({ pageParam, signal }) => fetchHits(question, HITS_PER_PAGE, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: question.q !== "",
    staleTime: SHARED_MS,
    // While one goes on typing, the last hits stay.
    placeholderData: keepPreviousData,
  });
}

export function fetchHits(
  question: SearchQuestion,
  limit: number,
  cursor: string | null,
  signal?: AbortSignal,
) {
  const query = { ...question, limit, ...(cursor === null ? {} : { cursor }) };
  return read(api.GET("/api/search", { params: { query }, ...(signal ? { signal } : {}) }));
}

export function sessionsQuery(filter: SessionFilter) {
  return infiniteQueryOptions({
    queryKey: ["sessions", filter],
    queryFn: ({ pageParam, signal }) => fetchSessions(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** A page of sessions. A search looks into sub-agents, too: what it finds is listed by itself. */
export function fetchSessions(
  filter: SessionFilter,
  cursor: string | null,
  signal?: AbortSignal,
  limit: number = SESSIONS_PER_PAGE,
) {
  const { worked, range, ...own } = filter;
  const query = {
    ...own,
    ...rangeQuery(range),
    ...(worked ?? { roots: !filter.q }),
    limit,
    // They are of all pages.
    ...(cursor === null ? { facets: true } : { cursor }),
  };
  return read(api.GET("/api/sessions", { params: { query }, ...(signal ? { signal } : {}) }));
}

export const useSessions = (filter: SessionFilter) => useInfiniteQuery(sessionsQuery(filter));

function rangeQuery(text: string | undefined) {
  const range = parseRange(text ?? null);
  if (!range) return {};
  const { since, until } = boundsOf(range, Date.now() * 1000);
  return {
    tz: ZONE,
    ...(since === undefined ? {} : { worked_since: since }),
    ...(until === undefined ? {} : { worked_until: until }),
  };
}

/** All sessions that a filter lets through, for a file. */
export async function fetchAllSessions(
  filter: SessionFilter,
  cursor: string | null = null,
): Promise<SessionRow[]> {
  const page = await fetchSessions(filter, cursor, undefined, CHILDREN);
  return page.next === null
    ? page.sessions
    : [...page.sessions, ...(await fetchAllSessions(filter, page.next))];
}

/** What a session was asked first and answered last. */
export function usePreview(id: string) {
  return useQuery({
    queryKey: ["preview", id],
    queryFn: async ({ signal }) => {
      const [first, last] = await Promise.all([
        fetchTurns(id, { limit: 1 }, signal),
        fetchTurns(id, { limit: PREVIEW_OPS, order: "desc" }, signal),
      ]);
      return { first: first.turns[0], last: last.turns };
    },
    staleTime: SHARED_MS,
  });
}

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

export interface TopologyChoice {
  level: "agents" | "turns" | "calls";
  size: "duration" | "cost" | "tokens" | "calls" | "failures" | "context";
  nodes: number;
}

/** Who called what in a session and all that it started; the last answer stays while a new one comes. */
export function useSessionTopology(id: string, choice: TopologyChoice) {
  return useQuery({
    queryKey: ["session-topology", id, choice],
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
export function useSessionIngestErrors(session: string) {
  return useInfiniteQuery({
    queryKey: ["session-ingest-errors", session],
    queryFn: ({ pageParam, signal }) => {
      const query = { session, limit: LOGS_PER_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return read(api.GET("/api/ingest-errors", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** What a statistics page shows stays while the next answer is on its way. */
const kept = { placeholderData: keepPreviousData, staleTime: SHARED_MS } as const;

export function useStats(work: WorkQuery | null, by?: StatsBy) {
  return useQuery({
    ...kept,
    queryKey: ["stats", work, by],
    queryFn: ({ signal }) =>
      read(api.GET("/api/stats", { params: { query: { ...work, ...(by ? { by } : {}) } }, signal })),
    enabled: work !== null,
  });
}

type ServerMetric = NonNullable<operations["heatmap"]["parameters"]["query"]>["metric"];

export function useSeries(work: WorkQuery | null, metric: string, bucket: Bucket, by?: StatsBy) {
  return useQuery({
    ...kept,
    queryKey: ["series", work, metric, bucket, by],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/stats/series", {
          params: {
            query: {
              ...work,
              metric: metric as ServerMetric & string,
              bucket,
              lines: 7,
              ...(by ? { by } : {}),
            },
          },
          signal,
        }),
      ),
    enabled: work !== null,
  });
}

export function useHeatmap(work: WorkQuery | null, metric: string) {
  return useQuery({
    ...kept,
    queryKey: ["heatmap", work, metric],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/stats/heatmap", {
          params: { query: { ...work, metric: metric as ServerMetric & string } },
          signal,
        }),
      ),
    enabled: work !== null,
  });
}

export function useDistributions(work: WorkQuery | null) {
  return useQuery({
    ...kept,
    queryKey: ["distributions", work],
    queryFn: ({ signal }) =>
      read(api.GET("/api/stats/distributions", { params: { query: { ...work } }, signal })),
    enabled: work !== null,
  });
}

export function useDurations(work: WorkQuery | null, enabled: boolean) {
  return useQuery({
    ...kept,
    queryKey: ["durations", work],
    queryFn: ({ signal }) =>
      read(api.GET("/api/stats/durations", { params: { query: { ...work } }, signal })),
    enabled: enabled && work !== null,
  });
}

export interface FailuresAsked {
  group?: string;
  examples?: number;
  cursor?: string;
  limit?: number;
}

export function useFailures(work: WorkQuery | null, asked: FailuresAsked = {}) {
  return useQuery({
    ...kept,
    queryKey: ["failures", work, asked],
    queryFn: ({ signal }) =>
      read(api.GET("/api/failures", { params: { query: { ...work, ...asked } }, signal })),
    enabled: work !== null,
  });
}

export const CATALOG_KINDS = ["tools", "models", "agents", "projects", "providers"] as const;
export type CatalogKind = (typeof CATALOG_KINDS)[number];

export function useCatalog(kind: CatalogKind, work: WorkQuery | null) {
  return useQuery({
    ...kept,
    queryKey: ["catalog", kind, work],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/catalog/{catalog_kind}", {
          params: { path: { catalog_kind: kind }, query: { ...work, durations: true } },
          signal,
        }),
      ),
    enabled: work !== null,
  });
}

export function useCatalogDetail(kind: CatalogKind, name: string, work: WorkQuery | null) {
  return useQuery({
    ...kept,
    queryKey: ["catalog", kind, name, work],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/catalog/{catalog_kind}/detail", {
          params: { path: { catalog_kind: kind }, query: { ...work, name } },
          signal,
        }),
      ),
    enabled: work !== null,
  });
}

export function useTopology(work: WorkQuery | null) {
  return useQuery({
    ...kept,
    queryKey: ["topology", work],
    queryFn: ({ signal }) => read(api.GET("/api/topology", { params: { query: { ...work } }, signal })),
    enabled: work !== null,
  });
}

export function useIngestErrors(source: { format?: string; root?: string; cursor?: string }) {
  return useQuery({
    ...kept,
    queryKey: ["ingest-errors", source],
    queryFn: ({ signal }) =>
      read(api.GET("/api/ingest-errors", { params: { query: { limit: 100, ...source } }, signal })),
  });
}

export interface SessionsAsked {
  q: string;
  worked_since?: string;
  worked_until?: string;
  agent?: string;
  project?: string;
  format?: string;
}

export function useSessionsMatching(asked: SessionsAsked) {
  return useQuery({
    ...kept,
    queryKey: ["sessions-matching", asked],
    queryFn: ({ signal }) =>
      read(api.GET("/api/sessions", { params: { query: { ...asked, roots: false, limit: 100 } }, signal })),
  });
}

export function useTimeline(id: string) {
  return useQuery({
    ...kept,
    queryKey: ["timeline", id],
    queryFn: ({ signal }) =>
      read(
        api.GET("/api/sessions/{session_id}/timeline", {
          params: { path: { session_id: id }, query: { steps: 600 } },
          signal,
        }),
      ),
    enabled: id !== "",
  });
}

/** A session's turns in short: prompt, time, cost, how many steps. */
export function useTurnSums(id: string) {
  return useQuery({
    ...kept,
    queryKey: ["turn-sums", id],
    queryFn: async ({ signal }) => {
      const told = await read(
        api.GET("/api/sessions/{session_id}/topology", {
          params: { path: { session_id: id }, query: { level: "turns", nodes: 2000 } },
          signal,
        }),
      );
      return told.nodes
        .filter((node) => node.kind === "turn" && node.session?.id === id)
        .toSorted((one, other) => (one.turn ?? 0) - (other.turn ?? 0));
    },
    enabled: id !== "",
  });
}

/** How a session begins and ends: its first prompt, and its last answer, as far as lists show them. */
export function useEnds(id: string) {
  return useQuery({
    ...kept,
    queryKey: ["ends", id],
    queryFn: async ({ signal }) => {
      const [first, last] = await Promise.all([
        fetchTurns(id, { from_turn: 1, limit: 1 }, signal),
        fetchTurns(id, { order: "desc", limit: 100 }, signal),
      ]);
      const prompt = first.turns[0]?.payloads.find((one) => one.kind === "prompt")?.text ?? null;
      const answers = last.turns
        .flatMap((turn) => turn.ops)
        .toSorted((one, other) => other.seq - one.seq)
        .flatMap((op) => op.payloads.filter((one) => one.kind === "answer"));
      return { prompt, answer: answers[0]?.text ?? null };
    },
    enabled: id !== "",
  });
}
