import { useEffect, useState } from "react";
import type { ForceTask } from "../../core/force";
import type { Spot } from "../../core/graph-layout";

const MOST_KNOWN = 20;
/** Where nodes settled once they lie again. */
const known = new Map<string, ReadonlyMap<string, Spot>>();

/** Settle nodes in a worker; `null` until it has, and while there is no task. `name` names the task. */
export function useForce(name: string, task: ForceTask | null): ReadonlyMap<string, Spot> | null {
  const [, setSettled] = useState("");
  const found = known.get(name);
  const wanted = task !== null && found === undefined;
  useEffect(() => {
    if (!wanted || task === null) return undefined;
    const worker = new Worker(new URL("../../core/force-worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<{ id: string; x: number; y: number }[]>) => {
      known.set(name, new Map(data.map(({ id, x, y }) => [id, { x, y }])));
      const [oldest] = known.keys();
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
      worker.terminate();
      setSettled(name);
    });
    // A worker has no other origin than its own.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker.postMessage(task);
    return () => worker.terminate();
  }, [name, wanted, task]);
  return task === null ? null : (found ?? null);
}
