import { expect, test } from "vitest";
import { OP_BOX, SESSION_BOX, timeFlame, TURN_BOX } from "./flame-time";
import {
  FLAME_WIDTH,
  type FlameChoice,
  type FlameNode,
  flameTree,
  listTree,
  pathOfOp,
  treeBoxes,
} from "./flame-tree";
import { laneSums } from "./lane-rows";
import { LaneCache } from "./lanes";
import { METRICS } from "./selection";
import { ACTIVITIES } from "./self-time";
import { countedOps, sumBy, tokensOf } from "./sums";
import { NONE } from "./trace-columns";
import { type DrawnOp, drawTrace } from "./trace-picture";

const ALL: FlameChoice = {
  metric: "count",
  turns: false,
  alone: false,
  range: null,
  mask: null,
  focus: null,
  hidden: new Set(),
  merged: new Set(),
};

const trace = drawTrace(
  [
    [
      { kind: "llm", start: 0, duration: 10, tokens: 100, cost: 5, name: "ask" },
      { kind: "session", name: "Task", start: 10, duration: 40, child: 1 },
      { kind: "tool", name: "Bash", start: 14, duration: 4, status: "failed" },
      { kind: "tool", name: "Bash", start: 16, duration: 4 },
    ],
    [{ kind: "tool", name: "Read", start: 60, duration: 30 }],
  ],
  [
    [
      { kind: "llm", start: 12, duration: 30, tokens: 10, cost: 7, name: "ask" },
      { kind: "tool", name: "Bash", start: 42, duration: 6 },
    ],
  ],
);
const lanes = new LaneCache(trace);

const lines = (root: FlameNode) =>
  listTree(root).map(({ node, depth }) => `${"  ".repeat(depth)}${node.name} ${node.total}`);

test("ops are added up by agent, kind and name, the heaviest first", () => {
  expect(lines(flameTree(lanes, { ...ALL, metric: "time" }))).toEqual([
    "main 84",
    "  Tools 38",
    "    Read 30",
    "    Bash 8",
    "  sub-agent 36",
    "    Model calls 30",
    "      ask 30",
    "    Tools 6",
    "      Bash 6",
    "  Model calls 10",
    "    ask 10",
  ]);
});

test("with turns each turn stands between an agent and what it did", () => {
  expect(lines(flameTree(lanes, { ...ALL, turns: true, alone: true })).slice(0, 4)).toEqual([
    "main 5",
    "  Turn 1 4",
    "    Tools 2",
    "      Bash 2",
  ]);
});

test("what is hidden is in no sum; what is merged belongs to what is above it; a focus is the whole", () => {
  const hidden = flameTree(lanes, { ...ALL, hidden: new Set(["root/kind:tool"]) });
  expect(hidden.total).toBe(7 - 3);
  const merged = flameTree(lanes, { ...ALL, merged: new Set(["kind:tool"]) });
  expect(merged.total).toBe(7);
  expect(lines(merged)).toContain("  Bash 2");
  const focus = flameTree(lanes, { ...ALL, focus: "root/agent:sub-agent" });
  expect([focus.name, focus.total]).toEqual(["sub-agent", 3]);
  expect(flameTree(lanes, { ...ALL, focus: "gone" }).name).toBe("main");
});

test("an op is found in the node that its path names, however the tree is cut", () => {
  for (const choice of [ALL, { ...ALL, turns: true }, { ...ALL, merged: new Set(["kind:tool"]) }]) {
    const paths = new Set(listTree(flameTree(lanes, choice)).map(({ node }) => node.path));
    for (let op = 0; op < trace.ops.seq.length; op++) expect(paths).toContain(pathOfOp(trace, op, choice));
  }
});

/** Random sessions: each of the first ones starts the next. */
function random(seed: number) {
  let state = seed;
  const draw = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const kinds = ["llm", "tool", "reasoning", "compaction"] as const;
  const depth = 1 + draw(4);
  return drawTrace(
    ...Array.from({ length: depth }, (_, session) =>
      Array.from({ length: 1 + draw(3) }, (__, turn) => {
        const ops: DrawnOp[] = Array.from({ length: 1 + draw(20) }, () => ({
          kind: kinds[draw(kinds.length)] ?? "tool",
          name: "abcd"[draw(4)] ?? "a",
          start: turn * 1000 + session * 100 + draw(500),
          duration: draw(60),
          status: draw(5) === 0 ? "failed" : "completed",
          ...(draw(2) ? { tokens: draw(1000), cost: draw(100) } : {}),
        }));
        if (turn === 0 && session + 1 < depth) {
          ops.push({
            kind: "session",
            name: "Task",
            start: session * 100,
            duration: 3000,
            child: session + 1,
          });
        }
        return ops;
      }),
    ),
  );
}

