import { useEffect, useEffectEvent, useRef, useState } from "react";
import { pan, within, zoom } from "../../core/range";
import type { Workbench } from "../../core/selection";
import type { Gap, TimeAxis } from "../../core/time-axis";

const WHEEL_ZOOM = 1.0018;
/** What is shorter was a click. */
const LEAST_DRAG_PX = 4;

/** Draws at most once a frame, however often it is asked to. */
class Frames {
  private frame = 0;
  private draw: (() => void) | null = null;

  start(draw: () => void): void {
    this.draw = draw;
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.draw = null;
  }

  request = (): void => {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw?.();
    });
  };
}

/** Draws after each change of the component or of the workbench, and when it is asked to. */
export function useRedraw(bench: Workbench, onDraw: () => void): () => void {
  const [frames] = useState(() => new Frames());
  const draw = useEffectEvent(() => onDraw());
  useEffect(() => {
    frames.start(() => draw());
    return () => frames.stop();
  }, [frames]);
  useEffect(() => frames.request());
  useEffect(() => bench.subscribe(frames.request), [bench, frames]);
  return frames.request;
}

interface Plot {
  bench: Workbench;
  whole: Gap;
  /** Hears the wheel. */
  scroller: HTMLElement | null;
  /** What the axis lies on. */
  plot: HTMLElement | null;
  axis: () => TimeAxis;
}

/** Zoom by the wheel with Ctrl, pan by it with Shift; the wheel alone scrolls. */
export function useTimeWheel({ bench, whole, scroller, plot, axis }: Plot): void {
  // React's own wheel events cannot keep the page from zooming.
  const onWheel = useEffectEvent((event: WheelEvent) => {
    bench.set({ follow: false });
    const box = plot?.getBoundingClientRect();
    if (!box) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const x = Math.max(0, Math.min(box.width, event.clientX - box.left));
      bench.set({ range: zoom(axis(), whole, x, WHEEL_ZOOM ** -event.deltaY) });
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      bench.set({ range: pan(axis(), whole, event.deltaX || event.deltaY) });
    }
  });
  useEffect(() => {
    if (!scroller) return undefined;
    const listener = (event: WheelEvent) => onWheel(event);
    scroller.addEventListener("wheel", listener, { passive: false });
    return () => scroller.removeEventListener("wheel", listener);
  }, [scroller]);
}

export interface Point {
  x: number;
  y: number;
}

/** Where on its element something happened. */
export function pointOf(event: React.PointerEvent | React.MouseEvent): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

interface PointerActs {
  bench: Workbench;
  whole: Gap;
  axis: () => TimeAxis;
  onHover: (at: Point) => void;
  onChoose: (at: Point) => void;
}

/** A click chooses or unfolds a wait, a drag draws a range to go into, the middle button pans. */
export function usePlotPointer({ bench, whole, axis, onHover, onChoose }: PointerActs) {
  const from = useRef<number | null>(null);
  const dragged = useRef(false);
  return {
    onPointerDown: (event: React.PointerEvent) => {
      if (event.button === 1) event.preventDefault();
      if (event.button !== 0) return;
      from.current = pointOf(event).x;
      dragged.current = false;
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: React.PointerEvent) => {
      if (event.buttons === 4) return bench.set({ range: pan(axis(), whole, -event.movementX) });
      const at = pointOf(event);
      if (from.current !== null && (dragged.current || Math.abs(at.x - from.current) >= LEAST_DRAG_PX)) {
        dragged.current = true;
        const now = axis();
        const x = Math.max(0, Math.min(now.width, at.x));
        return bench.set({ preview: within(now.range(from.current, x), whole), hover: null });
      }
      return onHover(at);
    },
    onPointerUp: () => {
      from.current = null;
    },
    onPointerCancel: () => {
      from.current = null;
    },
    onPointerLeave: () => bench.set({ hover: null }),
    onClick: (event: React.MouseEvent) => {
      if (dragged.current) return;
      const at = pointOf(event);
      const now = axis();
      const time = now.time(at.x);
      const wait = now.gaps.find((gap) => time > gap.start && time < gap.end);
      if (wait) bench.unfold(wait);
      else onChoose(at);
    },
  };
}
