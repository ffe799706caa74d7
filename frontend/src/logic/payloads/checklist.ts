/** A list of tasks as an agent keeps it, and what changed in it since it was written last. */

import { parseObject } from "../arguments";

export type TaskStatus = "open" | "running" | "done" | "dropped";

export interface Task {
  id: string;
  text: string;
  status: TaskStatus;
}

const STATUS: Record<string, TaskStatus> = {
  pending: "open",
  open: "open",
  todo: "open",
  "not-started": "open",
  in_progress: "running",
  "in-progress": "running",
  active: "running",
  completed: "done",
  done: "done",
  cancelled: "dropped",
  deleted: "dropped",
};

/** The tasks in a tool's input; `undefined` if it holds no list of them. */
export function readTasks(input: string | null): Task[] | undefined {
  const object = parseObject((input ?? "").trim());
  const list = object?.["todos"] ?? object?.["plan"] ?? object?.["todoList"] ?? object?.["tasks"];
  if (Array.isArray(list)) return list.flatMap((item, index) => taskOf(item, index) ?? []);
  const marked = typeof list === "string" ? [...list.matchAll(/^\s*[-*] \[([ xX~-])\] (.+)$/gm)] : [];
  if (marked.length > 0) {
    return marked.map(([, mark = " ", text = ""]) => ({
      id: text,
      text,
      status: mark === " " ? "open" : mark === "~" ? "running" : mark === "-" ? "dropped" : "done",
    }));
  }
  const one = object && (taskOf(object, 0) ?? undefined);
  return one ? [one] : undefined;
}

/** Lines such as `#1 [completed] Write the tests`. */
export function readTaskLines(output: string): Task[] {
  return [...output.matchAll(/^#(\S+) \[([\w-]+)\] (.+)$/gm)].map(([, id = "", status = "", text = ""]) => ({
    id,
    text,
    status: STATUS[status] ?? "open",
  }));
}

function taskOf(item: unknown, index: number): Task | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const fields = item as Record<string, unknown>;
  const id = String(fields["id"] ?? fields["taskId"] ?? "");
  const text = ["content", "step", "subject", "title", "description", "text"]
    .map((key) => fields[key])
    .find((value): value is string => typeof value === "string" && value !== "");
  const status = fields["status"];
  if (text === undefined && id === "") return undefined;
  return {
    id: id || text || String(index),
    text: text ?? `Task ${id}`,
    status: STATUS[typeof status === "string" ? status : ""] ?? "open",
  };
}

export type TaskChange = "new" | "status" | null;

/** What is news of each task, and which are no longer there. */
export function taskChanges(
  now: readonly Task[],
  before: readonly Task[] | undefined,
): { changes: TaskChange[]; removed: Task[] } {
  if (!before) return { changes: now.map(() => null), removed: [] };
  const known = new Map(before.map((task) => [task.text, task]));
  return {
    changes: now.map((task) => {
      const old = known.get(task.text);
      return old === undefined ? "new" : old.status === task.status ? null : "status";
    }),
    removed: before.filter((task) => !now.some((one) => one.text === task.text)),
  };
}
