/** How a step's texts are best shown: by what its tool does, whatever an agent calls that. */

import type { Op } from "../../api/types";

export type ToolView = "shell" | "edit" | "read" | "find" | "web" | "tasks" | "agent" | "plain";

const NAMES: Record<Exclude<ToolView, "plain">, string> = {
  shell:
    "bash shell shellcommand localshell containerexec execcommand unifiedexec writestdin runshellcommand runcommand runterminalcmd bashoutput readbash writebash stopbash monitor",
  edit: "edit multiedit write writefile applypatch patch replace notebookedit create createfile editfile strreplace strreplaceeditor strreplacebasededittool insert searchreplace",
  read: "read readfile view viewfile notebookread readmanyfiles",
  find: "grep glob ls list listdir listdirectory grepfiles searchfilecontent grepsearch globsearch findfiles find ripgrep rg",
  web: "webfetch websearch googlewebsearch codesearch fetch",
  tasks: "todowrite todoread updateplan writetodos taskcreate taskupdate tasklist taskget updatetodo todo",
  agent: "task agent spawnagent subagent delegatetoagent sendinput",
};

const VIEW_OF = new Map(
  Object.entries(NAMES).flatMap(([view, names]) => names.split(" ").map((name) => [name, view as ToolView])),
);

export function toolView(op: Pick<Op, "kind" | "name" | "namespace">): ToolView {
  if (op.kind === "session") return "agent";
  // A server's tool may be called as one of the agent's own, and take other arguments.
  if (op.namespace?.startsWith("mcp:")) return "plain";
  const known = VIEW_OF.get((op.name ?? "").toLowerCase().replace(/[^a-z]/g, ""));
  if (known) return known;
  return op.namespace === "shell" ? "shell" : "plain";
}

/** The first of some fields that is there. */
export function firstField(
  fields: ReadonlyMap<string, string> | undefined,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = fields?.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

export const PATH_FIELDS = [
  "file_path",
  "filePath",
  "path",
  "absolute_path",
  "notebook_path",
  "filename",
  "target_file",
];
