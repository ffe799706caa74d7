import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from "react";
import type { TreeFlame } from "../../core/flame-tree";
import { FLAME_WIDTH, type FlameNode } from "../../core/flame-tree";
import { drew } from "../../core/frames";
import { resize } from "../../core/paint-axis";
import { boxPlace, FLAME_ROW_PX, type FlameScene, hitBox, paintFlame } from "../../core/paint-flame";
import type { Canvas } from "../../core/paint-waterfall";
import type { Palette } from "../../core/palette";
import { pan, within, zoom } from "../../core/range";
import type { Workbench } from "../../core/selection";
import { type Gap, TimeAxis } from "../../core/time-axis";
import { plural } from "../../logic/units";
import { formatShare, formatWeight, type Weight } from "../../logic/weights";
import { useSize } from "../../ui/use-size";
import styles from "./flame-view.module.css";
import { HoverCard } from "./hover-card";
import { type Point, pointOf, useRedraw } from "./use-plot";
import type { ViewHandle } from "./view-props";

const WHOLE: Gap = { start: 0, end: FLAME_WIDTH };
const WHEEL_ZOOM = 1.0018;
const NO_TICKS: readonly number[] = [];

interface TreeFlamePlotProps {
  bench: Workbench;
  palette: Palette;
  handle: React.RefObject<ViewHandle | null>;
  flame: TreeFlame & { root: FlameNode };
  metric: Weight;
  /** Box that is chosen; -1: none. */
  chosen: number;
  boxOfOp: (op: number) => number;
  onChoose: (node: FlameNode) => void;
  onMenu: (node: FlameNode, x: number, y: number) => void;
}

/** Sums as boxes: each as wide as its part of the whole. A double click makes one fit. */
export function TreeFlamePlot(props: TreeFlamePlotProps) {
  const { bench, palette, handle, flame, metric, chosen, boxOfOp, onChoose, onMenu } = props;
  const { boxes, nodes, root } = flame;
  const [shown, setShown] = useState<Gap | null>(null);
  const [hover, setHover] = useState(-1);
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const { width, height } = useSize(scroller);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const kept = useRef<Canvas | null>(null);
  const pointer = useRef<Point>({ x: 0, y: 0 });

  const makeAxis = () => {
    const range = shown ?? WHOLE;
    return new TimeAxis(range.start, range.end, Math.max(1, width));
  };
  const makeScene = (): FlameScene => ({
    boxes,
    axis: makeAxis(),
    ticks: NO_TICKS,
    scrollTop: scroller?.scrollTop ?? 0,
    width,
    height,
    density: window.devicePixelRatio || 1,
    chosen,
    hover,
    preview: null,
    label: (box) => {
      const node = nodes[box];
      if (!node) return "";
      const bad = node.failures > 0 ? ` · ${node.failures} ✕` : "";
      return `${node.name}  ${formatWeight(metric, node.total)}${bad}`;
    },
    isFailed: () => false,
  });
  const redraw = useRedraw(bench, () => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d", { alpha: false });
    if (!canvas || !context || width < 2 || height < 2) return;
    const began = performance.now();
    const scene = makeScene();
    resize(canvas, width, height, scene.density);
    kept.current ??= { context, image: null };
    paintFlame(kept.current, scene, palette);
    drew(began);
  });

  const reveal = useEffectEvent((box: number, high: number) => {
    if (box === -1 || !scroller) return;
    const { top } = boxPlace(makeScene(), box);
    if (top < 0) scroller.scrollBy(0, top);
    else if (top + FLAME_ROW_PX > high) scroller.scrollBy(0, top + FLAME_ROW_PX - high);
  });
  useEffect(() => reveal(chosen, height), [chosen, height]);

  const onWheel = useEffectEvent((event: WheelEvent) => {
    const box = scroller?.getBoundingClientRect();
    if (!box) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      setShown(zoom(makeAxis(), WHOLE, event.clientX - box.left, WHEEL_ZOOM ** -event.deltaY));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      setShown(pan(makeAxis(), WHOLE, event.deltaX || event.deltaY));
    }
  });
  useEffect(() => {
    if (!scroller) return undefined;
    const listener = (event: WheelEvent) => onWheel(event);
    scroller.addEventListener("wheel", listener, { passive: false });
    return () => scroller.removeEventListener("wheel", listener);
  }, [scroller]);

  const fit = (box: number) => {
    const start = boxes.start[box] ?? 0;
    const room = (boxes.duration[box] ?? 0) * 0.005;
    setShown(within({ start: start - room, end: start + (boxes.duration[box] ?? 0) + room }, WHOLE));
  };
  useImperativeHandle(handle, () => ({
    axis: makeAxis,
    hit: (op: number) => {
      const box = boxOfOp(op);
      const place = box === -1 ? null : boxPlace(makeScene(), box);
      const at = scroller?.getBoundingClientRect();
      return place && at
        ? { x: at.left + (place.left + place.right) / 2, y: at.top + place.top + FLAME_ROW_PX / 2 }
        : null;
    },
  }));

  const hovered = nodes[hover];
  return (
    <div ref={setScroller} className={styles.scroller} onScroll={redraw}>
      <div className={styles.stage}>
        <div
          className={styles.plot}
          style={{ height }}
          aria-hidden="true"
          onPointerMove={(event) => {
            if (event.buttons === 4) return setShown(pan(makeAxis(), WHOLE, -event.movementX));
            pointer.current = pointOf(event);
            return setHover(hitBox(makeScene(), pointer.current.x, pointer.current.y));
          }}
          onPointerLeave={() => setHover(-1)}
          onClick={(event) => {
            const { x, y } = pointOf(event);
            const node = nodes[hitBox(makeScene(), x, y)];
            if (node) onChoose(node);
          }}
          onDoubleClick={(event) => {
            const { x, y } = pointOf(event);
            const box = hitBox(makeScene(), x, y);
            if (box === -1) setShown(null);
            else fit(box);
          }}
          onContextMenu={(event) => {
            const { x, y } = pointOf(event);
            const node = nodes[hitBox(makeScene(), x, y)];
            if (!node) return;
            event.preventDefault();
            onChoose(node);
            onMenu(node, event.clientX, event.clientY);
          }}
        >
          <canvas ref={canvasRef} className={styles.canvas} data-boxes={boxes.count} />
          {hovered ? (
            <HoverCard
              title={hovered.name}
              facts={[
                `${formatWeight(metric, hovered.total)}, ${formatShare(hovered.total, root.total)} of all`,
                ...(hovered.own > 0 && hovered.own < hovered.total
                  ? [`${formatWeight(metric, hovered.own)} its own`]
                  : []),
                `${plural(hovered.ops, "step")}${hovered.failures > 0 ? `, ${hovered.failures} failed` : ""}`,
              ]}
              at={pointer}
              width={width}
              height={height}
            />
          ) : null}
        </div>
      </div>
      <div style={{ height: boxes.rows.length * FLAME_ROW_PX + 8 }} />
    </div>
  );
}
