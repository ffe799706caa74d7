/**
 * What a session tree did, added up by what it was: agents, kinds, tools; the heaviest first.
 *
 *     main ──┬─ Tools ──┬─ Bash ···· 40     own 40
 *            │          └─ Read · 10
 *            ├─ Explore ─── Tools ── Grep 20
 *            └─ Model calls ── opus 12
 *
 * A node's total is its own weight and the totals of its children: nothing is counted twice.
 */

import { BoxList, type FlameBoxes, ROOT_LOOK, TURN_LOOK } from "./flame-boxes";
import type { LaneCache } from "./lanes";
import type { Metric } from "./selection";
import { selfTimes } from "./self-time";
import type { Gap } from "./time-axis";
import type { Trace } from "./trace";
import { FLAGS, NONE } from "./trace-columns";

/** Width of the whole, in units of the axis. */
export const FLAME_WIDTH = 1e9;

export interface FlameNode {
  /** Its frames from the root on; the same whatever is shown of the rest. */
  path: string;
  /** What it is, wherever it stands: `tool:Bash`. */
  frame: string;
  name: string;
  look: number;
  parent: FlameNode | null;
  children: FlameNode[];
  own: number;
  total: number;
  /** Ops in it and below it, and those of them that failed, and that a filter does not leave out. */
  ops: number;
  failures: number;
  matches: number;
  /** Row of the op in it or below that weighs most; -1: none. */
  heaviest: number;
  most: number;
}

export interface FlameChoice {
  metric: Metric;
  turns: boolean;
  alone: boolean;
  range: Gap | null;
  mask: Uint8Array | null;
  /** The path of the node that stands for the whole; `null`: all. */
  focus: string | null;
  /** Paths of nodes that are left out with all below them. */
  hidden: ReadonlySet<string>;
  /** Frames that are taken out; what is below them belongs to what is above. */
  merged: ReadonlySet<string>;
}

interface Frame {
  frame: string;
  name: string;
  look: number;
}

/** What an op weighs, by row of `ops`. Copies weigh nothing. */
export function weigher(trace: Trace, metric: Metric, alone: boolean): (op: number) => number {
  const { ops, calls, callOf, head } = trace;
  const failed = head.statuses.indexOf("failed");
  const reasoning = head.kinds.indexOf("reasoning");
  // What a sub-agent did is told of the sub-agent: who waited for it did nothing.
  const ran = (op: number) => !alone && (ops.child[op] ?? NONE) !== NONE;
  const call = (op: number, value: (row: number) => number) => {
    const row = callOf[op] ?? NONE;
    return row === NONE ? 0 : value(row);
  };
  if (metric === "time") {
    return (op) => {
      const long = ops.duration[op] ?? Number.NaN;
      const part = ops.kind[op] === reasoning && (ops.parent[op] ?? NONE) !== NONE;
      return part || ran(op) || !(long > 0) ? 0 : long;
    };
  }
  if (metric === "self") {
    const self = selfTimes(trace);
    return (op) => (ran(op) ? 0 : (self[op] ?? 0));
  }
  if (metric === "cost") {
    return (op) =>
      call(op, (row) => {
        const cost = calls.cost[row] ?? Number.NaN;
        return Number.isNaN(cost) ? 0 : cost;
      });
  }
  if (metric === "tokens") {
    return (op) =>
      call(
        op,
        (row) =>
          (calls.tokens_in[row] ?? 0) +
          (calls.tokens_out[row] ?? 0) +
          (calls.cache_read[row] ?? 0) +
          (calls.cache_write[row] ?? 0),
      );
  }
  return metric === "count" ? () => 1 : (op) => (ops.status[op] === failed ? 1 : 0);
}

const KIND_NAMES: Record<string, string> = {
  llm: "Model calls",
  tool: "Tools",
  session: "Sub-agents",
  reasoning: "Reasoning",
  system: "System",
  internal: "Internal",
  compaction: "Compaction",
};

/** Where an op stands in the tree: the frames from the root on. */
export class FramePaths {
  private readonly ofSession = new Map<number, Frame[]>();

  constructor(
    private readonly trace: Trace,
    private readonly turns: boolean,
    private readonly alone: boolean,
  ) {}

  of(op: number): Frame[] {
    const { ops, head, calls, callOf } = this.trace;
    const session = ops.session[op] ?? 0;
    const child = ops.child[op] ?? NONE;
    const above = [...this.session(session), ...this.turn(session, ops.turn[op] ?? 0)];
    if (child !== NONE && !this.alone && child !== session) {
      return [...above, this.agent(child)];
    }
    const look = ops.kind[op] ?? 0;
    const kind = head.kinds[look] ?? "";
    const group = { frame: `kind:${kind}`, name: KIND_NAMES[kind] ?? kind, look };
    const call = callOf[op] ?? NONE;
    const model = call === NONE ? "" : (head.names[calls.model[call] ?? 0] ?? "");
    const name = (kind === "llm" && model) || (head.names[ops.name[op] ?? 0] ?? "");
    return name ? [...above, group, { frame: `${kind}:${name}`, name, look }] : [...above, group];
  }

  private turn(session: number, turn: number): Frame[] {
    if (!this.turns) return [];
    const id = this.trace.head.sessions[session]?.id ?? "";
    const name = turn === 0 ? "Before the first prompt" : `Turn ${turn}`;
    return [{ frame: `turn:${id}:${turn}`, name, look: TURN_LOOK }];
  }

