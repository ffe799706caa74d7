import { useMemo, useState } from "react";
import { rowOfSelection, selectionName, type Workbench } from "../../core/selection";
import type { Trace } from "../../core/trace";
import type { Gap } from "../../core/time-axis";
import { NONE } from "../../core/trace-columns";
import { OF_OPS, withValue } from "../../logic/filter";
import { RangeBar } from "./range-bar";
import { agentsTable } from "./tables/agents";
import { bottomUpTable } from "./tables/bottom-up";
import { eventsTable } from "./tables/events";
import type { TableInput, TableModel } from "./tables/model";
import { opsTable } from "./tables/ops";
import { type Sort, TreeTable } from "./tables/tree-table";
import { turnsTable } from "./tables/turns";
import styles from "./table-pane.module.css";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";

const TABLES = {
  turns: { text: "Turns", make: turnsTable },
  ops: { text: "Ops", make: opsTable },
  agents: { text: "Agents", make: agentsTable },
  "bottom-up": { text: "Bottom-up", make: bottomUpTable },
  events: { text: "Events", make: eventsTable },
} satisfies Record<string, { text: string; make: (input: TableInput) => TableModel }>;
type TableName = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as TableName[];

/** The kinds with many names are open at first. */
const OPENED: ReadonlySet<string> = new Set(["tool", "llm", "session"]);

interface TablePaneProps {
  bench: Workbench;
  trace: Trace;
  whole: Gap;
  mask: Uint8Array | null;
  prompts: ReadonlyMap<number, string>;
  onOpenSession: (id: string) => void;
}

/** The numbers of the range that is looked at, as a table. */
export function TablePane({ bench, trace, whole, mask, prompts, onOpenSession }: TablePaneProps) {
  const [name, setName] = useAddressChoice<TableName>("table", NAMES);
  const range = useBenchState(bench, (state) => state.range);
  const scope = useBenchState(bench, (state) => state.scope);
  const sel = useBenchState(bench, (state) => state.sel);
  const [sorts, setSorts] = useState<Partial<Record<TableName, Sort | null>>>({});
  const [opened, setOpened] = useState<ReadonlySet<string>>(
    () => new Set([...OPENED, trace.head.sessions[0]?.id ?? ""]),
  );
  const model = useMemo(
    () => TABLES[name].make({ trace, range, scope, mask, prompts }),
    [name, trace, range, scope, mask, prompts],
  );
  const chosen = useMemo(() => (sel ? model.nodeOf(sel) : -1), [model, sel]);
  const choose = (node: number) => {
    const next = model.selection(node);
    if (next) bench.set({ sel: next, origin: "table", follow: false });
  };
  const toggle = (row: string) => {
    const next = new Set(opened);
    if (!next.delete(row)) next.add(row);
    setOpened(next);
  };
  /** A group becomes a condition, a sub-agent a page, a turn or op is opened in the view. */
  const open = (node: number) => {
    const one = model.selection(node);
    if (!one) return;
    if (one.type === "node") {
      const [kind = "", ...rest] = one.key.split("/");
      const text = rest.join("/");
      const field = kind === "llm" ? "model" : kind === "session" ? "agent" : "name";
      bench.set({
        filter: text
          ? withValue(bench.state.filter, field, field === "model" ? `*${text}*` : text, {
              vocabulary: OF_OPS,
            })
          : withValue(bench.state.filter, "kind", kind, { vocabulary: OF_OPS }),
      });
      return;
    }
    if (one.type === "sess") {
      if (one.session !== trace.head.sessions[0]?.id) onOpenSession(one.session);
      return;
    }
    const { ref } = rowOfSelection(trace, one);
    const child =
      one.type === "op" && ref !== -1 ? trace.head.sessions[trace.ops.child[ref] ?? NONE] : undefined;
    if (child) onOpenSession(child.id);
    else bench.set({ sel: one, origin: "keys", follow: false });
  };
  return (
    <section
      className={styles.pane}
      aria-label="Table"
      data-pane="table"
      data-sel={sel ? selectionName(sel) : undefined}
    >
      <div className={styles.bar}>
        <div className={styles.tabs} role="group" aria-label="Table">
          {NAMES.map((one) => (
            <button
              key={one}
              type="button"
              className={styles.tab}
              aria-pressed={one === name}
              onClick={() => setName(one)}
            >
              {TABLES[one].text}
            </button>
          ))}
        </div>
        <RangeBar bench={bench} trace={trace} whole={whole} />
      </div>
      <TreeTable
        key={name}
        label={TABLES[name].text}
        model={model}
        opened={opened}
        sort={sorts[name] ?? null}
        chosen={chosen}
        reveal={bench.state.origin !== "table"}
        onSort={(sort) => setSorts({ ...sorts, [name]: sort })}
        onChoose={choose}
        onOpen={open}
        onToggle={toggle}
      />
    </section>
  );
}
