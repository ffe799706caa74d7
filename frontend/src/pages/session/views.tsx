/** The views of a session: one at a time, all of one selection, range and filter. */

import { lazy } from "react";
import type { ViewName } from "../../core/selection";
import type { ViewProps } from "./view-props";
import { Waterfall } from "./waterfall";

interface View {
  text: string;
  Component: React.ComponentType<ViewProps>;
}

const WATERFALL: View = { text: "Waterfall", Component: Waterfall };

/** By name, in the order of their tabs and keys; all but the first are loaded when they are opened. */
export const VIEW_TABLE: Partial<Record<ViewName, View>> = {
  waterfall: WATERFALL,
  lanes: { text: "Lanes", Component: lazy(() => import("./lanes-view")) },
  flame: { text: "Flame", Component: lazy(() => import("./flame-view")) },
  graph: { text: "Graph", Component: lazy(() => import("./graph-view")) },
  stats: { text: "Stats", Component: lazy(() => import("./stats-view")) },
  logs: { text: "Logs", Component: lazy(() => import("./logs-view")) },
};

export function viewNamed(name: ViewName): View {
  return VIEW_TABLE[name] ?? WATERFALL;
}
