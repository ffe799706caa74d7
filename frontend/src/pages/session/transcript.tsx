import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useMarks } from "../../api/queries";
import type { Mark, SessionRow } from "../../api/types";
import { selectionName, type Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import type { Transcript } from "../../logic/transcript";
import { countAfter, lastPlace } from "../../logic/transcript";
import { hasDetails } from "../../logic/details";
import { inputBefore } from "../../logic/input-before";
import { keyOf, marksByTarget, type Target } from "../../logic/marks";
import { maskedIn } from "../../logic/payloads/masked";
import { estimateHeight, TURN_HEIGHT } from "../../logic/row-height";
import { type TranscriptRow, transcriptRows } from "../../logic/transcript-rows";
import { plural } from "../../logic/units";
import { useToday } from "../../ui/today";
import { zoneName } from "../../logic/time";
import { useShortcuts } from "../../ui/shortcuts";
import { ActionButton, EmptyState } from "../../ui/states";
import { sessionStanding } from "../../logic/status";
import { LogRow } from "./log-row";
import { MarkEditor, MarkFlags } from "./marks";
import { RawRow } from "./raw-row";
import { RowView } from "./rows";
import styles from "./session.module.css";
import { TranscriptBar } from "./transcript-bar";
import { useBenchState } from "./use-bench";
import { useFound } from "./use-found";
import { useReading } from "./use-reading";
import type { useTranscript } from "./use-transcript";
import { usePlace } from "./workbench";

type Align = "auto" | "start" | "center";

const NEAR_PX = 1_200;
const AT_END_PX = 24;
const COLUMNS_HEIGHT = 24;
const END_HEIGHT = 64;
const LOG_HEIGHT = 25;
const RAW_HEIGHT = 160;
const NO_MARKS: readonly Mark[] = [];

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
  const { mode, only, setMode, setOnly } = useReading();
  const [currentKey, setCurrentKey] = useState<string>();
  const every = useMemo(
    () => transcriptRows(transcript.turns, transcript.older !== null),
    [transcript.turns, transcript.older],
  );
  const alone = only ? (every.find((row) => row.key === currentKey) ?? every[0])?.turn.turn : undefined;
  const rows = useMemo(
    () =>
      every.filter(
        (row) =>
          (alone === undefined || row.turn.turn === alone) && (mode === "readable" || row.type !== "answer"),
      ),
    [every, alone, mode],
  );
  const heads = useMemo(() => rows.flatMap((row, index) => (row.type === "turn" ? [index] : [])), [rows]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  // Steps are open, and those in `opened` closed.
  const [allOpen, setAllOpen] = useState(false);
  // What was chosen elsewhere is open while one looks at it.
  const [peeked, setPeeked] = useState<string>();
  const [marking, setMarking] = useState<readonly Target[]>();
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
      if (!row) return 0;
      if (row.type === "turn" || mode === "readable") return estimateHeight(row);
      return mode === "log" ? LOG_HEIGHT : RAW_HEIGHT;
    },
    // A row is measured anew where it is drawn otherwise.
    getItemKey: (index) => `${mode}-${rows[index]?.key ?? index}`,
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
    const [first, final] = [transcript.turns[0]?.turn, transcript.turns.at(-1)?.turn];
    // Of one turn alone only what belongs to it is read on.
    if (!turns.failed && below < NEAR_PX && (alone === undefined || alone === final))
      void turns.more("newer");
    if (!turns.failed && element.scrollTop < NEAR_PX && (alone === undefined || alone === first))
      void turns.more("older");
    setAtEnd(below <= AT_END_PX);
    if (below <= AT_END_PX) setSeen(last);
  };
  // Rows that arrive change what is near without a scroll.
  const onRows = useEffectEvent(onScroll);
  useEffect(() => onRows(), [rows]);
  // Until the end is loaded, what arrives was asked for: none of it is new.
  const [wasComplete, setWasComplete] = useState(complete);
  if (wasComplete !== complete) setWasComplete(complete);
  if (!(complete && wasComplete) && (seen.turn !== last.turn || seen.seq !== last.seq)) setSeen(last);

  const choose = (row: TranscriptRow) => {
    held.current = undefined;
    if (row.key !== currentKey) setPeeked(undefined);
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
    if (index === -1 && every.some((row) => row.key === key)) {
      // It is in another turn than the one shown alone: that is shown instead.
      setCurrentKey(key);
    } else if (index !== -1) {
      shown.current = place;
      held.current = key;
      setCurrentKey(key);
      setPeeked(key);
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
  const isOpen = (row: TranscriptRow) => {
    const steps = allOpen && row.type === "op" && row.op.kind !== "llm" && row.op.kind !== "reasoning";
    return row.key === peeked || opened.has(row.key) !== steps;
  };
  const toggle = (row: TranscriptRow) => {
    const open = isOpen(row);
    const next = new Set(opened);
    if (row.key === peeked) setPeeked(undefined);
    // What was only peeked at is closed by that alone.
    if (row.key !== peeked || opened.has(row.key) !== allOpen) {
      if (!next.delete(row.key)) next.add(row.key);
    }
    setOpened(next);
    setFollowing(false);
    if (!open) choose(row);
  };
  const goToOp = (turn: number, seq: number) =>
    bench.set({ sel: { type: "op", session: id, number: seq }, origin: turn < 0 ? "transcript" : "keys" });

  const marks = useMarks(id).data ?? NO_MARKS;
  const marksOf = useMemo(() => marksByTarget(marks), [marks]);
  const masked = useMemo(() => countMasked(transcript), [transcript]);
  /** What `m` may be about: what is drawn or chosen, what that is in, and all. */
  const markTargets = (): Target[] => {
    const found: Target[] = [];
    const { preview, range } = bench.state;
    if (preview) found.push({ type: "range", ...preview });
    const row = rows[currentIndex];
    if (row && (row.type === "op" || row.type === "answer"))
      found.push({ type: "op", turn: row.op.turn, seq: row.op.seq });
    if (row) found.push({ type: "turn", turn: row.turn.turn });
    if (range) found.push({ type: "range", ...range });
    return [...found, { type: "session" }];
  };
  const goToMark = (target: Target) => {
    if (target.type === "op") goToOp(target.turn, target.seq);
    else if (target.type === "turn")
      bench.set({ sel: { type: "turn", session: id, number: target.turn }, origin: "keys" });
    else if (target.type === "range") bench.settle({ start: target.start, end: target.end });
  };
  const find = useBenchState(bench, (state) => state.find);
  useFound(scroller, find, currentKey);

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

  const openCurrent = () => {
    const row = rows[currentIndex];
    if (row?.type !== "op" || !hasDetails(row.op)) return;
    // What is peeked at stays open by this; else it would be closed by who wants to see it.
    if (row.key === peeked && !opened.has(row.key)) {
      setPeeked(undefined);
      if (!allOpen) setOpened(new Set(opened).add(row.key));
    } else toggle(row);
    // What opens below the fold comes into view once it is measured.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => virtual.scrollToIndex(currentIndex, { align: "auto" })),
    );
  };
  const [, navigate] = useLocation();
  useShortcuts({
    j: () => step(start(), 1, isStep),
    k: () => step(start(), -1, isStep),
    Home: () => goTo("start"),
    End: () => goTo("end"),
    Enter: () => {
      const row = rows[currentIndex];
      if (row?.type === "op" && row.op.child) navigate(`/s/${encodeURIComponent(row.op.child.id)}`);
      else openCurrent();
    },
    " ": () => openCurrent(),
    m: () => setMarking(markTargets()),
  });

  if (rows.length === 0) return <EmptyState title="Nothing has happened in this session yet." />;

  const live = session?.active ?? false;
  const scrolls = virtual.getTotalSize() > (virtual.scrollRect?.height ?? 0);
  return (
    <div className={styles.transcript} data-pane="transcript" data-sel={sel ? selectionName(sel) : undefined}>
      <TranscriptBar
        session={id}
        mode={mode}
        only={only}
        allOpen={allOpen}
        masked={masked}
        onMode={setMode}
        onOnly={setOnly}
        onAllOpen={(on) => {
          setOpened(new Set());
          setAllOpen(on);
          setFollowing(false);
        }}
        onMark={() => setMarking(markTargets())}
        onGo={goToMark}
      />
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
                {mode === "raw" && row.type !== "turn" ? (
                  <RawRow row={row} current={row.key === currentKey} />
                ) : mode === "log" && row.type !== "turn" ? (
                  <LogRow row={row} current={row.key === currentKey} live={live} />
                ) : (
                  <RowView
                    row={row}
                    session={id}
                    live={live}
                    stuck={sticky && scrolls && item.start < (virtual.scrollOffset ?? 0)}
                    current={row.key === currentKey}
                    open={isOpen(row)}
                    before={row.type === "op" && isOpen(row) ? inputBefore(transcript.turns, row.op) : null}
                    onToggle={() => toggle(row)}
                    onGo={goToOp}
                  />
                )}
                {marksOf.has(row.key) ? <MarkFlags marks={marksOf.get(row.key) ?? NO_MARKS} /> : null}
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
      {marking ? (
        <MarkEditor
          key={marking.map(keyOf).join(" ")}
          session={id}
          targets={marking}
          onClose={() => setMarking(undefined)}
        />
      ) : null}
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

/** Secrets that are masked in what is loaded. */
function countMasked(transcript: Transcript): number {
  let count = 0;
  for (const turn of transcript.turns) {
    for (const payload of turn.payloads) count += maskedIn(payload.text ?? "").length;
    for (const op of turn.ops)
      for (const payload of op.payloads) count += maskedIn(payload.text ?? "").length;
  }
  return count;
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
