import { type SessionFilter, useSources } from "../../api/queries";
import type { SessionFacets } from "../../api/types";
import { OF_SESSIONS } from "../../logic/filter";
import { modelName } from "../../logic/session-names";
import { groupThousands } from "../../logic/units";
import { FilterBar } from "../../ui/filter-bar";
import { CloseIcon } from "../../ui/icons";
import styles from "./sessions.module.css";

const STATUS_WORDS: Record<string, string> = {
  running: "Running or idle",
  completed: "Completed",
  failed: "Failed",
  interrupted: "Interrupted",
  abandoned: "Abandoned",
};

interface ToolbarProps {
  filter: SessionFilter;
  /** What the sessions are, with counts; `undefined` until they are there. */
  facets: SessionFacets | undefined;
  onChange: (change: SessionFilter, replace?: boolean) => void;
  children: React.ReactNode;
}

export function Toolbar({ filter, facets, onChange, children }: ToolbarProps) {
  const { data } = useSources();
  const titles = new Map((data?.sources ?? []).map((source) => [source.format, source.title]));
  return (
    <FilterBar
      text={filter.q ?? ""}
      onChange={(q, replace) => onChange({ q }, replace)}
      vocabulary={OF_SESSIONS}
      label="Filter by words or conditions"
      placeholder="Title, prompt, folder, field:value"
    >
      <span className={styles.choices}>
        <Choice
          label="Agent"
          value={filter.format}
          facet={facets?.format}
          name={(format) => titles.get(format) ?? format}
          onChange={(format) => onChange({ format })}
        />
        <Choice
          label="Status"
          value={filter.status}
          facet={facets?.status}
          name={(status) => STATUS_WORDS[status] ?? status}
          onChange={(status) => onChange({ status: (status || undefined) as SessionFilter["status"] })}
        />
        <Choice
          label="Project"
          value={filter.project}
          facet={facets?.project}
          name={(project) => project}
          onChange={(project) => onChange({ project })}
        />
        <Choice
          label="Model"
          value={filter.model}
          facet={facets?.model}
          name={modelName}
          onChange={(model) => onChange({ model })}
        />
        <label className={styles.check}>
          <input
            type="checkbox"
            checked={filter.failed ?? false}
            onChange={(event) => onChange({ failed: event.target.checked })}
          />
          With failures{facets ? ` (${groupThousands(facets.failed)})` : ""}
        </label>
        {filter.worked ? (
          <button
            type="button"
            className={styles.worked}
            title={Object.entries(filter.worked)
              .map(([name, value]) => `${name}: ${value}`)
              .join("\n")}
            onClick={() => onChange({ worked: undefined })}
          >
            {filter.worked["up_to"] ? `Now ${filter.worked["up_to"]}` : "As counted in the statistics"}{" "}
            <CloseIcon />
          </button>
        ) : null}
      </span>
      {children}
    </FilterBar>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  facet: SessionFacets["format"] | undefined;
  name: (value: string) => string;
  onChange: (value: string) => void;
}

/** One value of a few, each with the number of sessions that have it. */
function Choice({ label, value, facet, name, onChange }: ChoiceProps) {
  const counts = new Map((facet ?? []).map((one) => [one.value, one.count]));
  if (value && !counts.has(value)) counts.set(value, 0);
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value ?? ""}
      data-set={value ? "" : undefined}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}: all</option>
      {[...counts].map(([option, count]) => (
        <option key={option} value={option}>
          {name(option)} ({groupThousands(count)})
        </option>
      ))}
    </select>
  );
}
