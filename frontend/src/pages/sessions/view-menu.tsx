import { useState } from "react";
import { Link, useSearch } from "wouter";
import { fetchAllSessions, type SessionFilter } from "../../api/queries";
import { type Cell, download, isoTime, toCsv } from "../../logic/csv";
import { titleOf } from "../../logic/session-names";
import { CloseIcon } from "../../ui/icons";
import { usePreference } from "../../ui/preferences";
import { COLUMNS, useHiddenColumns } from "./columns";
import styles from "./view-menu.module.css";

export const GROUPS = ["project", "day", "agent"] as const;
export type GroupBy = (typeof GROUPS)[number];

interface ViewMenuProps {
  filter: SessionFilter;
  wide: boolean;
  group: GroupBy | undefined;
  onGroup: (group: GroupBy | undefined) => void;
}

/** How the list is shown: columns, groups, saved views; and the list as a file. */
export function ViewMenu({ filter, wide, group, onGroup }: ViewMenuProps) {
  const [hidden, toggle] = useHiddenColumns(wide);
  return (
    <>
      <button type="button" className={styles.button} popoverTarget="sessions-view">
        View
      </button>
      <div id="sessions-view" className={styles.menu} popover="auto">
        <label className={styles.line}>
          Group by{" "}
          <select
            value={group ?? ""}
            onChange={(event) => onGroup(GROUPS.find((known) => known === event.target.value))}
          >
            <option value="">nothing</option>
            {GROUPS.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <fieldset className={styles.columns}>
          <legend>Columns</legend>
          {COLUMNS.filter((column) => !column.fixed).map((column) => (
            <label key={column.key} className={styles.line}>
              <input type="checkbox" checked={!hidden.has(column.key)} onChange={() => toggle(column.key)} />
              {column.text}
            </label>
          ))}
        </fieldset>
        <SavedViews />
        <Export filter={filter} />
      </div>
    </>
  );
}

interface SavedView {
  name: string;
  search: string;
}

function SavedViews() {
  const search = useSearch();
  const [stored, store] = usePreference("sessions.views");
  const [name, setName] = useState("");
  const views = readViews(stored);
  return (
    <section className={styles.saved} aria-label="Saved views">
      {views.map((view) => (
        <div key={view.name} className={styles.line}>
          <Link href={`/sessions?${view.search}`} className={styles.name}>
            {view.name}
          </Link>
          <button
            type="button"
            className={styles.remove}
            aria-label={`Forget ${view.name}`}
            onClick={() => store(JSON.stringify(views.filter((one) => one !== view)))}
          >
            <CloseIcon />
          </button>
        </div>
      ))}
      <form
        className={styles.line}
        onSubmit={(event) => {
          event.preventDefault();
          if (!name.trim()) return;
          const others = views.filter((one) => one.name !== name.trim());
          store(JSON.stringify([...others, { name: name.trim(), search }]));
          setName("");
        }}
      >
        <input
          aria-label="Name of the view"
          placeholder="Save this view as…"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className={styles.button} disabled={!name.trim()}>
          Save
        </button>
      </form>
    </section>
  );
}

function readViews(text: string | undefined): SavedView[] {
  try {
    const views: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(views) ? (views as SavedView[]) : [];
  } catch {
    // Somebody else's, or a broken one: there is nothing to show.
    return [];
  }
}

const EXPORTED = [
  "id",
  "title",
  "project",
  "branch",
  "agent",
  "model",
  "status",
  "started",
  "last",
  "busy_s",
  "turns",
  "ops",
  "sub_agents",
  "tokens_in",
  "tokens_out",
  "cache_read",
  "cost_usd",
  "cost_with_sub_agents_usd",
  "unpriced_calls",
  "context_peak",
  "failures",
];

function Export({ filter }: { filter: SessionFilter }) {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const save = async () => {
    setState("busy");
    try {
      const sessions = await fetchAllSessions(filter);
      const rows = sessions.map((one): Cell[] => [
        one.id,
        titleOf(one),
        one.cwd,
        one.git_branch,
        one.agent,
        one.model,
        one.status,
        isoTime(one.started_at),
        isoTime(one.last_at),
        one.busy_us / 1e6,
        one.turns,
        one.own.ops,
        one.descendants,
        one.own.tokens_in,
        one.own.tokens_out,
        one.own.tokens_cache_read,
        one.own.cost_usd,
        one.tree.cost_usd,
        one.own.unpriced_calls,
        one.context_peak,
        one.own.failures,
      ]);
      download("sessions.csv", toCsv(EXPORTED, rows));
      setState("idle");
    } catch (error) {
      console.warn("The sessions could not be exported.", error);
      setState("failed");
    }
  };
  return (
    <button type="button" className={styles.button} disabled={state === "busy"} onClick={() => void save()}>
      {state === "busy" ? "Reading…" : state === "failed" ? "Not saved: try again" : "All of these as CSV"}
    </button>
  );
}
