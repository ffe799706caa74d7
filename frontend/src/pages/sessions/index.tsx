import { useMemo } from "react";
import { formatCount, groupThousands } from "../../logic/units";
import { sessionsOf } from "../../logic/session-list";
import { Shell } from "../../ui/shell";
import { ActionButton, EmptyState, ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { EmptyStore } from "./empty-store";
import styles from "./sessions.module.css";
import { SessionTable } from "./table";
import { Toolbar } from "./toolbar";
import { useFilter } from "./url";
import { useSessionList } from "./use-session-list";

const NO_FILTER = { q: "", format: "", project: "", status: undefined, failed: false, worked: undefined };

export default function SessionsPage() {
  const [filter, setFilter] = useFilter();
  const { list, waiting, showWaiting, settle } = useSessionList(filter);
  const sessions = useMemo(() => sessionsOf(list.data?.pages ?? []), [list.data]);
  const total = list.data?.pages.at(-1)?.total;
  const filtered = Object.keys(filter).length > 0;
  const filterKey = JSON.stringify(filter);
  const emptyStore = list.data !== undefined && sessions.length === 0 && !filtered;

  return (
    <Shell crumbs={[{ text: "Sessions" }]}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Sessions</h1>
        {emptyStore ? null : (
          <Toolbar filter={filter} sessions={sessions} onChange={setFilter}>
            {list.isRefetchError ? (
              <StaleNote since={list.dataUpdatedAt} onRetry={() => void list.refetch()} />
            ) : null}
            {total === undefined ? null : (
              <span className={styles.total} role="status">
                {groupThousands(total)} {total === 1 ? "session" : "sessions"}
              </span>
            )}
          </Toolbar>
        )}
        {list.isPending ? (
          <Skeleton rows={16} label="Loading sessions" />
        ) : list.isError && !list.data ? (
          <ErrorState
            what="The sessions could not be loaded."
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        ) : sessions.length > 0 ? (
          <SessionTable
            // Another filter is another list, with its own place.
            key={filterKey}
            sessions={sessions}
            total={total ?? sessions.length}
            filterKey={filterKey}
            onSettled={settle}
            onNearEnd={() => {
              if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
            newAbove={
              waiting > 0 ? (
                <button type="button" className={styles.waiting} onClick={() => void showWaiting()}>
                  {formatCount(waiting)} new ↑
                </button>
              ) : null
            }
          />
        ) : emptyStore ? (
          <EmptyStore />
        ) : (
          <EmptyState title="No session matches the filter.">
            <ActionButton onClick={() => setFilter(NO_FILTER)}>Clear the filter</ActionButton>
          </EmptyState>
        )}
      </div>
    </Shell>
  );
}
