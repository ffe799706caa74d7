/**
 * What is done before a tool is called, and what after it, added up.
 *
 *     prompt  Read
 *        Grep          Read: 3 calls, two after a Grep, one after another Read
 *     ── Read ──
 *        Edit   Bash
 *        Bash
 *
 * What a model says or thinks stands between any two tools, and is left out. A turn's prompt and
 * its end are where it begins and ends.
 */

import { BoxList, EDGE_LOOK } from "./flame-boxes";
import { type FlameChoice, type FlameNode, layTree, type TreeFlame, weigher } from "./flame-tree";
import type { Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** Steps that are followed in each direction. */
const FAR = 6;

export interface Sandwich {
  /** Both with the tool itself as their root. */
  before: FlameNode;
  after: FlameNode;
}

interface Step {
  frame: string;
  name: string;
  look: number;
}

/** What tools and agents were called, by name and how often: what a sandwich can be made of. */
export function sandwichNames(
  trace: Trace,
  alone: boolean,
): { frame: string; name: string; count: number }[] {
  const counts = new Map<string, { frame: string; name: string; count: number }>();
  for (const steps of sequences(trace, alone)) {
    for (const op of steps) {
      const step = stepOf(trace, op);
      const one = counts.get(step.frame) ?? { frame: step.frame, name: step.name, count: 0 };
      one.count += 1;
      counts.set(step.frame, one);
    }
  }
  return [...counts.values()].toSorted(
    (one, other) => other.count - one.count || one.name.localeCompare(other.name),
  );
}

/** What precedes and follows the steps called `frame` that began in the range. */
export function sandwich(
  trace: Trace,
  frame: string,
  choice: Pick<FlameChoice, "metric" | "alone" | "range" | "mask">,
): Sandwich {
  const { ops, head } = trace;
  const weigh = weigher(trace, choice.metric, true);
  const failed = head.statuses.indexOf("failed");
  const name = frame.slice(frame.indexOf(":") + 1);
  const look = head.kinds.indexOf(frame.slice(0, frame.indexOf(":")) as (typeof head.kinds)[number]);
  const before = root(frame, name, Math.max(look, 0));
  const after = root(frame, name, Math.max(look, 0));
  for (const steps of sequences(trace, choice.alone)) {
    steps.forEach((op, place) => {
      if (stepOf(trace, op).frame !== frame) return;
      const start = ops.start[op] ?? Number.NaN;
      if (choice.range && !(start >= choice.range.start && start < choice.range.end)) return;
      const one = {
        op,
        weight: weigh(op),
        failed: ops.status[op] === failed ? 1 : 0,
        match: choice.mask?.[op] === 0 ? 0 : 1,
      };
      walk(before, one, (far) => stepAt(trace, steps, place - far, PROMPT));
      walk(after, one, (far) => stepAt(trace, steps, place + far, END));
    });
  }
  for (const tree of [before, after]) sortAll(tree);
  return { before, after };
}

const PROMPT: Step = { frame: "prompt", name: "Start of the turn", look: EDGE_LOOK };
const END: Step = { frame: "end", name: "End of the turn", look: EDGE_LOOK };

function stepAt(trace: Trace, steps: readonly number[], place: number, edge: Step): Step {
  const op = steps[place];
  return op === undefined ? edge : stepOf(trace, op);
}

function stepOf(trace: Trace, op: number): Step {
  const { ops, head } = trace;
  const look = ops.kind[op] ?? 0;
  const kind = head.kinds[look] ?? "";
  const child = head.sessions[ops.child[op] ?? NONE];
  const name = child?.agent ?? (head.names[ops.name[op] ?? 0] || kind);
  return { frame: `${kind}:${name}`, name, look };
}

/** The tools, agents and compactions of each turn, in order of their start. */
function* sequences(trace: Trace, alone: boolean): Generator<number[]> {
  const { ops, head } = trace;
  const left = new Set(
    ["llm", "reasoning"].map((kind) => head.kinds.indexOf(kind as (typeof head.kinds)[number])),
  );
  const turns = alone ? (trace.turnsFrom[1] ?? 0) : trace.turns.turn.length;
  for (let turn = 0; turn < turns; turn++) {
    const steps = [...trace.opsByTurn.subarray(trace.opsFrom[turn], trace.opsFrom[turn + 1])].filter(
      (op) => !left.has(ops.kind[op] ?? 0) && !((ops.flags[op] ?? 0) & FLAGS.replay),
    );
    yield steps.toSorted((one, other) => (ops.start[one] ?? 0) - (ops.start[other] ?? 0) || one - other);
  }
}

interface One {
  op: number;
  weight: number;
  failed: number;
  match: number;
}

function walk(tree: FlameNode, one: One, stepOfFar: (far: number) => Step): void {
  let node = tree;
  add(node, one);
  for (let far = 1; far <= FAR; far++) {
    const step = stepOfFar(far);
    let next = node.children.find((child) => child.frame === step.frame);
    if (!next) {
      next = { ...root(step.frame, step.name, step.look), path: `${node.path}/${step.frame}`, parent: node };
      node.children.push(next);
    }
    add(next, one);
    node = next;
    if (step === PROMPT || step === END) break;
  }
  node.own += one.weight;
}

function add(node: FlameNode, { op, weight, failed, match }: One): void {
  node.total += weight;
  node.ops += 1;
  node.failures += failed;
  node.matches += match;
  if (weight > node.most || node.heaviest === -1) [node.most, node.heaviest] = [weight, op];
}

function root(frame: string, name: string, look: number): FlameNode {
  return {
    path: frame,
    frame,
    name,
    look,
    parent: null,
    children: [],
    own: 0,
    total: 0,
    ops: 0,
    failures: 0,
    matches: 0,
    heaviest: -1,
    most: 0,
  };
}

function sortAll(node: FlameNode): void {
  node.children.sort((one, other) => other.total - one.total || one.name.localeCompare(other.name));
  for (const child of node.children) sortAll(child);
}

function height(node: FlameNode): number {
  return 1 + node.children.reduce((most, child) => Math.max(most, height(child)), 0);
}

/** What is before it above, the tool itself, below it what is after. */
export function sandwichBoxes({ before, after }: Sandwich): TreeFlame & { middle: number } {
  const list = new BoxList();
  const nodes: FlameNode[] = [];
  const middle = height(before) - 1;
  layTree(before, list, nodes, middle, -1);
  // The tool itself is there already.
  const first = nodes.length;
  layTree(after, list, nodes, middle, 1);
  if (nodes.length > first) {
    for (const column of [list.start, list.duration, list.look, list.row]) column.splice(first, 1);
    nodes.splice(first, 1);
  }
  return { boxes: list.done((box) => nodes[box]?.matches === 0), nodes, middle };
}
