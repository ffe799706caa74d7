import { useMemo, useState } from "react";
import { type FlameNode, flameTree, listTree, pathOfOp, treeBoxes } from "../../core/flame-tree";
import { sandwich, sandwichBoxes, sandwichNames } from "../../core/sandwich";
import { rowOfSelection, selectionName, selectionOf } from "../../core/selection";
import { OP_ROW } from "../../core/waterfall-rows";
import { groupThousands, plural } from "../../logic/units";
import { formatShare, formatWeight, WEIGHTS } from "../../logic/weights";
import { Menu, type MenuItem } from "../../ui/menu";
import { EmptyState } from "../../ui/states";
import { FlameTable } from "./flame-table";
import styles from "./flame-view.module.css";
import { TimeFlamePlot } from "./time-flame-plot";
import { TreeFlamePlot } from "./tree-flame-plot";
import { useAddressChoice } from "./use-address";
import { useBenchState } from "./use-bench";
import { BarButton, BarNote, Choices, Select, ViewBar } from "./view-bar";
import type { ViewProps } from "./view-props";

const MODES = [
  ["time", "Time order", "What ran when, each upon what it is a part of"],
  ["heavy", "Left heavy", "Added up by agent, kind and tool; the heaviest on the left"],
  ["sandwich", "Sandwich", "What precedes a tool, and what follows it"],
] as const;
const MODE_NAMES = MODES.map(([mode]) => mode);
const OFF_ON = ["off", "on"] as const;
const ON_OFF = ["on", "off"] as const;
const NONE_LEFT: ReadonlySet<string> = new Set();

