/** All of a large text, read in pieces where one scrolls to. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { usePayloadPart } from "../../../api/queries";
import type { Payload } from "../../../api/types";
import { chunkCount, chunkRange, chunkText } from "../../../logic/payloads/chunks";
import { formatBytes } from "../../../logic/units";
import { AnsiText } from "./long-text";
import styles from "./payloads.module.css";

/** A piece of usual lines: 64 KiB of some 90 characters each. */
const USUAL_PX = 12_000;

export function LineList({
  session,
  payload,
  options = "",
}: {
  session: string;
  payload: Payload;
  options?: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  // What is told of its size is that of the text as it is kept; masked or indented it is another.
  const first = usePayloadPart(session, payload, "0-65535", true, options);
  const bytes = first.data?.total ?? payload.bytes;
  const virtual = useVirtualizer({
    count: chunkCount(bytes),
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_PX,
    overscan: 0,
  });
  return (
    <div className={styles.lineList} data-line-list>
      <div className={styles.notes}>
        <span>All {formatBytes(bytes)}</span>
        <button type="button" className={styles.link} onClick={() => virtual.scrollToIndex(0)}>
          First line
        </button>
        <button
          type="button"
          className={styles.link}
          onClick={() => virtual.scrollToIndex(chunkCount(bytes) - 1, { align: "end" })}
        >
          Last line
        </button>
      </div>
      <div
        ref={scroller}
        className={styles.lineScroller}
        role="region"
        aria-label="The whole text"
        // A region that scrolls has to be reachable by the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div className={styles.lineSpace} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={styles.linePiece}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Piece session={session} payload={payload} index={item.index} bytes={bytes} options={options} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface PieceProps {
  session: string;
  payload: Payload;
  index: number;
  bytes: number;
  options: string;
}

function Piece({ session, payload, index, bytes, options }: PieceProps) {
  const { first, last } = chunkRange(index, bytes);
  const part = usePayloadPart(session, payload, `${first}-${last}`, true, options);
  if (part.isError) {
    return (
      <p role="alert" className={styles.bad}>
        This part could not be loaded: {part.error.message}{" "}
        <button type="button" className={styles.link} onClick={() => void part.refetch()}>
          Try again
        </button>
      </p>
    );
  }
  if (!part.data)
    return (
      <div className={styles.lineWait} style={{ height: USUAL_PX }} role="status" aria-label="Loading" />
    );
  return (
    <pre className={styles.text} data-piece={index}>
      <AnsiText text={chunkText(index, part.data.data, bytes)} />
    </pre>
  );
}
