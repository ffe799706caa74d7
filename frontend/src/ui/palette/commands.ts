/** What the palette can do besides going somewhere. */

import { nextTheme } from "../theme";
import type { Entry } from "./entries";

export function commandEntries(onHelp: () => void): Entry[] {
  const commands: Omit<Entry, "group">[] = [
    { key: "theme", text: "Next theme: as the system, dark, light", shortcut: "T", act: nextTheme },
    { key: "keys", text: "Show the keys", shortcut: "?", act: onHelp },
    { key: "running", text: "Sessions that are running", act: "/sessions?q=is%3Arunning" },
    { key: "failed", text: "Sessions with failures", act: "/sessions?failed=true" },
    {
      key: "address",
      text: "Copy this page's address",
      act: () => void navigator.clipboard.writeText(window.location.href),
    },
    { key: "reload", text: "Load the page anew", act: () => window.location.reload() },
  ];
  return commands.map((command) => ({ ...command, group: "Commands" }));
}
