import { useEffect, useState } from "react";

/** A longer text is shown without colours. */
const MOST_CHARACTERS = 200_000;
const KEPT = 100;

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, (html: string) => void>();
const known = new Map<string, string>();

/** The code as HTML that is safe to show, once it is there. */
export function useHighlight(code: string, language: string | undefined): string | undefined {
  const [, setArrived] = useState(0);
  const key = language && code.length <= MOST_CHARACTERS ? `${language}\n${code}` : undefined;
  useEffect(() => {
    if (key === undefined || language === undefined || known.has(key)) return undefined;
    const id = ask(language, code, (html) => {
      if (known.size >= KEPT) known.clear();
      known.set(key, html);
      setArrived(id);
    });
    return () => void waiting.delete(id);
  }, [key, code, language]);
  return key === undefined ? undefined : known.get(key);
}

function ask(language: string, code: string, then: (html: string) => void): number {
  if (!worker) {
    worker = new Worker(new URL("../../../core/highlight.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<{ id: number; html: string }>) => {
      waiting.get(data.id)?.(data.html);
      waiting.delete(data.id);
    });
  }
  asked += 1;
  waiting.set(asked, then);
  // A worker has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage({ id: asked, language, code });
  return asked;
}
