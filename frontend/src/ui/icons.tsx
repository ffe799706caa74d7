import type { OpKind } from "../api/types";
import { type Standing, standingLabel } from "../logic/status";
import styles from "./icons.module.css";

/** A 16 px drawing; decoration unless it has a label. */
function Icon({
  className,
  label,
  children,
}: {
  className?: string | undefined;
  label?: string;
  children: React.ReactNode;
}) {
  return (
    <svg
      className={className}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {label === undefined ? null : <title>{label}</title>}
      {children}
    </svg>
  );
}

const STANDING_SHAPES: Record<Standing, React.ReactNode> = {
  running: (
    <>
      <circle cx="8" cy="8" r="5.25" />
      <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5Z" fill="currentColor" stroke="none" />
    </>
  ),
  idle: <circle cx="8" cy="8" r="4.25" />,
  completed: <path d="m3.5 8.5 3 3 6-7" />,
  failed: <path d="m4 4 8 8m0-8-8 8" strokeWidth="2" />,
  interrupted: <path d="M5.5 3.5v9m5-9v9" strokeWidth="2" />,
  cancelled: (
    <>
      <circle cx="8" cy="8" r="5.25" />
      <path d="m4.5 11.5 7-7" />
    </>
  ),
  truncated: <path d="M3 5h10M3 8h6m-6 3h3" />,
  abandoned: <circle cx="8" cy="8" r="5.25" strokeDasharray="2.4 2.6" />,
};

/** How something stands, as a glyph with its word. */
export function StandingIcon({ standing, label }: { standing: Standing; label?: string }) {
  return (
    <Icon className={styles[standing]} label={label ?? standingLabel(standing)}>
      {STANDING_SHAPES[standing]}
    </Icon>
  );
}

export type Kind = OpKind | "user";

export const KIND_LABELS: Record<Kind, string> = {
  user: "Prompt",
  llm: "Model call",
  reasoning: "Reasoning",
  tool: "Tool",
  session: "Sub-agent",
  compaction: "Compaction",
  system: "System",
  internal: "Internal",
};

const KIND_SHAPES: Record<Kind, React.ReactNode> = {
  user: <circle cx="8" cy="8" r="4.5" />,
  llm: <rect x="3.5" y="3.5" width="9" height="9" rx="1" />,
  reasoning: (
    <path
      d="M3.5 4.5a1 1 0 0 1 1-1h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1ZM8 4.7v6.6h3.3V4.7Z"
      fillRule="evenodd"
    />
  ),
  tool: <path d="m8 2.6 5.4 5.4L8 13.4 2.6 8Z" />,
  session: <path d="m8 2.3 5 2.85v5.7L8 13.7l-5-2.85v-5.7Z" />,
  compaction: <path d="M2.6 4.2h10.8L8 12.6Z" />,
  system: (
    <path
      d="M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Zm0 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z"
      fillRule="evenodd"
    />
  ),
  internal: (
    <path
      d="M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Zm0 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z"
      fillRule="evenodd"
    />
  ),
};

/** What kind of step it is: shape and colour together, for eyes that see no difference in one of them. */
export function KindIcon({ kind }: { kind: Kind }) {
  return (
    <svg
      className={styles[`kind-${kind}`]}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      role="img"
      aria-label={KIND_LABELS[kind]}
    >
      <title>{KIND_LABELS[kind]}</title>
      {KIND_SHAPES[kind]}
    </svg>
  );
}

export const Chevron = ({ open }: { open: boolean }) => (
  <Icon className={open ? styles.open : styles.closed}>
    <path d="m6 4 4 4-4 4" />
  </Icon>
);

export const SessionsIcon = () => (
  <Icon>
    <path d="M2.5 4h11M5 8h8.5M7.5 12h6" />
    <path d="M2.5 8h.01M5 12h.01" />
  </Icon>
);

export const SourcesIcon = () => (
  <Icon>
    <ellipse cx="8" cy="4" rx="5" ry="1.9" />
    <path d="M3 4v8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9V4M3 8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.85.85m7.5 7.5.85.85m0-9.2-.85.85m-7.5 7.5-.85.85" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6Z" />
  </Icon>
);

