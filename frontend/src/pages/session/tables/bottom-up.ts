import type { OpKind } from "../../../api/types";
import { noChildren } from "../../../core/forest";
import { rowOfSelection } from "../../../core/selection";
import { countedOps, MEASURES, sumBy } from "../../../core/sums";
import { NONE } from "../../../core/trace-columns";
import { OP_ROW } from "../../../core/waterfall-rows";
import { KIND_LABELS } from "../../../ui/icons";
import { nameOf } from "../row-figures";
import { duration, sumColumns, type TableInput, type TableModel } from "./model";

/** What the range's ops add up to by kind, and below by name. */
export function bottomUpTable({ trace, range, scope, mask }: TableInput): TableModel {
  const { ops, head } = trace;
  const rows = countedOps(trace, range, scope, mask);
  const kinds = head.kinds.length;
  // Groups: the kinds, then each name that one of them has.
  const names: { kind: number; value: string; text: string }[] = [];
  const places = new Map<string, number>();
  const groupOf = new Map<number, number>();
  for (const op of rows) {
    const kind = ops.kind[op] ?? 0;
    const value = valueOf(trace, op);
    const key = `${kind} ${value}`;
    let place = places.get(key);
    if (place === undefined) {
      place = kinds + names.length;
      places.set(key, place);
      names.push({ kind, value, text: head.kinds[kind] === "session" && value ? value : nameOf(trace, op) });
    }
    groupOf.set(op, place);
  }
  const groups = kinds + names.length;
  const sums = sumBy(trace, rows, groups, (op) => groupOf.get(op) ?? -1);
  for (const [place, { kind }] of names.entries()) {
    for (const measure of MEASURES) {
      const column = sums[measure];
      column[kind] = (column[kind] ?? 0) + (column[kinds + place] ?? 0);
    }
  }
  const below = head.kinds.map((_, kind) =>
    Uint32Array.from(names.flatMap((name, place) => (name.kind === kind ? [kinds + place] : []))),
  );
  const kindOf = (node: number) => (node < kinds ? node : (names[node - kinds]?.kind ?? 0));
  const textOf = (node: number) =>
    node < kinds ? KIND_LABELS[head.kinds[node] as OpKind] : (names[node - kinds]?.text ?? "");
  const keyOf = (node: number) =>
    node < kinds ? (head.kinds[node] ?? "") : `${head.kinds[kindOf(node)]}/${names[node - kinds]?.value}`;
  return {
    what: "Kind, name",
    roots: Uint32Array.from(head.kinds.keys()).filter((kind) => (sums.ops[kind] ?? 0) > 0),
    children: (node) => (node < kinds ? (below[node] ?? noChildren()) : noChildren()),
    name: keyOf,
    columns: [
      duration("self", "Self", (node) => sums.self[node] ?? 0, "Each instant of a session once"),
      duration("total", "Total", (node) => sums.total[node] ?? 0, "What ran at once counts each for itself"),
      ...sumColumns(sums),
    ],
    label: (node) => ({ text: textOf(node), kind: head.kinds[kindOf(node)] as OpKind }),
    selection: (node) => ({ type: "node", key: keyOf(node) }),
    nodeOf: (sel) => {
      if (sel.type === "node") {
        for (let node = 0; node < groups; node++) if (keyOf(node) === sel.key) return node;
        return -1;
      }
      const { type, ref } = rowOfSelection(trace, sel);
      return type === OP_ROW && ref !== -1 ? (groupOf.get(ref) ?? -1) : -1;
    },
    dimmed: () => false,
    order: "self",
    empty: mask ? "No op of this range matches." : "No op began in this range.",
  };
}

/** What an op is grouped by: a call by its model, a sub-agent by its type, anything else by its name. */
function valueOf({ ops, calls, callOf, head }: TableInput["trace"], op: number): string {
  const kind = head.kinds[ops.kind[op] ?? 0];
  const name = head.names[ops.name[op] ?? 0] ?? "";
  if (kind === "llm") return head.names[calls.model[callOf[op] ?? NONE] ?? 0] ?? "";
  return kind === "session" ? (head.sessions[ops.child[op] ?? NONE]?.agent ?? name) : name;
}