test("totals are those of the session, a total is its own and its children's, the heaviest first", () => {
  for (let seed = 1; seed < 40; seed++) {
    const drawn = random(seed);
    const cache = new LaneCache(drawn);
    const sums = sumBy(drawn, countedOps(drawn, null, "tree"), 1, () => 0);
    const totals: Record<string, number> = {
      count: sums.ops[0] ?? 0,
      failures: sums.failures[0] ?? 0,
      cost: sums.cost[0] ?? 0,
      tokens: tokensOf(sums, 0),
      // Waiting for a sub-agent is told of the sub-agent: it is no work of who waits.
      self: laneSums(drawn).reduce(
        (sum, { split }) =>
          sum + split.reduce((all, part, place) => all + (ACTIVITIES[place] === "agent" ? 0 : part), 0),
        0,
      ),
    };
    for (const metric of METRICS) {
      for (const turns of [false, true]) {
        const root = flameTree(cache, { ...ALL, metric, turns });
        expect(root.total).toBe(totals[metric] ?? root.total);
        for (const { node } of listTree(root)) {
          const below = node.children.map((child) => child.total);
          expect(node.total).toBe(node.own + below.reduce((sum, total) => sum + total, 0));
          expect(below).toEqual(below.toSorted((one, other) => other - one));
        }
      }
    }
  }
});

test("a box is as wide as its part of the whole, and its children lie within it side by side", () => {
  for (let seed = 1; seed < 20; seed++) {
    const { boxes, nodes } = treeBoxes(flameTree(new LaneCache(random(seed)), { ...ALL, metric: "count" }));
    const place = new Map(nodes.map((node, box) => [node, box]));
    const left = (node: FlameNode) => boxes.start[place.get(node) ?? -1] ?? Number.NaN;
    const wide = (node: FlameNode) => boxes.duration[place.get(node) ?? -1] ?? Number.NaN;
    const [root] = nodes;
    for (const node of nodes) {
      expect(wide(node)).toBeCloseTo((node.total / (root?.total ?? 0)) * FLAME_WIDTH, 3);
      let at = left(node);
      for (const child of node.children) {
        expect(left(child)).toBeCloseTo(at, 3);
        at += wide(child);
      }
      expect(at).toBeLessThanOrEqual(left(node) + wide(node) + 1e-3);
    }
  }
});

test("in order of time each op has its box, and no box lies upon another of its row", () => {
  for (let seed = 1; seed < 30; seed++) {
    const drawn = random(seed);
    for (const turns of [false, true]) {
      const { boxes, type, ref, boxOfOp } = timeFlame(new LaneCache(drawn), {
        turns,
        alone: false,
        mask: null,
      });
      expect([...boxOfOp].every((box) => box !== NONE)).toBe(true);
      boxOfOp.forEach((box, op) => expect([type[box], ref[box]]).toEqual([OP_BOX, op]));
      for (const { bars } of boxes.rows) {
        const own = [...bars.order].filter((box) => type[box] === OP_BOX);
        const ends = own.map((box) => (boxes.start[box] ?? 0) + (boxes.duration[box] ?? 0));
        const next = own.slice(1).map((box) => boxes.start[box] ?? 0);
        expect(next.every((start, place) => start >= (ends[place] ?? 0))).toBe(true);
      }
    }
  }
});

test("a sub-agent's ops lie below the op that ran it, and within its time", () => {
  const { boxes, type, ref, boxOfOp } = timeFlame(lanes, { turns: true, alone: false, mask: null });
  const ran = boxOfOp[1] ?? 0;
  const child = [...type.keys()].find((box) => type[box] === SESSION_BOX && ref[box] === 1) ?? -1;
  expect(boxes.row[child]).toBe((boxes.row[ran] ?? 0) + 1);
  for (const op of [5, 6]) {
    const box = boxOfOp[op] ?? 0;
    expect(boxes.row[box]).toBeGreaterThan(boxes.row[child] ?? 0);
    expect(boxes.start[box]).toBeGreaterThanOrEqual(boxes.start[ran] ?? 0);
  }
  expect([...type].filter((one) => one === TURN_BOX)).toHaveLength(3);
});

test("the session alone is drawn without what it started", () => {
  const { type } = timeFlame(lanes, { turns: false, alone: true, mask: null });
  expect([...type].filter((one) => one === SESSION_BOX)).toHaveLength(1);
  expect([...type].filter((one) => one === OP_BOX)).toHaveLength(5);
});
