/** What every view of the workbench is given, and what it gives in return. */

import type { LaneCache } from "../../core/lanes";
import type { Palette } from "../../core/palette";
import type { Workbench } from "../../core/selection";
import type { Gap, TimeAxis } from "../../core/time-axis";

export interface ViewProps {
  bench: Workbench;
  lanes: LaneCache;
  palette: Palette;
  /** The whole time of the tree. */
  whole: Gap;
  /** The waits that are folded. */
  waits: readonly Gap[];
  /** The sessions at work. */
  live: ReadonlySet<number>;
  /** What the user said, by turn of the page's session, as far as it is loaded. */
  prompts: ReadonlyMap<number, string>;
  /** By row of `ops`: 0 for what is to be dimmed; `null`: nothing is. */
  mask: Uint8Array | null;
  onOpenSession: (id: string) => void;
  /** What the rest of the page asks the view; it stays empty where time is no axis. */
  handle: React.RefObject<ViewHandle | null>;
}

export interface ViewHandle {
  /** Time as it lies on the view's pixels now: keys zoom and pan by it. */
  axis: () => TimeAxis;
  /** The middle of an op's bar on the page; `null`: it is not drawn. */
  hit?: (op: number) => { x: number; y: number } | null;
}
