import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import {
  extentOf,
  fanOuts,
  type GraphMetric,
  metricOf,
  radii,
  type Spot,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
  treeLayout,
} from "../../core/graph-layout";
import { formatMetric, nodeName } from "../../logic/topology";
import { plural } from "../../logic/units";
import { useSize } from "../use-size";
import styles from "./graph.module.css";
import { useForce } from "./use-force";

const FIT_PX = 28;
const LABEL_PX = 130;
const LEAST_SCALE = 0.08;
const MOST_SCALE = 4;
const STEP = 1.3;
const READABLE_SCALE = 0.75;
/** Below this scale names could not be read. */
const NAMES_SCALE = 0.45;
const DRAG_PX = 3;

export type GraphLayout = "tree" | "force";

interface GraphProps {
  topology: Topology;
  metric: GraphMetric;
  layout: GraphLayout;
  /** Id of the node that is chosen. */
  chosen: string | null;
  isDimmed?: ((node: TopologyNode) => boolean) | undefined;
  onChoose: (node: TopologyNode) => void;
  onOpen?: (node: TopologyNode) => void;
}

interface View {
  x: number;
  y: number;
  scale: number;
}

/** Who called what: nodes of the size of a metric, and the calls between them. */
export function Graph(props: GraphProps) {
  const { topology, metric, layout, chosen, isDimmed, onChoose, onOpen } = props;
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  const { width, height } = useSize(frame);
  const [moved, setMoved] = useState<View | null>(null);
  const [pinned, setPinned] = useState<ReadonlyMap<string, Spot>>(new Map());
  const [hover, setHover] = useState<string | null>(null);
  const drag = useRef<{ id: string | null; x: number; y: number; far: boolean } | null>(null);

  const radiusOf = useMemo(() => radii(topology.nodes, metric), [topology, metric]);
  const fans = useMemo(() => fanOuts(topology), [topology]);
  const tidy = useMemo(() => treeLayout(topology, radiusOf), [topology, radiusOf]);
  const task = useMemo(
    () =>
      layout === "force"
        ? {
            nodes: topology.nodes.map(({ id }) => ({
              id,
              ...(tidy.get(id) ?? { x: 0, y: 0 }),
              radius: radiusOf.get(id) ?? 0,
            })),
            edges: topology.edges.map(({ source, target }) => ({ source, target })),
          }
        : null,
    [layout, topology, tidy, radiusOf],
  );
  const settled = useForce(`${metric} ${topology.nodes.map(({ id }) => id).join(" ")}`, task);
  const spots = settled ?? tidy;
  const spotOf = (id: string): Spot => pinned.get(id) ?? spots.get(id) ?? { x: 0, y: 0 };

  const fitted = useMemo((): View => {
    const { left, top, right, bottom } = extentOf(spots, radiusOf);
    const wide = right - left + LABEL_PX;
    const high = bottom - top + 24;
    const scale = Math.max(
      LEAST_SCALE,
      Math.min(1.4, (width - 2 * FIT_PX) / wide, (height - 2 * FIT_PX) / high),
    );
    return {
      scale,
      x: width / 2 - scale * ((left + right + LABEL_PX) / 2),
      y: height / 2 - scale * ((top + bottom) / 2),
    };
  }, [spots, radiusOf, width, height]);
  // What would be too small to read at first sight is shown from its first node on.
  const first = topology.nodes[0];
  const readable = useMemo((): View => {
    if (fitted.scale >= READABLE_SCALE || !first) return fitted;
    const { x, y } = spots.get(first.id) ?? { x: 0, y: 0 };
    const left = layout === "tree" ? FIT_PX + (radiusOf.get(first.id) ?? 0) : width / 2;
    return {
      scale: READABLE_SCALE,
      x: left - READABLE_SCALE * x,
      y: height / 2 - READABLE_SCALE * y,
    };
  }, [fitted, first, spots, layout, radiusOf, width, height]);
  const view = moved ?? readable;
  const zoomAt = (x: number, y: number, factor: number) => {
    const scale = Math.max(LEAST_SCALE, Math.min(MOST_SCALE, view.scale * factor));
    const by = scale / view.scale;
    setMoved({ scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by });
  };

  // React's own wheel events cannot keep the page from zooming.
  const onWheel = useEffectEvent((event: WheelEvent) => {
    const box = frame?.getBoundingClientRect();
    if (!box) return;
    event.preventDefault();
    zoomAt(event.clientX - box.left, event.clientY - box.top, 1.0018 ** -event.deltaY);
  });
  useEffect(() => {
    if (!frame) return undefined;
    const listener = (event: WheelEvent) => onWheel(event);
    frame.addEventListener("wheel", listener, { passive: false });
    return () => frame.removeEventListener("wheel", listener);
  }, [frame]);

  // What is chosen elsewhere comes into sight.
  const [shownFor, setShownFor] = useState(chosen);
  if (chosen !== shownFor) {
    setShownFor(chosen);
    const { x, y } = chosen === null ? { x: 0, y: 0 } : spotOf(chosen);
    const [left, top] = [view.x + x * view.scale, view.y + y * view.scale];
    if (chosen !== null && (left < 0 || left > width || top < 0 || top > height)) {
      setMoved({ scale: view.scale, x: view.x + width / 2 - left, y: view.y + height / 2 - top });
    }
  }

  const most = useMemo(() => topology.edges.reduce((one, { calls }) => Math.max(one, calls), 1), [topology]);
  const inSight = ({ x, y }: Spot, margin: number) => {
    const [left, top] = [view.x + x * view.scale, view.y + y * view.scale];
    return left > -margin && left < width + margin && top > -margin && top < height + margin;
  };
  const named = view.scale >= NAMES_SCALE;
  const near = hover ?? chosen;

  return (
    <div
      ref={setFrame}
      className={styles.frame}
      data-layout={layout}
      data-settled={layout === "tree" || settled ? "" : undefined}
      onPointerDown={(event) => {
        if (event.button !== 0 || (event.target as Element).closest("button")) return;
        const id = (event.target as Element).closest("[data-node]")?.getAttribute("data-node") ?? null;
        drag.current = { id, x: event.clientX, y: event.clientY, far: false };
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        if (!from || event.buttons === 0) {
          drag.current = null;
          return;
        }
        const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
        if (!from.far && Math.hypot(dx, dy) < DRAG_PX) return;
        if (!from.far) event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { ...from, x: event.clientX, y: event.clientY, far: true };
        if (from.id === null) setMoved({ ...view, x: view.x + dx, y: view.y + dy });
        else {
          const { x, y } = spotOf(from.id);
          setPinned(new Map(pinned).set(from.id, { x: x + dx / view.scale, y: y + dy / view.scale }));
        }
      }}
      onPointerUp={() => {
        const from = drag.current;
        drag.current = null;
        const node = from && !from.far ? topology.nodes.find(({ id }) => id === from.id) : undefined;
        if (node) onChoose(node);
      }}
      onDoubleClick={(event) => {
        const id = (event.target as Element).closest("[data-node]")?.getAttribute("data-node");
        const node = topology.nodes.find((one) => one.id === id);
        if (node && onOpen) onOpen(node);
        else if (!node) setMoved(fitted);
      }}
    >
      <svg className={styles.graph} aria-hidden="true" width={width} height={height}>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
          {topology.edges.map((edge) => (
            <Edge
              key={`${edge.source} ${edge.target}`}
              edge={edge}
              from={spotOf(edge.source)}
              to={spotOf(edge.target)}
              width={1 + 7 * Math.sqrt(edge.calls / most)}
              radius={radiusOf.get(edge.target) ?? 0}
              stands={near !== null && (edge.source === near || edge.target === near)}
              label={
                named && (near === edge.source || near === edge.target || topology.edges.length <= 40)
                  ? formatMetric(metric, metricOf(edge, metric))
                  : ""
              }
            />
          ))}
          {topology.nodes.map((node) => {
            const spot = spotOf(node.id);
            return inSight(spot, 160) ? (
              <Node
                key={node.id}
                node={node}
                spot={spot}
                radius={radiusOf.get(node.id) ?? 0}
                fan={fans.get(node.id) ?? 0}
                named={named || (radiusOf.get(node.id) ?? 0) * view.scale > 9}
                chosen={node.id === chosen}
                dimmed={isDimmed?.(node) ?? false}
                pinned={pinned.has(node.id)}
                metric={metric}
                onHover={setHover}
              />
            ) : null;
          })}
        </g>
      </svg>
      <div className={styles.buttons}>
        <button
          type="button"
          title="Closer"
          aria-label="Closer"
          onClick={() => zoomAt(width / 2, height / 2, STEP)}
        >
          +
        </button>
        <button
          type="button"
          title="Farther"
          aria-label="Farther"
          onClick={() => zoomAt(width / 2, height / 2, 1 / STEP)}
        >
          −
        </button>
        <button
          type="button"
          onClick={() => {
            setMoved(fitted);
            setPinned(new Map());
          }}
          title="Show all, and put what was dragged back in its place"
        >
          Fit
        </button>
      </div>
    </div>
  );
}

