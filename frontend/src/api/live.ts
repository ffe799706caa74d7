/** The server's change stream: what changed, and whether we still hear of it. */

import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export interface Change {
  sessions: ReadonlySet<string>;
  sources: boolean;
  /** Too much was missed to tell what changed: everything may have. */
  everything: boolean;
}

export type Connection = "connecting" | "live" | "reconnecting";

type ChangeListener = (change: Change) => void;

const RETRY_MS = 2_000;

class ChangeStream {
  connection: Connection = "connecting";
  private readonly changeListeners = new Set<ChangeListener>();
  private readonly stateListeners = new Set<() => void>();

  /** A stream the browser resumes by itself misses nothing; one opened `anew` may have. */
  open(anew: boolean): void {
    const stream = new EventSource("/api/events");
    stream.addEventListener("open", () => {
      this.enter("live");
      if (anew) this.tellAll();
    });
    stream.addEventListener("change", (event: MessageEvent<string>) => {
      const { sessions, sources } = JSON.parse(event.data) as { sessions: string[]; sources: boolean };
      this.tell({ sessions: new Set(sessions), sources, everything: false });
    });
    stream.addEventListener("reset", () => this.tellAll());
    stream.addEventListener("error", () => {
      this.enter("reconnecting");
      // The browser gives up after an error answer; the server may be starting again.
      if (stream.readyState === EventSource.CLOSED) window.setTimeout(() => this.open(true), RETRY_MS);
    });
  }

  onChange(listener: ChangeListener): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  onState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  private tellAll(): void {
    this.tell({ sessions: new Set(), sources: true, everything: true });
  }

  private tell(change: Change): void {
    for (const listener of this.changeListeners) listener(change);
  }

  private enter(connection: Connection): void {
    this.connection = connection;
    for (const listener of this.stateListeners) listener();
  }
}

const changes = new ChangeStream();

const PATIENCE_MS = 250;

/**
 * Open the stream; settled as soon as it is open, so that what is fetched from then on can
 * miss no change, or when waiting longer would be felt.
 */
export function startLive(): Promise<void> {
  changes.open(false);
  return new Promise((resolve) => {
    const stop = changes.onState(() => {
      stop();
      resolve();
    });
    window.setTimeout(resolve, PATIENCE_MS);
  });
}

export function useConnection(): Connection {
  return useSyncExternalStore(changes.onState, () => changes.connection);
}

const PAUSE_MS = 200;

/**
 * Call `refresh` when something `concerns` us changed: at once after a quiet time, else as
 * soon as the one before has finished and a pause has passed, however many changes arrive.
 */
export function useLiveRefresh(
  concerns: (change: Change) => boolean,
  refresh: () => Promise<unknown>,
  pauseMs: number = PAUSE_MS,
): void {
  const isOurs = useEffectEvent(concerns);
  const run = useEffectEvent(refresh);
  useEffect(() => {
    let due = false;
    let resting = false;
    let timer: number | undefined;
    const next = async (): Promise<void> => {
      if (!due || resting) return;
      due = false;
      resting = true;
      try {
        await run();
      } catch (error) {
        console.warn("A live update failed; the next change tries again.", error);
      }
      timer = window.setTimeout(() => {
        resting = false;
        void next();
      }, pauseMs);
    };
    const stop = changes.onChange((change) => {
      if (!isOurs(change)) return;
      due = true;
      void next();
    });
    return () => {
      stop();
      due = false;
      window.clearTimeout(timer);
    };
  }, [pauseMs]);
}
