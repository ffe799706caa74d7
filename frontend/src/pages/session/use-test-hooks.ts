import { useEffect } from "react";
import { drawTimes } from "../../core/frames";
import type { Trace } from "../../core/trace";
import type { ViewHandle } from "./view-props";

declare global {
  interface Window {
    /** For tests: what was drawn, and where an op is on the page. */
    __wb?: {
      stats: () => { ops: number; draws: number[] };
      hit: (op: number) => { x: number; y: number } | null;
    };
  }
}

/** Tell tests what only a canvas knows. */
export function useTestHooks(trace: Trace | undefined, handle: React.RefObject<ViewHandle | null>): void {
  useEffect(() => {
    if (!trace) return undefined;
    // oxlint-disable-next-line no-underscore-dangle
    window.__wb = {
      stats: () => ({ ops: trace.ops.seq.length, draws: drawTimes() }),
      hit: (op) => handle.current?.hit?.(op) ?? null,
    };
    return () => {
      // oxlint-disable-next-line no-underscore-dangle
      delete window.__wb;
    };
  }, [trace, handle]);
}
