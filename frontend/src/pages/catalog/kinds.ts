/** The four catalogs: their names, and what each one's rows are to the filter. */

import type { CatalogKind } from "../../api/queries";
import { type DimensionOf, DIMENSIONS } from "../../logic/dimensions";

export interface Kind {
  kind: Exclude<CatalogKind, "providers">;
  title: string;
  one: string;
  dimension: DimensionOf;
  /** What its calls are. */
  calls: string;
  /** Whether a row's durations are of sessions, not of calls. */
  ofSessions: boolean;
  metric: string;
}

const of = (by: string): DimensionOf =>
  DIMENSIONS.find((one) => one.by === by) ?? (DIMENSIONS[0] as DimensionOf);

export const KINDS: Record<Kind["kind"], Kind> = {
  tools: {
    kind: "tools",
    title: "Tools",
    one: "tool",
    dimension: of("tool"),
    calls: "calls",
    ofSessions: false,
    metric: "tool_calls",
  },
  models: {
    kind: "models",
    title: "Models",
    one: "model",
    dimension: of("model"),
    calls: "calls",
    ofSessions: false,
    metric: "cost_usd",
  },
  agents: {
    kind: "agents",
    title: "Agents",
    one: "agent",
    dimension: of("agent"),
    calls: "ops",
    ofSessions: true,
    metric: "cost_usd",
  },
  projects: {
    kind: "projects",
    title: "Projects",
    one: "project",
    dimension: of("project"),
    calls: "ops",
    ofSessions: true,
    metric: "cost_usd",
  },
};
