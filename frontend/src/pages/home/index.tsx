import { useQueryClient } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { useLiveRefresh } from "../../api/live";
import { homeQuery, useHome } from "../../api/queries";
import type { Home } from "../../api/types";
import { formatDate } from "../../logic/time";
import { ZONE } from "../../logic/work-filter";
import { Shell } from "../../ui/shell";
import { ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { EmptyStore } from "../sessions/empty-store";
import { BackfillNote } from "./backfill-note";
import styles from "./home.module.css";
import { LiveSessions } from "./live-sessions";
import { Costly, Failing, Recent } from "./lists";
import { Spend } from "./spend";
import { Tiles } from "./tiles";

const DAY = /^\d{4}-\d\d-\d\d$/;
/** The whole page is asked for anew: that may take longer than a look at one session. */
const PAUSE_MS = 1_000;

export default function HomePage() {
  const [params] = useSearchParams();
  const chosen = params.get("day") ?? "";
  const day = DAY.test(chosen) ? chosen : undefined;
  const client = useQueryClient();
  const home = useHome(day, ZONE);
  useLiveRefresh(
    () => true,
    () => client.refetchQueries({ queryKey: homeQuery(day, ZONE).queryKey }),
    PAUSE_MS,
  );
  const { data } = home;
  return (
    <Shell crumbs={[{ text: "Home" }]}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Home</h1>
        {home.isError && !data ? (
          <ErrorState
            what="What happens now could not be loaded."
            error={home.error}
            onRetry={() => void home.refetch()}
          />
        ) : !data ? (
          <Skeleton rows={14} label="Loading what happens now" />
        ) : data.newest === null ? (
          <>
            <BackfillNote ingest={data.ingest} />
            <EmptyStore />
          </>
        ) : (
          <Content home={data} chosen={day !== undefined}>
            {home.isRefetchError ? (
              <StaleNote since={home.dataUpdatedAt} onRetry={() => void home.refetch()} />
            ) : null}
          </Content>
        )}
      </div>
    </Shell>
  );
}

function Content({ home, chosen, children }: { home: Home; chosen: boolean; children: React.ReactNode }) {
  const empty = home.today.ops === 0;
  return (
    <>
      <BackfillNote ingest={home.ingest} />
      {children}
      {chosen || (empty && home.newest !== home.day) ? <DayNote home={home} empty={empty} /> : null}
      <Tiles home={home} chosen={chosen} />
      <LiveSessions home={home} />
      <div className={styles.columns}>
        <Spend home={home} chosen={chosen} />
        <Failing home={home} chosen={chosen} />
        <Costly home={home} chosen={chosen} />
      </div>
      <Recent sessions={home.recent} />
    </>
  );
}

/** Which day is looked at if it is not today; on a day without work, the last one with some. */
function DayNote({ home, empty }: { home: Home; empty: boolean }) {
  const isNewest = home.newest === home.day;
  return (
    <p className={styles.note} role="status">
      {empty ? `Nothing was done on ${formatDate(home.day)}.` : `This is ${formatDate(home.day)}.`}
      {home.newest !== null && !isNewest ? (
        <Link href={`/?day=${home.newest}`}>Last data {formatDate(home.newest)}: jump</Link>
      ) : null}
      <Link href="/">Today</Link>
    </p>
  );
}
