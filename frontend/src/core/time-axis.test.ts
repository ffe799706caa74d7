import { describe, expect, test } from "vitest";
import { type Gap, GAP_PX, niceStep, TimeAxis } from "./time-axis";

const SECOND = 1e6;
const HOUR = 3600 * SECOND;

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, number> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const ALL_GAPS = new Map<TimeAxis, Gap[]>();

function someAxis(seed: number): TimeAxis {
  const next = numbers(seed);
  const draw = () => next.next().value;
  const gaps: Gap[] = [];
  let time = draw() * HOUR;
  for (let i = 0; i < Math.floor(draw() * 6); i++) {
    const start = time + draw() * HOUR;
    const end = start + draw() * 10 * HOUR + 1;
    gaps.push({ start, end });
    time = end;
  }
  const start = draw() * HOUR;
  const axis = new TimeAxis(start, Math.max(time + HOUR * draw(), start + HOUR), 300 + draw() * 1500, gaps);
  ALL_GAPS.set(axis, gaps);
  return axis;
}

const AXES = Array.from({ length: 60 }, (_, seed) => someAxis(seed + 1));

describe("a line of time", () => {
  test("goes from 0 to its width", () => {
    for (const axis of AXES) {
      expect(axis.x(axis.start)).toBeCloseTo(0, 6);
      expect(axis.x(axis.end)).toBeCloseTo(axis.width, 6);
    }
  });

  test("never goes back, and a pixel's time is at that pixel", () => {
    for (const axis of AXES) {
      let before = Number.NEGATIVE_INFINITY;
      for (let x = 0; x <= axis.width; x += 3.7) {
        const time = axis.time(x);
        expect(time).toBeGreaterThan(before);
        expect(axis.x(time)).toBeCloseTo(x, 4);
        before = time;
      }
    }
  });

  test("gives a second as many pixels everywhere outside of folded gaps", () => {
    for (const axis of AXES) {
      const open = [axis.start, ...axis.gaps.map((gap) => gap.end)].filter(
        (time) => !axis.gaps.some((gap) => time + 10 > gap.start && time < gap.end),
      );
      for (const time of open) expect(axis.x(time + 10) - axis.x(time)).toBeCloseTo(10 * axis.scale, 9);
    }
  });

  test("folds each gap to the same width, however long", () => {
    for (const axis of AXES) {
      expect(axis.gapPx).toBeLessThanOrEqual(GAP_PX);
      for (const gap of axis.gaps) expect(axis.x(gap.end) - axis.x(gap.start)).toBeCloseTo(axis.gapPx, 4);
    }
  });

  test("shows of a gap that begins or ends outside the part that is in the range", () => {
    const axis = new TimeAxis(100, 200, 400, [
      { start: 0, end: 120 },
      { start: 180, end: 260 },
    ]);
    expect(axis.x(120)).toBeCloseTo(GAP_PX / 6, 9);
    expect(400 - axis.x(180)).toBeCloseTo(GAP_PX / 4, 9);
  });

  test("leaves half of the room to the work, however many gaps there are", () => {
    const gaps = Array.from({ length: 20 }, (_, i) => ({ start: i * 100 + 50, end: i * 100 + 90 }));
    const axis = new TimeAxis(0, 2000, 400, gaps);
    expect(axis.gapPx).toBe(10);
    expect(axis.x(50) - axis.x(0)).toBeCloseTo((200 / 1200) * 50, 9);
  });

  test("shows time as it is where there is nothing but a gap", () => {
    expect(new TimeAxis(20, 80, 400, [{ start: 0, end: 100 }]).gaps).toEqual([]);
  });
});

describe("moving", () => {
  test("zooming holds the time at the pointer, and back again is where one was", () => {
    for (const axis of AXES) {
      const x = axis.width / 3;
      const near = axis.zoomed(x, 1.25);
      const closer = new TimeAxis(near.start, near.end, axis.width, ALL_GAPS.get(axis));
      if (closer.gapPx !== axis.gapPx || closer.gaps.length === 0) continue;
      expect(closer.x(axis.time(x))).toBeCloseTo(x, 3);
      const back = closer.zoomed(x, 0.8);
      expect(back.start).toBeCloseTo(axis.start, -1);
      expect(back.end).toBeCloseTo(axis.end, -1);
    }
  });

  test("panning moves everything by the same pixels, over gaps, too", () => {
    const gaps = [{ start: 400, end: 900 }];
    const before = new TimeAxis(0, 500, 300, gaps);
    const { start, end } = before.panned(10);
    const after = new TimeAxis(start, end, 300, gaps);
    for (const time of [100, 350, 450, 499]) expect(after.x(time)).toBeCloseTo(before.x(time) - 10, 6);
  });
});

describe("ticks", () => {
  test("are whole steps that people read, and none lies in a folded gap", () => {
    const axis = new TimeAxis(0, 10 * HOUR, 800, [{ start: 2 * HOUR, end: 9 * HOUR }]);
    const { step, times } = axis.ticks(90);
    expect(step).toBe(1800 * SECOND);
    expect(times.every((time) => time % step === 0)).toBe(true);
    expect(times.some((time) => time > 2 * HOUR && time < 9 * HOUR)).toBe(false);
    expect(times).toContain(9.5 * HOUR);
  });

  test("are whole in the reader's zone", () => {
    const offset = 5.5 * HOUR;
    const { step, times } = new TimeAxis(0, 48 * HOUR, 500).ticks(100, offset);
    expect(step).toBe(12 * HOUR);
    expect(times.every((time) => (time + offset) % step === 0)).toBe(true);
  });

  test("have steps of days when hours are too narrow", () => {
    expect(niceStep(1)).toBe(1);
    expect(niceStep(1.2 * SECOND)).toBe(2 * SECOND);
    expect(niceStep(2.2 * 24 * HOUR)).toBe(3 * 24 * HOUR);
  });
});