  private agent(session: number): Frame {
    const agent = this.trace.head.sessions[session]?.agent ?? "sub-agent";
    return { frame: `agent:${agent}`, name: agent, look: this.trace.head.kinds.indexOf("session") };
  }

  private session(session: number): Frame[] {
    const known = this.ofSession.get(session);
    if (known) return known;
    const root = { frame: "root", name: "main", look: ROOT_LOOK };
    // Who started itself, or one above it, stands below the root.
    this.ofSession.set(session, [root]);
    const { parent, parent_op } = this.trace.head.sessions[session] ?? { parent: null, parent_op: null };
    if (session === 0 || parent === null) return [root];
    const turn = parent_op === null ? [] : this.turn(parent, this.trace.ops.turn[parent_op] ?? 0);
    const frames = [...this.session(parent), ...turn, this.agent(session)];
    this.ofSession.set(session, frames);
    return frames;
  }
}

/** The sums of all ops that began in the range. */
export function flameTree(lanes: LaneCache, choice: FlameChoice): FlameNode {
  const { trace } = lanes;
  const { ops, head } = trace;
  const weigh = weigher(trace, choice.metric, choice.alone);
  const paths = new FramePaths(trace, choice.turns, choice.alone);
  const failed = head.statuses.indexOf("failed");
  const root = makeNode({ frame: "root", name: "main", look: ROOT_LOOK }, null);
  const known = new Map<string, FlameNode>([[root.path, root]]);
  const last = choice.alone ? (head.sessions[0]?.ops ?? 0) : ops.seq.length;
  for (let op = 0; op < last; op++) {
    if ((ops.flags[op] ?? 0) & FLAGS.replay) continue;
    const start = ops.start[op] ?? Number.NaN;
    if (choice.range && !(start >= choice.range.start && start < choice.range.end)) continue;
    const node = nodeOf(paths.of(op), root, known, choice);
    if (!node) continue;
    const weight = weigh(op);
    node.own += weight;
    const bad = ops.status[op] === failed ? 1 : 0;
    const match = choice.mask?.[op] === 0 ? 0 : 1;
    for (let at: FlameNode | null = node; at; at = at.parent) {
      at.total += weight;
      at.ops += 1;
      at.failures += bad;
      at.matches += match;
      if (weight > at.most || at.heaviest === -1) [at.most, at.heaviest] = [weight, op];
    }
  }
  for (const node of known.values()) {
    node.children.sort((one, other) => other.total - one.total || one.name.localeCompare(other.name));
  }
  return (choice.focus === null ? undefined : known.get(choice.focus)) ?? root;
}

function makeNode({ frame, name, look }: Frame, parent: FlameNode | null): FlameNode {
  const path = parent ? `${parent.path}/${frame.replaceAll("/", "∕")}` : frame;
  const node: FlameNode = {
    path,
    frame,
    name,
    look,
    parent,
    children: [],
    own: 0,
    total: 0,
    ops: 0,
    failures: 0,
    matches: 0,
    heaviest: -1,
    most: 0,
  };
  parent?.children.push(node);
  return node;
}

function nodeOf(
  frames: readonly Frame[],
  root: FlameNode,
  known: Map<string, FlameNode>,
  choice: FlameChoice,
): FlameNode | null {
  let node = root;
  for (const frame of frames.slice(1)) {
    if (choice.merged.has(frame.frame)) continue;
    const path = `${node.path}/${frame.frame.replaceAll("/", "∕")}`;
    if (choice.hidden.has(path)) return null;
    let next = known.get(path);
    if (!next) known.set(path, (next = makeNode(frame, node)));
    node = next;
  }
  return node;
}

/** The path of the node that an op is in; what is merged into another is in that. */
export function pathOfOp(trace: Trace, op: number, choice: FlameChoice): string {
  const frames = new FramePaths(trace, choice.turns, choice.alone).of(op);
  return frames
    .filter(({ frame }, place) => place === 0 || !choice.merged.has(frame))
    .map(({ frame }, place) => (place === 0 ? frame : frame.replaceAll("/", "∕")))
    .join("/");
}

export interface TreeFlame {
  boxes: FlameBoxes;
  /** By box. */
  nodes: FlameNode[];
}

/** A tree as boxes: each as wide as its part of the whole, its children upon it from the left. */
export function treeBoxes(root: FlameNode, firstRow = 0): TreeFlame {
  const list = new BoxList();
  const nodes: FlameNode[] = [];
  layTree(root, list, nodes, firstRow, 1);
  return { boxes: list.done((box) => nodes[box]?.matches === 0), nodes };
}

/** @param down 1: children below; -1: above. */
export function layTree(
  root: FlameNode,
  list: BoxList,
  nodes: FlameNode[],
  firstRow: number,
  down: 1 | -1,
): void {
  const scale = root.total > 0 ? FLAME_WIDTH / root.total : 0;
  const lay = (node: FlameNode, start: number, row: number): void => {
    list.add(start, node.total * scale, node.look, row);
    nodes.push(node);
    let at = start;
    for (const child of node.children) {
      if (child.total > 0) lay(child, at, row + down);
      at += child.total * scale;
    }
  };
  if (root.total > 0) lay(root, 0, firstRow);
}

/** The nodes of a tree, each before those below it; with how deep they lie. */
export function listTree(root: FlameNode): { node: FlameNode; depth: number }[] {
  const found: { node: FlameNode; depth: number }[] = [];
  const visit = (node: FlameNode, depth: number): void => {
    found.push({ node, depth });
    for (const child of node.children) visit(child, depth + 1);
  };
  visit(root, 0);
  return found;
}
