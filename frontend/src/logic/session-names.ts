/** What to call a session, its project, its agent. */

import type { SessionLink, SessionRow } from "../api/types";

/** A title, else who it was: never an id. */
export function titleOf(session: Pick<SessionLink, "title" | "agent">): string {
  if (session.title) return session.title.replace(/\s+/g, " ").trim();
  return session.agent ? `${session.agent}, without a prompt` : "Without a prompt";
}

/** The last part of a folder's path. */
export function projectName(cwd: string | null): string {
  if (!cwd) return "–";
  return (
    cwd
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .at(-1) || cwd
  );
}

/** A sub-agent's role, else the program that ran the agent. */
export function agentName(session: Pick<SessionRow, "agent" | "client" | "format">): string {
  return session.agent ?? session.client?.replace(/[ /]v?\d.*$/, "") ?? session.format;
}

/** The version of the program that ran the agent: `2.1.220`; empty if it is not told. */
export function clientVersion(client: string | null): string {
  return client?.match(/[ /]v?(\d[\w.+-]*)$/)?.[1] ?? "";
}

/** What to call a pull request's page: `#185`; `undefined` for what is no address to open. */
export function pullRequestName(url: string | null): string | undefined {
  if (!url || !/^https?:\/\//.test(url)) return undefined;
  const number = url.match(/\/(?:pull|merge_requests|pull-requests|pullrequest)\/(\d+)/)?.[1];
  return number ? `#${number}` : "PR";
}

/** A model without its vendor and date: `sonnet-4-5` for `claude-sonnet-4-5-20250929`. */
export function modelName(model: string | null): string {
  if (!model) return "–";
  return model
    .replace(/^.*\//, "")
    .replace(/^claude-(?=[a-z])/, "")
    .replace(/-20\d{6}$/, "");
}

/** The command that takes the session up again, for the agents that have one. */
export function resumeCommand(
  session: Pick<SessionRow, "format" | "native_id" | "kind">,
): string | undefined {
  if (session.kind !== "root" && session.kind !== "fork") return undefined;
  if (!/^\w[\w.:-]*$/.test(session.native_id)) return undefined;
  if (session.format === "claude_code") return `claude --resume ${session.native_id}`;
  if (session.format === "codex") return `codex resume ${session.native_id}`;
  if (session.format === "copilot") return `copilot --resume ${session.native_id}`;
  if (session.format === "opencode") return `opencode --session ${session.native_id}`;
  return undefined;
}
