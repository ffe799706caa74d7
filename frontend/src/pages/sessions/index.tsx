import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { parseRange, printRange } from "../../logic/range";
import { formatCount, groupThousands } from "../../logic/units";
import { sessionsOf } from "../../logic/session-list";
import { RangePicker } from "../../ui/range";
import { Shell } from "../../ui/shell";
import { ActionButton, EmptyState, ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { useMedia } from "../../ui/use-media";
import { EmptyStore } from "./empty-store";
import styles from "./sessions.module.css";
import { SessionTable } from "./table";
import { Toolbar } from "./toolbar";
import { useFilter } from "./url";
import { type GroupBy, GROUPS, ViewMenu } from "./view-menu";
import { useSessionList } from "./use-session-list";

const NO_FILTER = {
  q: "",
  format: "",
  project: "",
  model: "",
  range: "",
  status: undefined,
  failed: false,
  worked: undefined,
};

export default function SessionsPage() {
  const [filter, setFilter] = useFilter();
  const { list, waiting, showWaiting, settle } = useSessionList(filter);
  const sessions = useMemo(() => sessionsOf(list.data?.pages ?? []), [list.data]);
  const total = list.data?.pages.at(-1)?.total;
  const filtered = Object.keys(filter).length > 0;
  const facets = list.data?.pages[0]?.facets ?? undefined;
  const wide = useMedia("(min-width: 1501px)");
  const [params, setParams] = useSearchParams();
  const group = GROUPS.find((known) => known === params.get("group"));
  const chooseGroup = (by: GroupBy | undefined) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (by) after.set("group", by);
      else after.delete("group");
      return after;
    });
  const filterKey = JSON.stringify(filter);
  const emptyStore = list.data !== undefined && sessions.length === 0 && !filtered;

  return (
    <Shell
      crumbs={[{ text: "Sessions" }]}
      tools={
        <RangePicker
          range={parseRange(filter.range ?? null) ?? { kind: "all" }}
          bounds={undefined}
          older={false}
          choose={(range) => setFilter({ range: range.kind === "all" ? "" : printRange(range) })}
        />
      }
    >
      <div className={styles.page}>
        <h1 className="visually-hidden">Sessions</h1>
        {emptyStore ? null : (
          <Toolbar filter={filter} facets={facets} onChange={setFilter}>
            {list.isRefetchError ? (
              <StaleNote since={list.dataUpdatedAt} onRetry={() => void list.refetch()} />
            ) : null}
            {total === undefined ? null : (
              <span className={styles.total} role="status">
                {groupThousands(total)} {total === 1 ? "session" : "sessions"}
              </span>
            )}
            <ViewMenu filter={filter} wide={wide} group={group} onGroup={chooseGroup} />
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
            group={group}
            wide={wide}
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