/** What the time, the money or the calls of a session went into. */
export default function FlameView(props: ViewProps) {
  const { bench, lanes, mask } = props;
  const { trace } = lanes;
  const [mode, setMode] = useAddressChoice("flame", MODE_NAMES);
  const [timeTurns, setTimeTurns] = useAddressChoice("turns", ON_OFF);
  const [treeTurns, setTreeTurns] = useAddressChoice("byturn", OFF_ON);
  const [shape, setShape] = useAddressChoice("as", ["chart", "table"] as const);
  const metric = useBenchState(bench, (state) => state.metric);
  const sel = useBenchState(bench, (state) => state.sel);
  const range = useBenchState(bench, (state) => state.range);
  const alone = useBenchState(bench, (state) => state.scope) === "self";
  const [focus, setFocus] = useState<string | null>(null);
  const [hidden, setHidden] = useState(NONE_LEFT);
  const [merged, setMerged] = useState(NONE_LEFT);
  const [menu, setMenu] = useState<{ node: FlameNode; x: number; y: number } | null>(null);
  const names = useMemo(() => sandwichNames(trace, alone), [trace, alone]);
  const [wanted, setWanted] = useState<string | null>(null);
  const frame = names.some((one) => one.frame === wanted) ? wanted : (names[0]?.frame ?? null);

  const turns = treeTurns === "on";
  const choice = useMemo(
    () => ({ metric, turns, alone, range, mask, focus, hidden, merged }),
    [metric, turns, alone, range, mask, focus, hidden, merged],
  );
  const flame = useMemo(() => {
    if (mode === "time") return null;
    if (mode === "heavy") {
      const root = flameTree(lanes, choice);
      return { ...treeBoxes(root), root, listed: listTree(root) };
    }
    if (frame === null) return null;
    const both = sandwich(trace, frame, choice);
    const listed = [
      ...listTree(both.before).map((one) => ({ ...one, group: "before" as const })),
      ...listTree(both.after)
        .slice(1)
        .map((one) => ({ ...one, group: "after" as const })),
    ];
    return { ...sandwichBoxes(both), root: both.before, listed };
  }, [mode, lanes, trace, choice, frame]);

  const place = useMemo(() => (sel ? rowOfSelection(trace, sel) : null), [trace, sel]);
  const chosen = useMemo(() => {
    if (!flame || !sel) return -1;
    const wantedPath =
      sel.type === "node"
        ? sel.key
        : mode === "heavy" && sel.type === "op" && place && place.ref !== -1
          ? pathOfOp(trace, place.ref, choice)
          : null;
    return wantedPath === null ? -1 : flame.nodes.findIndex((node) => node.path === wantedPath);
  }, [flame, sel, place, mode, trace, choice]);

  const choose = (node: FlameNode) =>
    bench.set({ sel: { type: "node", key: node.path }, origin: "flame", follow: false });
  const goTo = (op: number) =>
    bench.set({ sel: selectionOf(trace, OP_ROW, op), origin: "flame", follow: false });
  const acts = (node: FlameNode): MenuItem[] => [
    ...(node.heaviest === -1 ? [] : [{ text: "Go to its heaviest step", act: () => goTo(node.heaviest) }]),
    ...(mode === "heavy" && node.parent
      ? [
          { text: "Focus on it", hint: "as the whole", act: () => setFocus(node.path) },
          {
            text: "Hide it",
            hint: "with all below",
            act: () => setHidden(new Set([...hidden, node.path])),
          },
          {
            text: "Merge it upwards",
            hint: "everywhere",
            act: () => setMerged(new Set([...merged, node.frame])),
          },
        ]
      : []),
    ...(names.some((one) => one.frame === node.frame)
      ? [
          {
            text: "What precedes and follows it",
            act: () => {
              setWanted(node.frame);
              setMode("sandwich");
            },
          },
        ]
      : []),
  ];
  const cut = focus !== null || hidden.size > 0 || merged.size > 0;
  const node = flame?.nodes[chosen];
  return (
    <section
      className={styles.flame}
      aria-label="Flame graph"
      data-pane="flame"
      data-sel={sel ? selectionName(sel) : undefined}
      data-total={flame?.root.total}
    >
      <ViewBar label="Flame graph">
        <Choices label="Arrangement" value={mode} choices={MODES} onChoose={setMode} />
        {mode === "time" ? (
          <BarButton
            pressed={timeTurns === "on"}
            hint="A row for turns"
            onClick={() => setTimeTurns(timeTurns === "on" ? "off" : "on")}
          >
            Turns
          </BarButton>
        ) : (
          <Select
            label="By"
            value={metric}
            choices={WEIGHTS}
            onChoose={(next) => bench.set({ metric: next })}
          />
        )}
        {mode === "heavy" ? (
          <BarButton pressed={turns} hint="Turn by turn" onClick={() => setTreeTurns(turns ? "off" : "on")}>
            Turns
          </BarButton>
        ) : null}
        {mode === "sandwich" && frame !== null ? (
          <Select
            label="Around"
            value={frame}
            choices={names.map((one) => [one.frame, `${one.name} (${groupThousands(one.count)})`] as const)}
            onChoose={setWanted}
          />
        ) : null}
        <BarButton
          pressed={shape === "table"}
          hint="The same as rows and columns"
          onClick={() => setShape(shape === "table" ? "chart" : "table")}
        >
          Table
        </BarButton>
        {mode === "heavy" && cut ? (
          <BarButton
            hint="Show all again"
            onClick={() => {
              setFocus(null);
              setHidden(NONE_LEFT);
              setMerged(NONE_LEFT);
            }}
          >
            {[
              focus === null ? "" : "focused",
              hidden.size > 0 ? `${hidden.size} hidden` : "",
              merged.size > 0 ? `${merged.size} merged` : "",
            ]
              .filter(Boolean)
              .join(", ")}
            : reset
          </BarButton>
        ) : null}
        {flame ? (
          <BarNote>
            {formatWeight(metric, flame.root.total)} in {plural(flame.root.ops, "step")}
          </BarNote>
        ) : null}
      </ViewBar>
      {mode === "time" ? (
        <TimeFlamePlot {...props} turns={timeTurns === "on"} alone={alone} asTable={shape === "table"} />
      ) : !flame || flame.root.ops === 0 ? (
        <EmptyState
          title={range ? "Nothing began in this part of the time." : "There is nothing to add up."}
        />
      ) : flame.root.total === 0 && shape !== "table" ? (
        <EmptyState title={`Nothing of it has any ${metric === "failures" ? "failures" : metric}.`} />
      ) : shape === "table" ? (
        <FlameTable
          listed={flame.listed}
          whole={flame.root}
          metric={metric}
          chosen={node}
          onChoose={choose}
        />
      ) : (
        <TreeFlamePlot
          key={mode}
          bench={bench}
          palette={props.palette}
          handle={props.handle}
          flame={flame}
          metric={metric}
          chosen={chosen}
          boxOfOp={(op) =>
            mode === "heavy" ? flame.nodes.findIndex((one) => one.path === pathOfOp(trace, op, choice)) : -1
          }
          onChoose={choose}
          onMenu={(one, x, y) => setMenu({ node: one, x, y })}
        />
      )}
      {flame && node ? (
        <div className={styles.detail} data-detail={node.path}>
          <b title={pathText(node)}>{node.name}</b>
          <span>
            {formatWeight(metric, node.total)} ({formatShare(node.total, flame.root.total)})
          </span>
          {node.own > 0 && node.own < node.total ? <span>own {formatWeight(metric, node.own)}</span> : null}
          <span>{plural(node.ops, "step")}</span>
          {node.failures > 0 ? (
            <span className={styles.bad}>{groupThousands(node.failures)} failed</span>
          ) : null}
          <span className={styles.acts}>
            {node.heaviest === -1 ? null : (
              <BarButton onClick={() => goTo(node.heaviest)}>Heaviest step</BarButton>
            )}
            <button
              type="button"
              className={styles.more}
              aria-haspopup="menu"
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                setMenu({ node, x: box.left, y: box.top - 150 });
              }}
            >
              More…
            </button>
          </span>
        </div>
      ) : null}
      {menu ? (
        <Menu label={menu.node.name} items={acts(menu.node)} at={menu} onClose={() => setMenu(null)} />
      ) : null}
    </section>
  );
}

function pathText(node: FlameNode): string {
  const names: string[] = [];
  for (let at: FlameNode | null = node; at; at = at.parent) names.unshift(at.name);
  return names.join(" › ");
}
