/** What statistics can be parted by, and what a click on one of the parts asks for. */

import type { Exact } from "./work-filter";

export type StatsBy =
  | "model"
  | "tool"
  | "agent"
  | "project"
  | "format"
  | "provider"
  | "namespace"
  | "kind"
  | "status"
  | "branch"
  | "day"
  | "week"
  | "month";
export type Bucket = "hour" | "day" | "week" | "month";

export interface DimensionOf {
  by: StatsBy;
  label: string;
  many: string;
  exact: Exact;
  /** Of ops: turns have no part in it. */
  ofOps: boolean;
  catalog?: "tools" | "models" | "agents" | "projects";
}

export const DIMENSIONS: readonly DimensionOf[] = [
  { by: "model", label: "Model", many: "models", exact: "op_model", ofOps: true, catalog: "models" },
  { by: "tool", label: "Tool", many: "tools", exact: "tool", ofOps: true, catalog: "tools" },
  { by: "agent", label: "Agent", many: "agents", exact: "agent", ofOps: false, catalog: "agents" },
  { by: "project", label: "Project", many: "projects", exact: "project", ofOps: false, catalog: "projects" },
  { by: "format", label: "Client", many: "clients", exact: "format", ofOps: false },
  { by: "status", label: "Status", many: "statuses", exact: "status", ofOps: false },
  { by: "provider", label: "Provider", many: "providers", exact: "op_provider", ofOps: true },
  { by: "namespace", label: "Tool family", many: "families", exact: "namespace", ofOps: true },
  { by: "kind", label: "Kind of op", many: "kinds", exact: "op_kind", ofOps: true },
];

export function dimensionOf(by: string | null): DimensionOf | undefined {
  return DIMENSIONS.find((one) => one.by === by);
}

const HOUR = 3600e6;

/** The width of a step that gives a chart of this much time some dozens of them. */
export function bucketFor(micros: number | null): Bucket {
  if (micros === null) return "week";
  if (micros <= 3 * 24 * HOUR) return "hour";
  if (micros <= 130 * 24 * HOUR) return "day";
  return micros <= 3 * 365 * 24 * HOUR ? "week" : "month";
}

/** Where the catalog tells all about one of them. */
export function catalogHref(catalog: string, name: string): string {
  return `/${catalog}/${encodeURIComponent(name)}`;
}
