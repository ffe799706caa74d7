/** A command and what came of it, from the texts that each agent wrote of them in its own way. */

import { readFields } from "../arguments";
import { firstField } from "./tool-view";

export interface ShellCall {
  command: string | undefined;
  /** What was typed into a command that runs already. */
  typed: string | undefined;
  cwd: string | undefined;
  description: string | undefined;
}

export interface ShellResult {
  output: string;
  errors: string;
  /** `undefined`: the source does not tell. */
  exit: number | undefined;
  /** What else it tells of the run: a label and a value each. */
  notes: readonly (readonly [string, string])[];
}

export function readCall(input: string | null): ShellCall {
  const text = (input ?? "").trim();
  if (text !== "" && !text.startsWith("{"))
    return { command: text, typed: undefined, cwd: undefined, description: undefined };
  const fields = readFields(text);
  return {
    command: firstField(fields, ["command", "cmd", "script"]),
    typed: firstField(fields, ["chars", "input"]),
    cwd: firstField(fields, ["workdir", "cwd", "directory", "dir_path"]),
    description: firstField(fields, ["description", "justification"]),
  };
}

const HEADER =
  /^(Command|Chunk ID|Wall time|Process exited with code|Process running with session ID|Exit code|Exit Code|Original token count|Total output lines|Directory|Stdout|Stderr|Error|Signal|Background PIDs|Process Group PGID|Output):? ?(.*)$/;
const QUIET = new Set(["Command", "Chunk ID", "Original token count", "Process Group PGID"]);
const LAST_EXIT =
  /\n*(?:Command exited with code (-?\d+)|<(?:[^<>\n]* )?(?:exited|completed) with exit code (-?\d+)>)\s*$/;

/** `message` is what the op tells of its error: `exit code 2`. */
export function readResult(output: string, message: string | null): ShellResult {
  const told = message?.match(/^exit code (-?\d+)/i)?.[1];
  const known = told === undefined ? undefined : Number(told);
  const found = wrapped(output) ?? tagged(output) ?? headed(output) ?? trailed(output);
  if (!found) return { output, errors: "", exit: known, notes: [] };
  return { ...found, exit: found.exit ?? known };
}

/** `{"output": …, "metadata": {"exit_code": 0}}` */
function wrapped(text: string): ShellResult | undefined {
  if (!text.startsWith('{"output"')) return undefined;
  try {
    const { output, metadata } = JSON.parse(text) as {
      output: string;
      metadata?: { exit_code?: number; duration_seconds?: number };
    };
    const seconds = metadata?.duration_seconds;
    return {
      output: String(output),
      errors: "",
      exit: metadata?.exit_code,
      notes: seconds === undefined ? [] : [["Wall time", `${seconds} seconds`]],
    };
  } catch {
    // The start of a long text, or one that only looks like it.
    return undefined;
  }
}

/** `<status>running</status> <stdout>…</stdout>` */
function tagged(text: string): ShellResult | undefined {
  if (!/^<(status|stdout|stderr|exit_code|retrieval_status)>/.test(text.trimStart())) return undefined;
  const inner = (tag: string) =>
    text.match(new RegExp(`<${tag}>\\n?([\\s\\S]*?)(?:\\n?</${tag}>|$)`))?.[1] ?? "";
  const exit = inner("exit_code").trim();
  const status = inner("status").trim();
  return {
    output: inner("stdout") || inner("output"),
    errors: inner("stderr"),
    exit: /^-?\d+$/.test(exit) ? Number(exit) : undefined,
    notes: status ? [["Status", status]] : [],
  };
}

/** Lines of `Exit code: 0` and `Wall time: 0.1 seconds`, then `Output:` and the output. */
function headed(text: string): ShellResult | undefined {
  const lines = text.split("\n");
  if (/^Exit code -?\d+$/.test(lines[0] ?? "")) {
    return { output: lines.slice(1).join("\n"), errors: "", exit: Number(lines[0]?.slice(10)), notes: [] };
  }
  if (!HEADER.test(lines[0] ?? "")) return undefined;
  const notes: [string, string][] = [];
  const parts: Record<"output" | "errors", string[]> = { output: [], errors: [] };
  let exit: number | undefined;
  let into: "output" | "errors" | null = null;
  let open = false;
  for (const line of lines) {
    const found: RegExpMatchArray | null = open ? null : line.match(HEADER);
    const label: string = found?.[1] ?? "";
    const value: string = found?.[2] ?? "";
    if (label === "Output" || label === "Stdout") {
      into = "output";
      // What follows `Output:` alone on its line is the command's own, to the end.
      open = value === "" && label === "Output";
      if (value && value !== "(empty)") parts.output.push(value);
    } else if (label === "Stderr") {
      into = "errors";
      if (value && value !== "(empty)") parts.errors.push(value);
    } else if (label === "Exit code" || label === "Exit Code" || label === "Process exited with code") {
      if (/^-?\d+$/.test(value)) exit = Number(value);
      into = null;
    } else if (label !== "") {
      into = null;
      if (!QUIET.has(label) && value !== "" && value !== "(none)") notes.push([label, value]);
    } else if (into !== null) {
      parts[into].push(line);
    }
  }
  if (exit === undefined && notes.length === 0 && parts.output.length === 0 && parts.errors.length === 0)
    return undefined;
  return { output: parts.output.join("\n"), errors: parts.errors.join("\n"), exit, notes };
}

function trailed(text: string): ShellResult | undefined {
  const found = text.match(LAST_EXIT);
  if (!found) return undefined;
  return {
    output: text.slice(0, found.index),
    errors: "",
    exit: Number(found[1] ?? found[2]),
    notes: [],
  };
}
