/** What a table of the workbench tells its grid: nodes, columns, and what a node stands for. */

import type { Forest } from "../../../core/forest";
import type { Scope, Selection } from "../../../core/selection";
import { costOf, type Sums, tokensOf } from "../../../core/sums";
import type { Gap } from "../../../core/time-axis";
import type { Trace } from "../../../core/trace";
import { formatClock } from "../../../logic/time";
import { formatCount, formatDuration, formatTotalCost, groupThousands, MISSING } from "../../../logic/units";
import type { Kind } from "../../../ui/icons";

/** What the tables are of. */
export interface TableInput {
  trace: Trace;
  range: Gap | null;
  scope: Scope;
  mask: Uint8Array | null;
  prompts: ReadonlyMap<number, string>;
}

export interface TableColumn {
  key: string;
  title: string;
  hint?: string;
  width: number;
  /** NaN: not known. */
  value: (node: number) => number;
  text: (node: number) => string;
  /** The value is one to worry about unless it is 0. */
  bad?: boolean;
}

export interface Label {
  text: string;
  note?: string | undefined;
  kind?: Kind;
  failed?: boolean;
}

export interface TableModel extends Forest {
  /** What the first column says. */
  what: string;
  columns: readonly TableColumn[];
  label: (node: number) => Label;
  /** What a click on it chooses. */
  selection: (node: number) => Selection | null;
  /** The node that stands for what is chosen elsewhere; -1: none does. */
  nodeOf: (sel: Selection) => number;
  dimmed: (node: number) => boolean;
  /** The key of the column that the order goes by at first; `null`: by time. */
  order: string | null;
  /** Why there are no rows. */
  empty: string;
}

export function duration(
  key: string,
  title: string,
  value: (node: number) => number,
  hint?: string,
): TableColumn {
  return {
    key,
    title,
    ...(hint === undefined ? {} : { hint }),
    width: 64,
    value,
    text: (node) => {
      const micros = value(node);
      return Number.isNaN(micros) ? MISSING : micros === 0 ? "" : formatDuration(micros);
    },
  };
}

export function count(key: string, title: string, value: (node: number) => number, bad = false): TableColumn {
  return {
    key,
    title,
    width: 52,
    bad,
    value,
    text: (node) => (value(node) === 0 ? "" : groupThousands(value(node))),
  };
}

export function tokens(
  key: string,
  title: string,
  value: (node: number) => number,
  hint?: string,
): TableColumn {
  return {
    key,
    title,
    ...(hint === undefined ? {} : { hint }),
    width: 56,
    value,
    text: (node) => (value(node) > 0 ? formatCount(value(node)) : ""),
  };
}

export function time(key: string, title: string, value: (node: number) => number): TableColumn {
  return {
    key,
    title,
    width: 68,
    value,
    text: (node) => (Number.isNaN(value(node)) ? MISSING : formatClock(value(node))),
  };
}

/** A cost with what is not priced: `≥ $1.20`, `unpriced`. */
export function cost(key: string, title: string, sums: Sums, hint?: string): TableColumn {
  return {
    key,
    title,
    ...(hint === undefined ? {} : { hint }),
    width: 72,
    value: (node) => sums.cost[node] ?? 0,
    text: (node) => {
      const text = formatTotalCost(costOf(sums, node));
      return text === MISSING ? "" : text;
    },
  };
}

/** The columns that any sum has. */
export function sumColumns(sums: Sums): TableColumn[] {
  return [
    count("ops", "Ops", (node) => sums.ops[node] ?? 0),
    tokens("tokens", "Tokens", (node) => tokensOf(sums, node), "Fresh input, output and cached tokens"),
    cost("cost", "Cost", sums),
    count("failures", "Failed", (node) => sums.failures[node] ?? 0, true),
  ];
}
