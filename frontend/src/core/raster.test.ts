import { expect, test } from "vitest";
import { barAt, type Bars, copyDown, paintBars, pixel, type Pixels, reachOf } from "./raster";
import { TimeAxis } from "./time-axis";

const COLOURS = Uint32Array.from([1, 2, 3]);

function picture(width: number, height = 1): Pixels {
  return { data: new Uint32Array(width * height), width, height };
}

function bars(...drawn: [start: number, duration: number, kind: number][]): Bars {
  const order = Uint32Array.from(drawn.keys());
  const start = Float64Array.from(drawn, (bar) => bar[0]);
  const duration = Float64Array.from(drawn, (bar) => bar[1]);
  const kind = Uint8Array.from(drawn, (bar) => bar[2]);
  return { order, start, duration, kind, reach: reachOf(order, start, duration) };
}

const strip = (width: number, height = 1) => ({ left: 0, top: 0, width, height });

test("a bar covers the pixels of its time", () => {
  const pixels = picture(10);
  paintBars(pixels, strip(10), new TimeAxis(0, 100, 10), bars([20, 30, 0], [70, 10, 1]), COLOURS);
  expect([...pixels.data]).toEqual([0, 0, 1, 1, 1, 0, 0, 2, 0, 0]);
});

test("a bar narrower than a pixel, or of unknown length, is one pixel", () => {
  const pixels = picture(10);
  paintBars(pixels, strip(10), new TimeAxis(0, 100, 10), bars([20, 0.1, 0], [55, Number.NaN, 1]), COLOURS);
  expect([...pixels.data]).toEqual([0, 0, 1, 0, 0, 2, 0, 0, 0, 0]);
});

test("what begins before or ends after the range is cut", () => {
  const pixels = picture(4);
  paintBars(pixels, strip(4), new TimeAxis(100, 140, 4), bars([50, 60, 0], [130, 500, 1]), COLOURS);
  expect([...pixels.data]).toEqual([1, 0, 0, 2]);
});

test("every line of the strip is the same, and nothing else is touched", () => {
  const pixels = picture(4, 4);
  const within = { left: 1, top: 1, width: 2, height: 2 };
  paintBars(pixels, within, new TimeAxis(0, 2, 2), bars([0, 1, 0]), COLOURS);
  copyDown(pixels, within);
  expect([...pixels.data]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test("a million bars cost no more than the pixels they cover", () => {
  const count = 1_000_000;
  const order = new Uint32Array(count).map((_, i) => i);
  const start = new Float64Array(count).map((_, i) => i);
  const duration = new Float64Array(count).fill(0.5);
  const kind = new Uint8Array(count);
  const many: Bars = { order, start, duration, kind, reach: reachOf(order, start, duration) };
  const pixels = picture(500);
  const written = paintBars(pixels, strip(500), new TimeAxis(0, count, 500), many, COLOURS);
  expect(written).toBeLessThanOrEqual(500);
  expect(pixels.data.every((value) => value === 1)).toBe(true);
});

test("drawn with steps left out, the picture covers what drawing every bar covers", () => {
  let state = 7;
  const draw = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  for (let round = 0; round < 50; round++) {
    const drawn: [number, number, number][] = Array.from({ length: 200 }, () => [
      draw() * 1000,
      draw() ** 6 * 100,
      0,
    ]);
    drawn.sort((one, other) => one[0] - other[0]);
    const axis = new TimeAxis(0, 1000, 60, [{ start: 300, end: 600 }]);
    const quick = picture(60);
    paintBars(quick, strip(60), axis, bars(...drawn), COLOURS);
    const slow = picture(60);
    for (const one of drawn) {
      const alone = picture(60);
      paintBars(alone, strip(60), axis, bars(one), COLOURS);
      alone.data.forEach((value, x) => {
        if (value) slow.data[x] = value;
      });
    }
    expect([...quick.data]).toEqual([...slow.data]);
  }
});

test("a colour is a pixel", () => {
  const bytes = new Uint8Array(Uint32Array.of(pixel("#0090fb")).buffer);
  expect([...bytes]).toEqual([0x00, 0x90, 0xfb, 0xff]);
});

test("one failure of a millisecond among 50,000 ops is a pixel of its row", () => {
  const count = 50_000;
  const failed = bars([31_234_567, 1000, 2]);
  const pixels = picture(700);
  const axis = new TimeAxis(0, count * 2000, 700);
  paintBars(pixels, strip(700), axis, failed, COLOURS);
  expect([...pixels.data.entries()].filter(([, value]) => value !== 0)).toEqual([
    [Math.floor(axis.x(31_234_567)), 3],
  ]);
});

test("the bar at a time is the topmost one there, else one that is near", () => {
  const some = bars([0, 100, 0], [20, 10, 1], [150, Number.NaN, 0]);
  expect(barAt(some, 25, 0)).toBe(1);
  expect(barAt(some, 90, 0)).toBe(0);
  expect(barAt(some, 120, 5)).toBe(-1);
  expect(barAt(some, 147, 5)).toBe(2);
});