interface EdgeProps {
  edge: TopologyEdge;
  from: Spot;
  to: Spot;
  width: number;
  /** Of the node it goes to. */
  radius: number;
  stands: boolean;
  label: string;
}

function Edge({ edge, from, to, width, radius, stands, label }: EdgeProps) {
  const middle = (from.x + to.x) / 2;
  const path =
    edge.source === edge.target
      ? `M${from.x} ${from.y}c-40 -60 40 -60 0 0`
      : `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  return (
    <g className={stands ? styles.nearEdge : styles.edge}>
      <path d={path} strokeWidth={width} />
      {label ? (
        <text x={to.x - radius - 6} y={to.y - 4} textAnchor="end">
          {label}
        </text>
      ) : null}
    </g>
  );
}

interface NodeProps {
  node: TopologyNode;
  spot: Spot;
  radius: number;
  fan: number;
  named: boolean;
  chosen: boolean;
  dimmed: boolean;
  pinned: boolean;
  metric: GraphMetric;
  onHover: (id: string | null) => void;
}

function Node({ node, spot, radius, fan, named, chosen, dimmed, pinned, metric, onHover }: NodeProps) {
  const share = node.calls > 0 ? node.failures / node.calls : 0;
  const facts = [
    nodeName(node),
    `${formatMetric(metric, metricOf(node, metric))}, ${plural(node.calls, "call")}`,
    node.failures > 0 ? `${node.failures} failed (${Math.round(share * 100)} %)` : "",
    fan > 0 ? `called ${plural(fan, "other")}` : "",
  ];
  return (
    <g
      className={dimmed ? styles.dimmed : styles.node}
      data-node={node.id}
      data-kind={node.kind}
      data-chosen={chosen ? "" : undefined}
      transform={`translate(${spot.x} ${spot.y})`}
      onPointerEnter={() => onHover(node.id)}
      onPointerLeave={() => onHover(null)}
    >
      <title>{facts.filter(Boolean).join("\n")}</title>
      {chosen ? <circle className={styles.ring} r={radius + 6} /> : null}
      <circle className={styles.ball} r={radius} />
      {share > 0 ? (
        <circle
          className={styles.failed}
          r={radius + 2}
          pathLength={100}
          strokeDasharray={`${Math.max(4, share * 100)} 100`}
          transform="rotate(-90)"
        />
      ) : null}
      {pinned ? <circle className={styles.pin} r={2.5} /> : null}
      {named ? (
        <>
          <text x={radius + 6} y={4}>
            {nodeName(node)}
          </text>
          {fan > 1 ? (
            <text className={styles.fan} x={0} y={-radius - 4} textAnchor="middle">
              {fan}
            </text>
          ) : null}
        </>
      ) : null}
    </g>
  );
}
