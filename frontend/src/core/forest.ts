/** Nodes below nodes, in an order, as far as they are open: the rows of a table. */

import { CLOSED, LEAF, OPEN } from "./waterfall-rows";

export interface Forest {
  roots: Uint32Array;
  /** What is below a node; empty: nothing is. */
  children: (node: number) => Uint32Array;
  /** A name that stays when the table grows. */
  name: (node: number) => string;
}

/** One value a row. */
export interface ForestRows {
  nodes: Uint32Array;
  depth: Uint8Array;
  /** `LEAF`, `CLOSED` or `OPEN`. */
  state: Uint8Array;
}

export interface Order {
  /** What is not known comes last, either way. */
  value: (node: number) => number | string;
  descending: boolean;
}

const MOST_DEPTH = 255;
const NOTHING = new Uint32Array(0);
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** A node without any below it. */
export const noChildren = (): Uint32Array => NOTHING;

export function forestRows(forest: Forest, opened: ReadonlySet<string>, order: Order | null): ForestRows {
  const nodes: number[] = [];
  const depth: number[] = [];
  const state: number[] = [];
  const add = (siblings: Uint32Array, level: number): void => {
    for (const node of order ? inOrder(siblings, order) : siblings) {
      const below = forest.children(node);
      const open = below.length > 0 && opened.has(forest.name(node));
      nodes.push(node);
      depth.push(Math.min(level, MOST_DEPTH));
      state.push(below.length === 0 ? LEAF : open ? OPEN : CLOSED);
      if (open) add(below, level + 1);
    }
  };
  add(forest.roots, 0);
  return {
    nodes: Uint32Array.from(nodes),
    depth: Uint8Array.from(depth),
    state: Uint8Array.from(state),
  };
}

function inOrder(siblings: Uint32Array, { value, descending }: Order): Uint32Array {
  const sign = descending ? -1 : 1;
  const first = siblings[0];
  if (first !== undefined && typeof value(first) === "string") {
    const texts = new Map([...siblings].map((node) => [node, String(value(node))]));
    const text = (node: number) => texts.get(node) ?? "";
    return siblings.toSorted((one, other) => sign * collator.compare(text(one), text(other)) || one - other);
  }
  const values = new Map([...siblings].map((node) => [node, Number(value(node))]));
  const number = (node: number) => values.get(node) ?? Number.NaN;
  return siblings.toSorted((one, other) => {
    const [a, b] = [number(one), number(other)];
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || one - other;
    return sign * (a - b) || one - other;
  });
}
