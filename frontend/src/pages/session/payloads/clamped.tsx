/** Shows the start of what is tall, and all of it on demand. */

import { useLayoutEffect, useRef, useState } from "react";
import styles from "./payloads.module.css";

const LINE_EM = 1.45;

export function Clamped({ lines, children }: { lines: number; children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const [tall, setTall] = useState(false);
  const [all, setAll] = useState(false);
  useLayoutEffect(() => {
    const [outer, content] = [box.current, inner.current];
    if (!outer || !content || all) return undefined;
    const measure = () => setTall(content.scrollHeight > outer.clientHeight + 4);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(content);
    return () => observer.disconnect();
  }, [all]);
  return (
    <>
      <div
        ref={box}
        className={all ? undefined : tall ? styles.clampedTall : styles.clamped}
        style={all ? undefined : { maxHeight: `${lines * LINE_EM}em` }}
      >
        <div ref={inner}>{children}</div>
      </div>
      {tall || all ? (
        <button type="button" className={styles.link} onClick={() => setAll(!all)}>
          {all ? "Show less" : "Show all"}
        </button>
      ) : null}
    </>
  );
}
