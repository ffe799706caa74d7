import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLiveRefresh } from "../../api/live";
import {
  fetchSessions,
  refreshChildren,
  type SessionFilter,
  sessionsQuery,
  useSessions,
} from "../../api/queries";
import { refreshInPlace } from "../../logic/session-list";

/**
 * The filtered list, kept up to date. While it is settled (scrolled to the top, nothing
 * under the pointer) new sessions appear at once; else rows change in place only, and the
 * new ones wait until they are asked for.
 */
export function useSessionList(filter: SessionFilter) {
  const client = useQueryClient();
  const list = useSessions(filter);
  const { queryKey } = sessionsQuery(filter);
  const [settled, setSettled] = useState(true);
  const [arrived, setArrived] = useState({ filter, count: 0 });
  const waiting = arrived.filter === filter ? arrived.count : 0;

  const showWaiting = async () => {
    const page = await fetchSessions(filter, null);
    client.setQueryData(queryKey, { pages: [page], pageParams: [null] });
    setArrived({ filter, count: 0 });
  };

  const settle = (now: boolean) => {
    setSettled(now);
    if (now && waiting > 0) void showWaiting();
  };

  useLiveRefresh(
    (change) => change.everything || change.sessions.size > 0,
    async () => {
      await refreshChildren(client);
      if (settled) return showWaiting();
      const fresh = await fetchSessions(filter, null);
      const data = client.getQueryData(queryKey);
      if (!data) return undefined;
      const { pages, waiting: count } = refreshInPlace(data.pages, fresh);
      client.setQueryData(queryKey, { ...data, pages });
      return setArrived({ filter, count });
    },
  );

  return { list, waiting, showWaiting, settle };
}
