/** An agent's list of tasks, and what it changed in it. */

import {
  readTaskLines,
  readTasks,
  type Task,
  type TaskChange,
  taskChanges,
  type TaskStatus,
} from "../../../logic/payloads/checklist";
import { plural } from "../../../logic/units";
import { BodyNotes } from "./body-notes";
import { Lines } from "./long-text";
import type { Body } from "./use-body";
import styles from "./tasks-view.module.css";

const BOXES: Record<TaskStatus, string> = { open: "☐", running: "◐", done: "☑", dropped: "☒" };
const WORDS: Record<TaskStatus, string> = {
  open: "to do",
  running: "in progress",
  done: "done",
  dropped: "dropped",
};

interface TasksViewProps {
  input: Body | null;
  output: Body | null;
  /** The input of the call before, of the same tool. */
  before: string | null;
}

export function TasksView({ input, output, before }: TasksViewProps) {
  const listed = output ? readTaskLines(output.text ?? "") : [];
  const tasks = readTasks(input?.text ?? null) ?? listed;
  const whole = tasks.length > 1;
  const known = before === null || !whole ? undefined : readTasks(before);
  const { changes, removed } = taskChanges(tasks, known);
  const done = tasks.filter((task) => task.status === "done").length;
  const changed = changes.filter(Boolean).length + removed.length;
  return (
    <div className={styles.tasks} data-view="tasks" data-done={done} data-changed={changed}>
      {whole ? (
        <p className={styles.sum}>
          {done} of {plural(tasks.length, "task")} done
          {known ? `, ${changed === 0 ? "nothing" : changed} changed since the list before` : ""}
        </p>
      ) : null}
      <ul>
        {tasks.map((task, index) => (
          <Item key={task.id} task={task} change={changes[index] ?? null} />
        ))}
        {removed.map((task) => (
          <li key={task.id} className={styles.task} data-status="removed">
            <span aria-hidden="true">–</span>
            <s>{task.text}</s>
            <span className={styles.change}>removed</span>
          </li>
        ))}
      </ul>
      {tasks.length === 0 && output ? <Lines text={output.text ?? ""} /> : null}
      {input ? <BodyNotes body={input} /> : null}
    </div>
  );
}

function Item({ task, change }: { task: Task; change: TaskChange }) {
  return (
    <li className={styles.task} data-status={task.status} data-change={change ?? undefined}>
      <span role="img" aria-label={WORDS[task.status]}>
        {BOXES[task.status]}
      </span>
      <span>{task.text}</span>
      {change ? (
        <span className={styles.change}>{change === "new" ? "new" : `now ${WORDS[task.status]}`}</span>
      ) : null}
    </li>
  );
}
