import { type RefObject, useEffect, useEffectEvent, useRef } from "react";

const NAME = "found";
const MOST = 2_000;

/**
 * Marks a text wherever it stands below an element, however that is drawn, and brings the first
 * of those within `step` (an element's id) into view once it is there.
 */
export function useFound(
  scroller: RefObject<HTMLElement | null>,
  text: string,
  step: string | undefined,
): void {
  const wish = `${step} ${text}`;
  const brought = useRef<string>(undefined);
  const holder = useEffectEvent(() =>
    step === undefined || brought.current === wish ? null : document.getElementById(step),
  );
  const arrived = useEffectEvent(() => {
    brought.current = wish;
  });
  const redraw = useRef<() => void>(undefined);
  useEffect(() => {
    if (step !== undefined) redraw.current?.();
  }, [step]);
  useEffect(() => {
    const root = scroller.current;
    const wanted = wordsOf(text);
    if (!root || !wanted || !("highlights" in CSS)) return undefined;
    let frame = 0;
    const draw = () => {
      frame = 0;
      const ranges = rangesOf(root, wanted);
      CSS.highlights.set(NAME, new Highlight(...ranges));
      const within = holder();
      const first = within && ranges.find((range) => within.contains(range.startContainer));
      if (!first) return;
      arrived();
      const [place, box] = [first.getBoundingClientRect(), root.getBoundingClientRect()];
      if (place.top < box.top + 80 || place.bottom > box.bottom - 20)
        root.scrollTop += place.top - box.top - box.height / 3;
    };
    const later = () => {
      frame ||= requestAnimationFrame(draw);
    };
    const observer = new MutationObserver(later);
    observer.observe(root, { childList: true, subtree: true, characterData: true });
    redraw.current = later;
    later();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      CSS.highlights.delete(NAME);
    };
  }, [scroller, text]);
}

/** Its words in this order, however they are parted; conditions of the search are none. */
function wordsOf(text: string): RegExp | undefined {
  const words = text
    .replace(/(?:^|\s)-?[a-z]+:("[^"]*"|\S+)/g, " ")
    .replace(/["*]/g, " ")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return words.length > 0 ? new RegExp(words.join("|"), "gi") : undefined;
}

function rangesOf(root: HTMLElement, wanted: RegExp): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && ranges.length < MOST; node = walker.nextNode()) {
    for (const found of (node.nodeValue ?? "").matchAll(wanted)) {
      const range = new Range();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      ranges.push(range);
    }
  }
  return ranges;
}
