import { useSyncExternalStore } from "react";
import styles from "./markdown.module.css";

type Render = (markdown: string) => string;

let render: Render | undefined;
const listeners = new Set<() => void>();

/** Fetch the renderer ahead of the first text that needs it. */
export async function preloadMarkdown(): Promise<void> {
  if (render) return;
  ({ renderMarkdown: render } = await import("./render-markdown"));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A text as Markdown; as plain text until the renderer is there. */
export function Markdown({ text }: { text: string }) {
  const current = useSyncExternalStore(subscribe, () => render);
  if (!current) return <div className={styles.plain}>{text}</div>;
  // Sanitised in render-markdown.ts: no scripts, no styles, nothing that loads by itself.
  // oxlint-disable-next-line react/no-danger
  return <div className={styles.markdown} dangerouslySetInnerHTML={{ __html: current(text) }} />;
}