export const SystemThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 2.5a5.5 5.5 0 0 1 0 11Z" fill="currentColor" stroke="none" />
  </Icon>
);

export const HelpIcon = () => (
  <Icon>
    <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />
    <path d="M4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.7h6" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.2 10.2 3.3 3.3" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M6 4.5v7m4-7v7" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m4.5 4.5 7 7m0-7-7 7" />
  </Icon>
);

export const UpIcon = () => (
  <Icon>
    <path d="m4 10 4-4 4 4" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="m4 6 4 4 4-4" />
  </Icon>
);

/** The way through a turn: what it waited for. */
export const PathIcon = () => (
  <Icon>
    <path d="M2 12h4V8h4V4h4" />
  </Icon>
);

export const PanesIcon = () => (
  <Icon>
    <path d="M2.5 3.5h11v9h-11zM8.5 3.5v9" />
  </Icon>
);

export const WidePaneIcon = () => (
  <Icon>
    <path d="M2.5 3.5h11v9h-11zM2.5 9.5h11" />
  </Icon>
);

export const TextPaneIcon = () => (
  <Icon>
    <path d="M2.5 3.5h11v9h-11zM5 6.5h6M5 9.5h4" />
  </Icon>
);

export const HomeIcon = () => (
  <Icon>
    <path d="M2.5 7.5 8 2.75l5.5 4.75M4 6.5v6.75h8V6.5M6.75 13.25V9.5h2.5v3.75" />
  </Icon>
);

export const AnalyticsIcon = () => (
  <Icon>
    <path d="M2.5 13.5h11M4.5 11V8m3.5 3V3.5m3.5 7.5V6" strokeWidth="1.75" />
  </Icon>
);

export const FailuresIcon = () => (
  <Icon>
    <path d="M8 2.5 14 13H2ZM8 6.75v2.75M8 11.4v.01" />
  </Icon>
);

export const ToolsIcon = () => (
  <Icon>
    <path d="M13.2 4.6a3.4 3.4 0 0 1-4.5 3.9l-4.5 4.7a1.2 1.2 0 0 1-1.7-1.7l4.7-4.5a3.4 3.4 0 0 1 3.9-4.5L9.2 4.4l.4 2 2 .4Z" />
  </Icon>
);

export const ModelsIcon = () => (
  <Icon>
    <path d="m8 2 5.2 3v6L8 14l-5.2-3V5ZM2.9 5.1 8 8l5.1-2.9M8 8v5.9" />
  </Icon>
);

export const AgentsIcon = () => (
  <Icon>
    <rect x="3" y="5.5" width="10" height="7.5" rx="2" />
    <path d="M8 5.5V3m-2 6v.01m4-.01v.01M1.25 8.5v2m13.5-2v2" />
  </Icon>
);

export const ProjectsIcon = () => (
  <Icon>
    <path d="M2 12.5v-9h4l1.5 1.75H14v7.25Z" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M2.5 4.5h5m3.5 0h2.5m-11 7h2.5m3.5 0h5" />
    <circle cx="9.25" cy="4.5" r="1.75" />
    <circle cx="6.75" cy="11.5" r="1.75" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M3.5 8h.01M8 8h.01m4.49 0h.01" strokeWidth="2.2" />
  </Icon>
);

/** Opens or folds the rail. */
export const RailIcon = () => (
  <Icon>
    <rect x="2" y="3" width="12" height="10" rx="1.5" />
    <path d="M6 3v10" />
  </Icon>
);

export const CalendarIcon = () => (
  <Icon>
    <rect x="2.5" y="3.5" width="11" height="10" rx="1.5" />
    <path d="M2.5 6.75h11M5.5 2v2.5m5-2.5v2.5" />
  </Icon>
);

export const TableIcon = () => (
  <Icon>
    <rect x="2.5" y="3" width="11" height="10" rx="1" />
    <path d="M2.5 6.3h11M2.5 9.6h11M6.5 6.3V13" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7.2m0 0L5 6.8m3 2.9 3-2.9M3 13.2h10" />
  </Icon>
);

export const StarIcon = ({ filled }: { filled: boolean }) => (
  <Icon>
    <path
      d="m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6Z"
      fill={filled ? "currentColor" : "none"}
    />
  </Icon>
);
