/** The table's columns: their heads, their widths, and which of them one wants to see. */

import { usePreference } from "../../ui/preferences";

export interface Column {
  key: string;
  text: string;
  width: string;
  hint?: string;
  /** Always there. */
  fixed?: boolean;
}

export const COLUMNS: readonly Column[] = [
  { key: "standing", text: "", width: "24px", fixed: true },
  { key: "title", text: "Session", width: "minmax(200px, 4fr)", fixed: true },
  { key: "project", text: "Project", width: "minmax(84px, 1.3fr)", hint: "Folder and branch" },
  { key: "agent", text: "Agent", width: "minmax(78px, 0.8fr)", hint: "Role of a sub-agent, or the program" },
  { key: "model", text: "Model", width: "minmax(84px, 0.8fr)" },
  { key: "started", text: "Started", width: "86px" },
  {
    key: "wall",
    text: "Duration",
    width: "104px",
    hint: "From start to last activity; the bar is the share of it within turns",
  },
  {
    key: "turns",
    text: "Turns/ops",
    width: "64px",
    hint: "Turns, and the model calls, tool calls and other steps in them",
  },
  { key: "subs", text: "Subs", width: "34px", hint: "Sub-agents, however deep" },
  { key: "in", text: "In", width: "42px", hint: "Fresh input tokens" },
  { key: "out", text: "Out", width: "42px", hint: "Output tokens, reasoning included" },
  { key: "cache", text: "Cache", width: "44px", hint: "Tokens read from the cache" },
  { key: "cost", text: "Cost", width: "62px", hint: "Its own cost" },
  { key: "tree", text: "+ subs", width: "62px", hint: "Cost with its sub-agents" },
  {
    key: "context",
    text: "Context",
    width: "48px",
    hint: "Most tokens held in the model's context by one call",
  },
  { key: "fails", text: "Fails", width: "34px", hint: "Failed steps" },
  { key: "last", text: "Last", width: "86px", hint: "Last activity" },
];

/** On a narrow screen these have no room. */
const WIDE_ONLY = ["started"];

const NAME = "sessions.columns";

/** The keys of the hidden columns, and how to hide or show one. */
export function useHiddenColumns(wide: boolean): [ReadonlySet<string>, (key: string) => void] {
  const [chosen, choose] = usePreference(NAME);
  const hidden = new Set(
    chosen === undefined ? (wide ? [] : WIDE_ONLY) : chosen.split(" ").filter((key) => key !== ""),
  );
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    choose([...next].join(" "));
  };
  return [hidden, toggle];
}
