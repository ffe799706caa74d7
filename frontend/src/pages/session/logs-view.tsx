import Anser from "anser";
import { useEffect, useMemo, useState } from "react";
import { useLiveRefresh } from "../../api/live";
import { type Severity, useSessionIngestErrors, useLogs } from "../../api/queries";
import type { IngestError, SessionLog } from "../../api/types";
import { type Selection, selectionName } from "../../core/selection";
import { opRow, type Trace } from "../../core/trace";
import { describeInstant, formatClock } from "../../logic/time";
import { groupThousands, plural } from "../../logic/units";
import { ActionButton, EmptyState, ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { type Column, DataTable } from "./data-table";
import styles from "./logs-view.module.css";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";
import { BarButton, BarNote, Choices, Select, ViewBar } from "./view-bar";
import type { ViewProps } from "./view-props";

const SEVERITIES: readonly (readonly [Severity, string])[] = [
  ["debug", "All"],
  ["info", "Info and above"],
  ["warning", "Warnings and errors"],
  ["error", "Errors"],
];
const SEVERITY_NAMES = SEVERITIES.map(([severity]) => severity);
const PARTS = [
  ["notices", "Notices", "What the agent's program wrote down beside its work"],
  ["unread", "Not read", "Records of the session's files that could not be read"],
] as const;
const PART_NAMES = PARTS.map(([part]) => part);
const NOTICE_COLUMNS: readonly Column[] = [
  { text: "Time", width: "68px" },
  { text: "Severity", width: "68px" },
  { text: "What", width: "96px" },
  { text: "Agent", width: "84px" },
  { text: "Message", width: "minmax(260px, 1fr)" },
];
const ERROR_COLUMNS: readonly Column[] = [
  { text: "Error", width: "130px" },
  { text: "Byte", width: "90px", number: true, hint: "Where in the file the record begins" },
  { text: "Message", width: "minmax(220px, 1fr)" },
  { text: "File", width: "minmax(160px, 0.6fr)" },
];

/** What the agents' programs wrote down, and what of the session's files could not be read. */
export default function LogsView(props: ViewProps) {
  const { bench, lanes } = props;
  const sel = useBenchState(bench, (state) => state.sel);
  const [part, setPart] = useAddressChoice("logs", PART_NAMES);
  const [severity, setSeverity] = useAddressChoice("severity", SEVERITY_NAMES);
  const follow = useBenchState(bench, (state) => state.follow);
  const page = lanes.trace.head.sessions[0]?.id ?? "";
  return (
    <section
      className={styles.logs}
      aria-label="Logs"
      data-pane="logs"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <ViewBar label="Logs">
        <Choices label="What" value={part} choices={PARTS} onChoose={setPart} />
        {part === "notices" ? (
          <>
            <Select label="Severity" value={severity} choices={SEVERITIES} onChoose={setSeverity} />
            <BarButton
              pressed={follow}
              hint="Keep the end in sight as it grows (l)"
              onClick={() => bench.set({ follow: !follow })}
            >
              Follow
            </BarButton>
          </>
        ) : null}
      </ViewBar>
      {part === "notices" ? (
        <Notices
          key={severity}
          {...props}
          page={page}
          severity={severity}
          onAll={() => setSeverity("debug")}
        />
      ) : (
        <Unread page={page} />
      )}
    </section>
  );
}

interface NoticesProps extends ViewProps {
  page: string;
  severity: Severity;
  onAll: () => void;
}

function Notices({ bench, lanes, page, severity, onAll }: NoticesProps) {
  const { trace } = lanes;
  const scope = useBenchState(bench, (state) => state.scope);
  const range = useBenchState(bench, (state) => state.range);
  const follow = useBenchState(bench, (state) => state.follow);
  const query = useLogs(page, severity, scope);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const [chosen, setChosen] = useState<string | null>(null);
  useLiveRefresh(
    (change) => change.everything || trace.head.sessions.some(({ id }) => change.sessions.has(id)),
    () => query.refetch(),
  );
  const loaded = useMemo(() => query.data?.pages.flatMap(({ logs }) => logs) ?? [], [query.data]);
  const shown = useMemo(
    () => (range ? loaded.filter(({ ts }) => ts !== null && ts >= range.start && ts < range.end) : loaded),
    [loaded, range],
  );
  // They come in order of time: what is looked for may be further on.
  const last = loaded.at(-1)?.ts ?? null;
  const further =
    hasNextPage && !isFetchingNextPage && (follow || (range !== null && (last ?? 0) < range.end));
  useEffect(() => {
    if (further) void fetchNextPage();
  }, [further, fetchNextPage]);

  if (query.isPending) return <Skeleton rows={12} label="Loading the notices" />;
  if (query.isError && !query.data) {
    return (
      <ErrorState
        what="The notices could not be loaded."
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (shown.length === 0 && !isFetchingNextPage) {
    return range && loaded.length > 0 ? (
      <EmptyState title="Nothing was noted in this part of the time.">
        <ActionButton onClick={() => bench.settle(null)}>Show all of the time</ActionButton>
      </EmptyState>
    ) : severity === "debug" ? (
      <EmptyState title="The agent's program wrote down no notices of this session." />
    ) : (
      <EmptyState title="There are no notices as severe as that.">
        <ActionButton onClick={onAll}>Show all notices</ActionButton>
      </EmptyState>
    );
  }
  const row = shown.findIndex((log) => keyOfLog(log) === chosen);
  const log = shown[row];
  return (
    <>
      <DataTable
        label="Notices"
        columns={NOTICE_COLUMNS}
        count={shown.length}
        cell={(at, column) => noticeCell(shown[at], column)}
        chosen={row}
        onChoose={(at) => {
          const one = shown[at];
          if (!one) return;
          setChosen(keyOfLog(one));
          bench.set({ sel: selectionOfLog(trace, one), origin: "logs", follow: false });
        }}
        onEnd={hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined}
        follow={follow}
        rowKey={(at) => (shown[at] ? keyOfLog(shown[at]) : "")}
      />
      {log ? (
        <div className={styles.detail}>
          <b>{log.name}</b>
          <span className={styles.muted} title={describeInstant(log.ts)}>
            {formatClock(log.ts)} · {log.severity} · turn {log.turn}
            {log.agent ? ` · ${log.agent}` : ""}
          </span>
          <pre>{plain(log.message)}</pre>
        </div>
      ) : null}
      <div className={styles.foot}>
        <BarNote>
          {query.isRefetchError ? (
            <StaleNote since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />
          ) : (
            `${plural(shown.length, "notice")}${hasNextPage ? ", more below" : ""}`
          )}
        </BarNote>
      </div>
    </>
  );
}

function noticeCell(log: SessionLog | undefined, column: number): React.ReactNode {
  if (!log) return null;
  if (column === 1) return <span data-severity={log.severity}>{log.severity}</span>;
  return [formatClock(log.ts), null, log.name, log.agent ?? "", plain(log.message)][column];
}

function keyOfLog(log: SessionLog): string {
  return `${log.session} ${log.n}`;
}

/** Without the codes by which a terminal is told colours. */
function plain(text: string): string {
  return text.includes("\u001b") ? Anser.ansiToText(text) : text;
}

/** The op that a notice is about; else the last that began before it in its turn; else the turn. */
function selectionOfLog(trace: Trace, log: SessionLog): Selection {
  const session = trace.head.sessions.findIndex(({ id }) => id === log.session);
  if (session !== -1 && log.seq > 0 && opRow(trace, session, log.seq) !== -1) {
    return { type: "op", session: log.session, number: log.seq };
  }
  const { first_op: from, ops } = trace.head.sessions[session] ?? { first_op: 0, ops: 0 };
  let found = -1;
  let latest = Number.NEGATIVE_INFINITY;
  for (let op = from; log.ts !== null && op < from + ops; op++) {
    const start = trace.ops.start[op] ?? Number.NaN;
    if (trace.ops.turn[op] !== log.turn || !(start <= log.ts) || start < latest) continue;
    [found, latest] = [op, start];
  }
  return found === -1
    ? { type: "turn", session: log.session, number: log.turn }
    : { type: "op", session: log.session, number: trace.ops.seq[found] ?? 0 };
}

function Unread({ page }: { page: string }) {
  const query = useSessionIngestErrors(page);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const [chosen, setChosen] = useState(-1);
  if (query.isPending) return <Skeleton rows={6} label="Loading what could not be read" />;
  if (query.isError && !query.data) {
    return (
      <ErrorState
        what="What could not be read could not be loaded."
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const errors = query.data.pages.flatMap((one) => one.errors);
  if (errors.length === 0) return <EmptyState title="All records of this session's files were read." />;
  const error = errors[chosen];
  return (
    <>
      <DataTable
        label="Records that could not be read"
        columns={ERROR_COLUMNS}
        count={errors.length}
        cell={(row, column) => errorCell(errors[row], column)}
        chosen={chosen}
        onChoose={setChosen}
        onEnd={hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined}
      />
      {error ? (
        <div className={styles.detail}>
          <b>{error.error_class}</b>
          <span className={styles.muted}>
            {error.path}, at byte {groupThousands(error.offset)}
          </span>
          <pre>{[error.message, error.excerpt].filter(Boolean).join("\n\n")}</pre>
        </div>
      ) : null}
      <div className={styles.foot}>
        <BarNote>{plural(errors.length, "record")} could not be read</BarNote>
      </div>
    </>
  );
}

function errorCell(error: IngestError | undefined, column: number): React.ReactNode {
  if (!error) return null;
  const file = error.path.split(/[/\\]/).at(-1) ?? error.path;
  return [error.error_class, groupThousands(error.offset), error.message, file][column];
}
