/** One line that tells what a tool was asked to do, from the start of its input. */

const MAX_LENGTH = 200;

/** The argument that says most, for the tools people meet every day; first match wins. */
const TELLING = [
  "command",
  "cmd",
  "file_path",
  "filePath",
  "notebook_path",
  "pattern",
  "path",
  "query",
  "url",
  "description",
  "prompt",
  "subject",
  "skill",
  "message",
  "name",
];

/** Summarise a tool's input. Works on the cut start of a long JSON text, too. */
export function summariseInput(text: string | null): string {
  if (!text) return "";
  const trimmed = text.trim();
  if (!trimmed.startsWith("{")) return oneLine(patchedFiles(trimmed) ?? trimmed);
  const fields = readFields(trimmed);
  if (fields.size === 0) return trimmed === "{}" ? "" : oneLine(trimmed);
  for (const key of TELLING) {
    const value = fields.get(key);
    if (value === undefined || value === "") continue;
    const extra = key === "pattern" ? fields.get("path") : undefined;
    return oneLine(extra ? `${value}  in ${extra}` : value);
  }
  return oneLine([...fields].map(([key, value]) => `${key}: ${value}`).join(", "));
}

/**
 * The top-level fields of a JSON object as text. A complete object is parsed; of one that
 * was cut off, the string fields seen so far are read, the last of them as far as it goes.
 */
export function readFields(json: string): Map<string, string> {
  const parsed = parseObject(json);
  if (parsed) return new Map(Object.entries(parsed).map(([key, value]) => [key, asText(key, value)]));
  const fields = new Map<string, string>();
  for (const match of json.matchAll(/"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)("|\\?$)/gs)) {
    const [, key = "", body = ""] = match;
    if (!fields.has(key)) fields.set(key, unescapeJson(body));
  }
  return fields;
}

export function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Cut off or no JSON at all: the caller reads what it can.
    return undefined;
  }
}

function asText(key: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (key === "command" && Array.isArray(value)) return shellWords(value.map(String));
  return JSON.stringify(value);
}

/** `["bash", "-lc", "make"]` is the command `make`. */
function shellWords(words: string[]): string {
  const [shell = "", flag = "", script] = words;
  if (/(^|\/)(ba|z)?sh$/.test(shell) && /^-\w*c$/.test(flag) && script !== undefined) return script;
  return words.join(" ");
}

function patchedFiles(text: string): string | undefined {
  const files = [...text.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map((match) => match[1]);
  return files.length > 0 ? files.join(", ") : undefined;
}

function unescapeJson(body: string): string {
  try {
    return JSON.parse(`"${body.replace(/\\(u[0-9a-fA-F]{0,3})?$/, "")}"`) as string;
  } catch {
    // Control characters that JSON forbids: show the text as it stands.
    return body;
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
