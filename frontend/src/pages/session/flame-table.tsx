import type { FlameNode } from "../../core/flame-tree";
import { groupThousands } from "../../logic/units";
import { formatShare, formatWeight, type Weight } from "../../logic/weights";
import { type Column, DataTable } from "./data-table";

const COLUMNS: readonly Column[] = [
  { text: "What", width: "minmax(180px, 1fr)" },
  { text: "Total", width: "84px", number: true },
  { text: "Share", width: "60px", number: true },
  { text: "Own", width: "84px", number: true, hint: "Without what is below it" },
  { text: "Steps", width: "64px", number: true },
  { text: "Failed", width: "64px", number: true },
];

interface FlameTableProps {
  listed: readonly { node: FlameNode; depth: number; group?: "before" | "after" }[];
  whole: FlameNode;
  metric: Weight;
  chosen: FlameNode | undefined;
  onChoose: (node: FlameNode) => void;
}

/** A flame as rows: what is a part of something stands below it, further in. */
export function FlameTable({ listed, whole, metric, chosen, onChoose }: FlameTableProps) {
  const cell = (row: number, column: number): React.ReactNode => {
    const found = listed[row];
    if (!found) return null;
    const { node, depth, group } = found;
    const side = group && depth === 1 ? (group === "before" ? "before: " : "after: ") : "";
    return [
      `${side}${node.name}`,
      formatWeight(metric, node.total),
      formatShare(node.total, whole.total),
      node.own > 0 ? formatWeight(metric, node.own) : "",
      groupThousands(node.ops),
      node.failures > 0 ? groupThousands(node.failures) : "",
    ][column];
  };
  return (
    <DataTable
      label="Flame graph as a table"
      columns={COLUMNS}
      count={listed.length}
      cell={cell}
      depth={(row) => listed[row]?.depth ?? 0}
      chosen={listed.findIndex(({ node }) => node === chosen)}
      onChoose={(row) => {
        const found = listed[row];
        if (found) onChoose(found.node);
      }}
      rowKey={(row) => listed[row]?.node.path ?? ""}
    />
  );
}
