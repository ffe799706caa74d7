import { describe, expect, test } from "vitest";
import {
  agentName,
  clientVersion,
  modelName,
  projectName,
  pullRequestName,
  resumeCommand,
  titleOf,
} from "./session-names";

test("a session is called by its title, never by an id", () => {
  expect(titleOf({ title: "Fix\n the  build", agent: null })).toBe("Fix the build");
  expect(titleOf({ title: null, agent: "Explore" })).toBe("Explore, without a prompt");
  expect(titleOf({ title: null, agent: null })).toBe("Without a prompt");
});

test("a project is called by its folder", () => {
  expect(projectName("/srv/acme/api/")).toBe("api");
  expect(projectName("C:\\work\\api")).toBe("api");
  expect(projectName("/")).toBe("/");
  expect(projectName(null)).toBe("–");
});

test("an agent is called by its role, else by its program without the version", () => {
  expect(agentName({ agent: "Explore", client: "claude-code 2.1", format: "claude_code" })).toBe("Explore");
  expect(agentName({ agent: null, client: "claude-code 2.1.220", format: "claude_code" })).toBe(
    "claude-code",
  );
  expect(agentName({ agent: null, client: null, format: "codex" })).toBe("codex");
});

test("the version of the program is what stands behind its name", () => {
  expect(clientVersion("claude-code 2.1.220")).toBe("2.1.220");
  expect(clientVersion("codex_cli_rs 0.169.0-alpha.1")).toBe("0.169.0-alpha.1");
  expect(clientVersion("gemini-cli")).toBe("");
  expect(clientVersion(null)).toBe("");
});

test("a pull request is called by its number, and opened only at an address of the web", () => {
  expect(pullRequestName("https://github.com/acme/api/pull/185")).toBe("#185");
  expect(pullRequestName("https://gitlab.com/acme/api/-/merge_requests/7")).toBe("#7");
  expect(pullRequestName("https://example.com/review")).toBe("PR");
  expect(pullRequestName("javascript:alert(1)")).toBeUndefined();
  expect(pullRequestName(null)).toBeUndefined();
});

test("a model is called without vendor and date", () => {
  expect(modelName("claude-sonnet-4-5-20250929")).toBe("sonnet-4-5");
  expect(modelName("anthropic/claude-opus-4-6")).toBe("opus-4-6");
  expect(modelName("gpt-5.2-codex")).toBe("gpt-5.2-codex");
  expect(modelName(null)).toBe("–");
});

describe("the command to resume", () => {
  const root = { kind: "root", native_id: "0199-a" } as const;

  test("exists for the agents that have one", () => {
    expect(resumeCommand({ ...root, format: "claude_code" })).toBe("claude --resume 0199-a");
    expect(resumeCommand({ ...root, format: "codex" })).toBe("codex resume 0199-a");
    expect(resumeCommand({ ...root, format: "copilot" })).toBe("copilot --resume 0199-a");
    expect(resumeCommand({ ...root, format: "opencode" })).toBe("opencode --session 0199-a");
    expect(resumeCommand({ ...root, format: "gemini" })).toBeUndefined();
  });

  test("is not offered for a sub-agent, or an id that a shell would not take as one word", () => {
    expect(resumeCommand({ ...root, kind: "sub_agent", format: "codex" })).toBeUndefined();
    expect(resumeCommand({ ...root, native_id: "a; rm -rf x", format: "codex" })).toBeUndefined();
    expect(resumeCommand({ ...root, native_id: "--help", format: "codex" })).toBeUndefined();
  });
});
