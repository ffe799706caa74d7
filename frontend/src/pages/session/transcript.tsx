import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import type { SessionRow } from "../../api/types";
import { selectionName, type Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import type { Transcript } from "../../logic/transcript";
import { countAfter, lastPlace } from "../../logic/transcript";
import { estimateHeight, TURN_HEIGHT } from "../../logic/row-height";
import { type TranscriptRow, transcriptRows } from "../../logic/transcript-rows";
import { plural } from "../../logic/units";
import { useToday } from "../../ui/today";
import { zoneName } from "../../logic/time";
import { useShortcuts } from "../../ui/shortcuts";
import { ActionButton, EmptyState } from "../../ui/states";
import { sessionStanding } from "../../logic/status";
import { useBenchState } from "./use-bench";
import { hasDetails } from "./op-details";
import { RowView } from "./rows";
import styles from "./session.module.css";
import type { useTranscript } from "./use-transcript";
import { usePlace } from "./workbench";

type Align = "auto" | "start" | "center";

const NEAR_PX = 1_200;
const AT_END_PX = 24;
const COLUMNS_HEIGHT = 24;
const END_HEIGHT = 64;

interface TranscriptViewProps {
  id: string;
  session: SessionRow | undefined;
  transcript: Transcript;
  turns: ReturnType<typeof useTranscript>;
  bench: Workbench;
  trace: Trace | undefined;
}

export function TranscriptView({ id, session, transcript, turns, bench, trace }: TranscriptViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => transcriptRows(transcript.turns), [transcript.turns]);
  const heads = useMemo(() => rows.flatMap((row, index) => (row.type === "turn" ? [index] : [])), [rows]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [currentKey, setCurrentKey] = useState<string>();
  const [seen, setSeen] = useState(() => lastPlace(transcript.turns));
  // Off while one looks into something that was opened at the end: it must not run away.
  const [following, setFollowing] = useState(true);
  const [atEnd, setAtEnd] = useState(false);
  const stickyHead = useRef(0);
  const today = useToday();
  const complete = transcript.newer === null;

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const row = rows[index];
      return row ? estimateHeight(row) : 0;
    },
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
    scrollPaddingStart: TURN_HEIGHT + COLUMNS_HEIGHT,
    scrollMargin: COLUMNS_HEIGHT,
    paddingEnd: END_HEIGHT,
    // What one reads stays where it is when older rows arrive above; at the live end the view follows.
    anchorTo: "end",
    followOnAppend: complete && following,
    scrollEndThreshold: following ? AT_END_PX : -1,
    rangeExtractor: (range) => {
      stickyHead.current = heads.findLast((index) => index <= range.startIndex) ?? 0;
      return [...new Set([stickyHead.current, ...defaultRangeExtractor(range)])].toSorted((a, b) => a - b);
    },
  });

  const last = lastPlace(transcript.turns);
  const unseen = complete ? countAfter(transcript.turns, seen) : 0;

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (!turns.failed && below < NEAR_PX) void turns.more("newer");
    if (!turns.failed && element.scrollTop < NEAR_PX) void turns.more("older");
    setAtEnd(below <= AT_END_PX);
    if (below <= AT_END_PX) setSeen(last);
  };
  // Rows that arrive change what is near without a scroll.
  const onRows = useEffectEvent(onScroll);
  useEffect(() => onRows(), [rows]);
  // Until the end is loaded, what arrives was asked for: none of it is new.
  if (!complete && (seen.turn !== last.turn || seen.seq !== last.seq)) setSeen(last);

  const choose = (row: TranscriptRow) => {
    held.current = undefined;
    setCurrentKey(row.key);
    const chosen = row.type === "op" || row.type === "answer";
    bench.set({
      sel: { type: chosen ? "op" : "turn", session: id, number: chosen ? row.op.seq : row.turn.turn },
      origin: "transcript",
    });
  };

  // What is chosen in another pane comes into view here, read from the server first if need be.
  const sel = useBenchState(bench, (state) => state.sel);
  const place = usePlace(bench, trace);
  const shown = useRef<typeof place>(null);
  const asked = useRef<typeof place>(null);
  // Until one scrolls oneself, it stays in view while rows around it arrive and are measured.
  const held = useRef<string>(undefined);
  const hold = useEffectEvent(() => {
    const index = rows.findIndex((row) => row.key === held.current);
    if (index !== -1) virtual.scrollToIndex(index, { align: "auto" });
  });
  useEffect(() => {
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => hold()));
    return () => cancelAnimationFrame(frame);
  }, [rows, currentKey]);
  const goToPlace = useEffectEvent(() => {
    if (!place || shown.current === place) return;
    if (bench.state.origin === "transcript") {
      shown.current = place;
      return;
    }
    const key = place.seq === null ? `turn-${place.turn}` : `op-${place.seq}`;
    const index = rows.findIndex((row) => row.key === key);
    if (index !== -1) {
      shown.current = place;
      held.current = key;
      setCurrentKey(key);
      setFollowing(false);
      virtual.scrollToIndex(index, { align: place.seq === null ? "start" : "center" });
    } else if (asked.current !== place && turns.loading === null) {
      asked.current = place;
      void turns.toPlace(place.turn, place.seq);
    }
  });
  useEffect(() => goToPlace(), [place, rows, turns.loading]);

  const currentIndex = rows.findIndex((row) => row.key === currentKey);
  // A pane that was made lower still shows what is chosen.
  const height = virtual.scrollRect?.height ?? 0;
  const stay = useEffectEvent(() => {
    if (currentIndex !== -1) virtual.scrollToIndex(currentIndex, { align: "auto" });
  });
  useEffect(() => {
    if (height > 0) stay();
  }, [height]);
  const firstVisible = () =>
    virtual.getVirtualItemForOffset((virtual.scrollOffset ?? 0) + TURN_HEIGHT)?.index ?? 0;

  const focusRow = (index: number, align: Align = "auto") => {
    const row = rows[index];
    if (!row) return;
    choose(row);
    virtual.scrollToIndex(index, { align });
    // A row that was out of view is there only after the list has drawn itself anew.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        document.getElementById(row.key)?.focus({ preventScroll: true });
      }),
    );
  };
  const step = (from: number, by: 1 | -1, wanted: (row: TranscriptRow) => boolean, align: Align = "auto") => {
    for (let index = from + by; index >= 0 && index < rows.length; index += by) {
      const row = rows[index];
      if (row && wanted(row)) return focusRow(index, align);
    }
    return undefined;
  };
  const start = () => (currentIndex === -1 ? firstVisible() - 1 : currentIndex);
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
    setFollowing(false);
  };

  const [goal, setGoal] = useState<"start" | "end" | null>(null);
  useEffect(() => {
    if (goal === "start" && transcript.older === null) virtual.scrollToOffset(0);
    if (goal === "end" && complete) virtual.scrollToEnd();
    if ((goal === "start" && transcript.older === null) || (goal === "end" && complete)) setGoal(null);
  }, [goal, transcript.older, complete, virtual]);
  // What is on its way is let arrive first; then that end is asked for.
  const onLoaded = useEffectEvent(() => {
    if (goal === null || turns.loading !== null) return;
    if (turns.failed) setGoal(null);
    else void (goal === "end" ? turns.toEnd() : turns.toStart());
  });
  useEffect(() => onLoaded(), [turns.loading]);
  const goTo = (where: "start" | "end") => {
    held.current = undefined;
    setCurrentKey(undefined);
    setFollowing(true);
    setGoal(where);
    void (where === "end" ? turns.toEnd() : turns.toStart());
  };

  const follow = useBenchState(bench, (state) => state.follow);
  const followEnd = useEffectEvent(() => goTo("end"));
  useEffect(() => {
    if (follow) followEnd();
  }, [follow, last.turn, last.seq]);

  useShortcuts({
    j: () => step(start(), 1, isStep),
    k: () => step(start(), -1, isStep),
    Home: () => goTo("start"),
    End: () => goTo("end"),
    Enter: () => {
      const row = rows[currentIndex];
      if (row?.type === "op" && hasDetails(row.op)) {
        toggle(row.key);
        // What opens below the fold comes into view once it is measured.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => virtual.scrollToIndex(currentIndex, { align: "auto" })),
        );
      }
    },
  });

  if (rows.length === 0) return <EmptyState title="Nothing has happened in this session yet." />;

  const live = session?.active ?? false;
  const scrolls = virtual.getTotalSize() > (virtual.scrollRect?.height ?? 0);
  return (
    <div className={styles.transcript} data-pane="transcript" data-sel={sel ? selectionName(sel) : undefined}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="region"
        aria-label="Turns"
        // A region that scrolls has to be reachable by the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
        onWheel={() => {
          held.current = undefined;
          setFollowing(true);
          bench.set({ follow: false });
        }}
      >
        <div className={styles.columns} aria-hidden="true">
          <span>Time {zoneName(today)}</span>
          <span />
          <span>Step</span>
          <span className={styles.right}>In</span>
          <span className={styles.right}>Out</span>
          <span className={styles.right}>Cache</span>
          <span className={styles.right}>Cost</span>
          <span>Within the turn</span>
          <span className={styles.right}>Duration</span>
        </div>
        <div className={styles.rows} role="list" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const sticky = item.index === stickyHead.current;
            return (
              // The keyboard chooses by j and k; this is the pointer's way.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={sticky ? styles.stuck : styles.placed}
                role="listitem"
                style={sticky ? undefined : { transform: `translateY(${item.start - COLUMNS_HEIGHT}px)` }}
                onClick={() => choose(row)}
              >
                <RowView
                  row={row}
                  session={id}
                  live={live}
                  stuck={sticky && scrolls && item.start < (virtual.scrollOffset ?? 0)}
                  current={row.key === currentKey}
                  open={opened.has(row.key)}
                  onToggle={() => toggle(row.key)}
                />
              </div>
            );
          })}
          <div className={styles.end} role="listitem" data-end={complete ? "" : undefined}>
            {turns.failed ? (
              <>
                <span role="alert">More could not be loaded: {turns.failed.message}</span>
                <ActionButton onClick={() => void turns.more(complete ? "older" : "newer")}>
                  Try again
                </ActionButton>
              </>
            ) : complete ? (
              session && endNote(session)
            ) : (
              "Loading more …"
            )}
          </div>
        </div>
      </div>
      {unseen > 0 ? (
        <button type="button" className={styles.jump} data-new onClick={() => goTo("end")}>
          {plural(unseen, "new step")} ↓
        </button>
      ) : !atEnd && (live || !complete) ? (
        <button type="button" className={styles.jumpQuiet} onClick={() => goTo("end")}>
          {live ? "Latest" : "End"} ↓
        </button>
      ) : null}
    </div>
  );
}

function isStep(row: TranscriptRow): boolean {
  return row.type !== "turn" && row.type !== "logs";
}

function endNote(session: SessionRow): string {
  const standing = sessionStanding(session);
  if (standing === "running") return "Running: what comes next appears here.";
  if (standing === "idle") return "No end is recorded. If the agent goes on, it appears here.";
  return "End of the session.";
}
