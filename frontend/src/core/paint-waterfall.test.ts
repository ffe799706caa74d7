import { describe, expect, test } from "vitest";
import { LaneCache } from "./lanes";
import { makePalette } from "./palette";
import { hit, paintRows, ROW_PX, type WaterfallScene } from "./paint-waterfall";
import { pixel } from "./raster";
import { TimeAxis } from "./time-axis";
import type { Trace } from "./trace";
import { type DrawnOp, drawTrace } from "./trace-picture";
import { turnName, waterfallRows } from "./waterfall-rows";

const TOKENS: Record<string, string> = {
  "--bg": "#000000",
  "--failed": "#ff0000",
  "--kind-llm": "#0000ff",
  "--kind-tool": "#00ff00",
  "--kind-session": "#ffff00",
};
const palette = makePalette(
  "dark",
  ["llm", "tool", "session", "reasoning", "system", "internal", "compaction"],
  (name) => TOKENS[name] ?? "#101010",
);

function sceneOf(trace: Trace, end: number, width: number, opened: string[] = []): WaterfallScene {
  const rows = waterfallRows(trace, new Set(opened));
  return {
    lanes: new LaneCache(trace),
    rows,
    axis: new TimeAxis(0, end, width),
    scrollTop: 0,
    width,
    height: rows.length * ROW_PX,
    density: 1,
    ticks: [],
    row: -1,
    op: -1,
    hover: -1,
    preview: null,
    live: new Set(),
    until: end,
    opName: () => "",
  };
}

function paint(scene: WaterfallScene, density = 1) {
  const [width, height] = [scene.width * density, scene.height * density];
  const pixels = { data: new Uint32Array(width * height), width, height };
  paintRows(pixels, { ...scene, density }, palette);
  return (x: number, y: number) => pixels.data[y * width + x];
}

const [LLM, TOOL, AGENT, FAILED, BG] = ["#0000ff", "#00ff00", "#ffff00", "#ff0000", "#000000"].map(pixel);

describe("a turn's bar", () => {
  const trace = drawTrace([
    [
      { kind: "llm", start: 0, duration: 30 },
      { kind: "tool", start: 30, duration: 40, status: "failed" },
      { kind: "session", start: 0, duration: 90 },
    ],
  ]);
  const at = paint(sceneOf(trace, 100, 100));

  test("shows what the session did itself over its sub-agents", () => {
    expect(at(10, 8)).toBe(LLM);
    expect(at(50, 8)).toBe(TOOL);
    expect(at(80, 8)).toBe(AGENT);
    expect(at(95, 8)).toBe(BG);
  });

  test("gives of what is narrower than a pixel each kind its part", () => {
    const many: DrawnOp[] = Array.from({ length: 4000 }, (_, i) => [
      { kind: "llm" as const, start: i * 10, duration: 7 },
      { kind: "tool" as const, start: i * 10 + 7, duration: 3 },
    ]).flat();
    const scene = sceneOf(drawTrace([many]), 40_000, 997);
    const seen = paint(scene);
    const tools = Array.from({ length: 997 }, (_, x) => seen(x, 8)).filter((value) => value === TOOL).length;
    expect(tools / 997).toBeGreaterThan(0.25);
    expect(tools / 997).toBeLessThan(0.35);
  });

  test("says below it what failed, never by its colour", () => {
    expect(at(50, 17)).toBe(FAILED);
    expect(at(20, 17)).not.toBe(FAILED);
    for (let y = 1; y < 15; y++) expect(at(50, y)).toBe(TOOL);
  });

  test("is as wide and high on a display of double density", () => {
    const twice = paint(sceneOf(trace, 100, 100), 2);
    expect(twice(101, 16)).toBe(TOOL);
    expect(twice(101, 35)).toBe(FAILED);
    expect(twice(190, 16)).toBe(BG);
  });
});

test("twenty failures of 1 ms among 50,000 ops are all there at full zoom-out", () => {
  const ops: DrawnOp[] = Array.from({ length: 50_000 }, (_, i) => ({
    kind: i % 3 === 0 ? "llm" : "tool",
    start: i * 2_000_000,
    duration: i % 2500 === 1234 ? 1000 : 1_900_000,
    status: i % 2500 === 1234 ? "failed" : "completed",
  }));
  const trace = drawTrace([ops]);
  const scene = sceneOf(trace, 100_000_000_000, 700);
  const at = paint(scene);
  for (let i = 1234; i < 50_000; i += 2500) {
    const x = Math.floor(scene.axis.x(i * 2_000_000));
    expect(at(x, 17)).toBe(FAILED);
    expect(hit(scene, x, 18)).toEqual({ row: 0, op: i });
  }
});

test("a row that is scrolled half out of sight is drawn as far as it is in sight", () => {
  const trace = drawTrace([[{ kind: "llm", start: 0, duration: 100 }]]);
  const at = paint({ ...sceneOf(trace, 100, 10), scrollTop: 10 });
  expect(at(5, 0)).toBe(LLM);
  expect(at(5, 6)).toBe(BG);
});

test("a point is of the topmost op there; beside every bar it is of the row", () => {
  const trace = drawTrace([
    [
      { kind: "session", start: 0, duration: 100 },
      { kind: "tool", start: 20, duration: 20 },
    ],
    [{ kind: "llm", start: 150, duration: 10 }],
  ]);
  const scene = sceneOf(trace, 200, 200);
  expect(hit(scene, 30, 5)).toEqual({ row: 0, op: 1 });
  expect(hit(scene, 60, 5)).toEqual({ row: 0, op: 0 });
  expect(hit(scene, 10, 25)).toEqual({ row: 1, op: -1 });
  expect(hit(scene, 10, 45)).toBeUndefined();
  const opened = sceneOf(trace, 200, 200, [turnName(trace, 0)]);
  expect(hit(opened, 190, 45)).toEqual({ row: 2, op: 1 });
});
