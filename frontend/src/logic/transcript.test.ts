import { describe, expect, test } from "vitest";
import type { Op, Payload, Turn, TurnPage } from "../api/types";
import {
  countAfter,
  extendTranscript,
  followFrom,
  followTranscript,
  isLoaded,
  lastPlace,
  openTranscript,
  openTranscriptAt,
  reaches,
} from "./transcript";

/** `1: 1 2*, 2: 3` is turn 1 with ops 1 and 2 (running), turn 2 with op 3. */
function page(picture: string, next: string | null = null): TurnPage {
  const turns = picture.split(", ").map((part) => {
    const [turn, ops = ""] = part.split(": ");
    return {
      turn: Number(turn),
      payloads: [],
      logs: [],
      ops: ops.split(" ").map((text) => ({
        seq: Number.parseInt(text, 10),
        status: text.endsWith("*") ? "running" : "completed",
      })),
    };
  });
  return { turns: turns as unknown as Turn[], next, revision: 1 };
}

const show = (turns: readonly Turn[]) =>
  turns
    .map(
      (turn) =>
        `${turn.turn}: ${turn.ops.map((op: Op) => `${op.seq}${op.status === "running" ? "*" : ""}`).join(" ")}`,
    )
    .join(", ");

describe("pages join to one transcript", () => {
  test("a turn longer than a page goes on in the next one", () => {
    const first = openTranscript(page("1: 1 2, 2: 3", "next"), "asc");
    expect(first).toMatchObject({ older: null, newer: "next" });
    const both = extendTranscript(first, page("2: 4 5, 3: 6"), "newer");
    expect(show(both.turns)).toBe("1: 1 2, 2: 3 4 5, 3: 6");
    expect(both).toMatchObject({ older: null, newer: null });
  });

  test("opened at an op of a turn, it goes on before that op", () => {
    const middle = openTranscriptAt(page("7: 30 31", "next"), 7, 30);
    expect(middle.older).toEqual({ from_turn: 7, from_seq: 29 });
  });

  test("opened in the middle, it goes on at both sides", () => {
    const middle = openTranscriptAt(page("7: 30 31", "next"), 7);
    expect(middle).toMatchObject({ older: { from_turn: 6 }, newer: "next" });
    const more = extendTranscript(middle, page("6: 29 28", "before"), "older");
    expect(show(more.turns)).toBe("6: 28 29, 7: 30 31");
    expect(more).toMatchObject({ older: "before", newer: "next" });
    expect(openTranscriptAt(page("0: 1"), 0).older).toBeNull();
  });

  test("what is loaded is known by its turn and number", () => {
    const transcript = openTranscript(page("1: 1 2, 2: 3", "next"), "asc");
    expect(isLoaded(transcript, 2, 3)).toBe(true);
    expect(isLoaded(transcript, 2, null)).toBe(true);
    expect(isLoaded(transcript, 2, 4)).toBe(false);
    expect(isLoaded(transcript, 3, null)).toBe(false);
  });

  test("a page read backwards is put in order", () => {
    const end = openTranscript(page("2: 4 3, 1: 2 1"), "desc");
    expect(show(end.turns)).toBe("1: 1 2, 2: 3 4");
  });

  test("a turn's prompt comes with the part sent first, and stays", () => {
    const first = page("1: 1 2", "next");
    const prompt = { id: "1.0.prompt.0" } as Payload;
    const whole = extendTranscript(
      openTranscript(
        { ...first, turns: first.turns.map((turn) => ({ ...turn, payloads: [prompt] })) },
        "asc",
      ),
      page("1: 3"),
      "newer",
    );
    expect(whole.turns[0]?.payloads).toEqual([prompt]);
  });

  test("read from the end, older pages come before", () => {
    const end = openTranscript(page("3: 6 7", "back"), "desc");
    expect(end).toMatchObject({ older: "back", newer: null });
    expect(show(extendTranscript(end, page("2: 4, 3: 5"), "older").turns)).toBe("2: 4, 3: 5 6 7");
  });
});

describe("following", () => {
  const seen = openTranscript(page("1: 1 2*, 2: 3 4"), "asc");

  test("an op that ended and the ones after it are taken over", () => {
    expect(show(followTranscript(seen, [page("2: 4 5*"), page("1: 2, 2: 3")]).turns)).toBe(
      "1: 1 2, 2: 3 4 5*",
    );
  });

  test("what follows the last op that was seen is counted, older ones are not", () => {
    const place = lastPlace(seen.turns);
    expect(countAfter(seen.turns, place)).toBe(0);
    expect(countAfter(page("1: 1 2, 2: 3 4 5, 3: 6 7").turns, place)).toBe(3);
  });

  test("it reads back to the oldest op that was still running", () => {
    expect(followFrom(seen.turns)).toEqual({ turn: 1, seq: 2 });
    expect(followFrom(page("1: 1 2, 2: 3 4").turns)).toEqual({ turn: 2, seq: 4 });
    expect(lastPlace(seen.turns)).toEqual({ turn: 2, seq: 4 });
    expect(followFrom([])).toEqual({ turn: 0, seq: 0 });
  });

  test("pages reach an op when they hold it or the session's start", () => {
    const place = { turn: 2, seq: 4 };
    expect(reaches([page("2: 5 4", "more")], place)).toBe(true);
    expect(reaches([page("2: 6 5", "more")], place)).toBe(false);
    expect(reaches([page("2: 6 5", "more"), page("2: 4", "more")], place)).toBe(true);
    expect(reaches([page("2: 6 5", null)], place)).toBe(true);
    // Work that ended late has a low number in a later turn.
    expect(reaches([page("3: 7 3", "more")], place)).toBe(false);
    expect(reaches([page("3: 7, 1: 2", "more")], place)).toBe(true);
  });
});
