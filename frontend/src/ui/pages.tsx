/** The pages one can go to: the rail, the keys and the palette show these. */

import {
  AgentsIcon,
  AnalyticsIcon,
  FailuresIcon,
  HomeIcon,
  ModelsIcon,
  ProjectsIcon,
  SearchIcon,
  SessionsIcon,
  SettingsIcon,
  SourcesIcon,
  ToolsIcon,
} from "./icons";

export interface Page {
  href: string;
  text: string;
  icon: React.ReactNode;
  /** The addresses at which it is the current one. */
  owns: RegExp;
  /** Pressed after `g`. */
  key?: string;
  /** In the bar of a narrow screen; the others are behind "More" there. */
  narrow?: boolean;
}

/** In groups, as the rail shows them. */
export const PAGES: readonly (readonly Page[])[] = [
  [
    { href: "/", text: "Home", icon: <HomeIcon />, owns: /^\/$/, key: "h", narrow: true },
    {
      href: "/sessions",
      text: "Sessions",
      icon: <SessionsIcon />,
      owns: /^\/(sessions|s\/|compare)/,
      key: "s",
      narrow: true,
    },
    { href: "/search", text: "Search", icon: <SearchIcon />, owns: /^\/search/, narrow: true },
  ],
  [
    {
      href: "/analytics",
      text: "Analytics",
      icon: <AnalyticsIcon />,
      owns: /^\/analytics/,
      key: "a",
      narrow: true,
    },
    { href: "/failures", text: "Failures", icon: <FailuresIcon />, owns: /^\/failures/, key: "f" },
    { href: "/tools", text: "Tools", icon: <ToolsIcon />, owns: /^\/tools/ },
    { href: "/models", text: "Models", icon: <ModelsIcon />, owns: /^\/models/ },
    { href: "/agents", text: "Agents", icon: <AgentsIcon />, owns: /^\/agents/ },
    { href: "/projects", text: "Projects", icon: <ProjectsIcon />, owns: /^\/projects/ },
  ],
  [
    { href: "/sources", text: "Sources", icon: <SourcesIcon />, owns: /^\/sources/ },
    { href: "/settings", text: "Settings", icon: <SettingsIcon />, owns: /^\/settings/ },
  ],
];
