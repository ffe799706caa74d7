/**
 * The language of filters and searches, the same as the server's (`ai_viewer/query.py`, docs/search.md).
 *
 *     parser error            both words                "not found"    words in this order
 *     pars*                   words that begin so       *ooba*         that are or contain this
 *     -flaky                  without this word         text:"a b"     the same as "a b"
 *     name:Bash,Read          one of these              -kind:tool     none of these
 *     model:opus*             `*` is any text           dur:>30s  cost:>0.5  tok:>50k  ctx:>80%
 *     after:2026-01-31        from that day on          before:7d      until 7 days ago
 *
 * What has no meaning of its own is a word to look for. Only a known field with a value that it
 * cannot have is an error. What `kind` may be, and which fields there are, depends on what is
 * filtered: single texts, or the ops of a session.
 */

export const FIELDS = [
  "kind",
  "tool",
  "name",
  "model",
  "provider",
  "project",
  "agent",
  "format",
  "branch",
  "session",
  "status",
  "is",
  "after",
  "before",
  "dur",
  "cost",
  "tok",
  "ctx",
] as const;
export type Field = (typeof FIELDS)[number];

const STATUSES = [
  "running",
  "completed",
  "failed",
  "cancelled",
  "truncated",
  "interrupted",
  "abandoned",
] as const;

const OP_KINDS = ["llm", "tool", "session", "reasoning", "system", "internal", "compaction"] as const;
const TEXT_KINDS = [
  "prompt",
  "answer",
  "reasoning",
  "tool_input",
  "tool_output",
  "error",
  "summary",
  "context",
  "title",
  "log",
] as const;

/** What can be asked of one sort of things. */
export interface Vocabulary {
  fields: readonly Field[];
  kinds: readonly string[];
}

/** Of single texts: what the search knows. */
export const OF_TEXTS: Vocabulary = { fields: FIELDS, kinds: TEXT_KINDS };

/** Of the ops of one session tree. */
export const OF_OPS: Vocabulary = {
  // The rest is the same for all of a session.
  fields: FIELDS.filter((field) => !["provider", "project", "format", "branch"].includes(field)),
  kinds: OP_KINDS,
};

/** Of sessions, for lists of them: `kind` is of single texts only. */
export const OF_SESSIONS: Vocabulary = { fields: FIELDS.filter((field) => field !== "kind"), kinds: [] };

interface Placed {
  /** Where in the text it stands: from `from` up to `to`. */
  from: number;
  to: number;
  negated: boolean;
}

/** A text to look for. */
export interface Term extends Placed {
  type: "term";
  text: string;
  phrase: boolean;
  /** Its last word may go on. */
  prefix: boolean;
  /** It may begin and end within a word. */
  inside: boolean;
}

export interface Comparison {
  sign: ">" | ">=" | "<" | "<=" | "=";
  number: string;
  unit: string;
}

/** What a field must be, or if negated must not be: one of the values, or as one of the comparisons. */
export interface Condition extends Placed {
  type: "condition";
  field: Field;
  values: readonly string[];
  comparisons: readonly Comparison[];
}

export type Part = Term | Condition;

/** In the order in which they were typed; all must hold. */
export interface Filter {
  parts: readonly Part[];
}

/** A condition that cannot be understood; `place` counts characters from 0. */
export class FilterError extends Error {
  override name = "FilterError";

  constructor(
    message: string,
    readonly place: number,
  ) {
    super(`${message}, at character ${place + 1}`);
  }
}

// Microseconds, nano-dollars, tokens; per cent are thousandths.
const UNITS: Partial<Record<Field, Record<string, number>>> = {
  dur: { "": 1e6, us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 },
  cost: { "": 1e9 },
  tok: { "": 1, k: 1e3, m: 1e6 },
  ctx: { "": 1, k: 1e3, m: 1e6, "%": 1e3 },
};
const EXAMPLES: Partial<Record<Field, string>> = {
  dur: "dur:>30s (us, ms, s, m, h, d)",
  cost: "cost:>0.5 (dollars)",
  tok: "tok:>50k",
  ctx: "ctx:>80% or ctx:>100k",
};

const FIELD = new RegExp(`(?:${FIELDS.join("|")}|text):`, "iy");
const COMPARISON = /^(>=|<=|>|<|=)\$?(\d{1,15}(?:\.\d{1,9})?)([a-z%]*)$/i;
const AGO = /^(\d{1,6})([mhdwy])$/i;
const AGO_SECONDS: Record<string, number> = { m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Understand what was typed.
 *
 * @throws FilterError if a condition has no value, or one that its field cannot have.
 */
export function parseFilter(text: string, vocabulary: Vocabulary = OF_TEXTS): Filter {
  const parts: Part[] = [];
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const following = text[at + 1] ?? "";
    // Not before what makes it a sign of its own: `--flag`, `->`, `-=`.
    const negated = text[at] === "-" && !["", "-", ">", "="].includes(following) && !/\s/.test(following);
    const from = at;
    const start = at + (negated ? 1 : 0);
    FIELD.lastIndex = start;
    const found = FIELD.exec(text)?.[0];
    if (found && found.toLowerCase() !== "text:") {
      const field = found.slice(0, -1).toLowerCase() as Field;
      const { part, end } = condition(text, field, start, start + found.length, vocabulary);
      parts.push({ ...part, from, to: end, negated });
      at = end;
    } else {
      const begin = start + (found?.length ?? 0);
      if (begin >= text.length || /\s/.test(text[begin] ?? "")) {
        throw new FilterError("text: is followed by nothing", start);
      }
      const read = term(text, begin);
      const { end } = read;
      const part = found && read.part ? asText(read.part) : read.part;
      if (part) parts.push({ ...part, from, to: end, negated });
      at = end;
    }
    at = skipSpaces(text, at);
  }
  return { parts };
}

export function termsOf(filter: Filter): Term[] {
  return filter.parts.filter((part) => part.type === "term");
}

export function conditionsOf(filter: Filter): Condition[] {
  return filter.parts.filter((part) => part.type === "condition");
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? "")) at += 1;
  return at;
}

/** A phrase whose opening quote is at `from`, and where the text goes on. */
function quoted(text: string, from: number): { value: string; end: number } {
  let value = "";
  let at = from + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) return { value: value + text.slice(at), end: text.length };
    value += text.slice(at, end);
    if (text[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    at = end + 2;
  }
}

function bare(text: string, from: number, stops = ""): { value: string; end: number } {
  let end = from;
  while (end < text.length && !/\s/.test(text[end] ?? "") && !stops.includes(text[end] ?? "")) end += 1;
  return { value: text.slice(from, end), end };
}

type Unplaced<Kind extends Part> = Omit<Kind, keyof Placed>;

function term(text: string, at: number): { part: Unplaced<Term> | null; end: number } {
  const made = (value: string, change: Partial<Term> = {}): Unplaced<Term> => ({
    type: "term",
    text: value,
    phrase: false,
    prefix: false,
    inside: false,
    ...change,
  });
  if (text[at] === '"') {
    const { value, end } = quoted(text, at);
    const prefix = text[end] === "*";
    return {
      part: value.trim() ? made(value, { phrase: true, prefix }) : null,
      end: end + (prefix ? 1 : 0),
    };
  }
  const { value: word, end } = bare(text, at);
  const core = word.replace(/^\*+|\*+$/g, "");
  if (!core) return { part: made(word), end };
  const inside = word.startsWith("*");
  const prefix = word.endsWith("*") && !inside;
  return { part: made(inside || prefix ? core : word, { inside, prefix }), end };
}

/** What follows `text:` is text, even where it looks like something else. */
function asText(part: Unplaced<Term>): Unplaced<Term> {
  FIELD.lastIndex = 0;
  return !part.inside && (part.text.startsWith("-") || FIELD.test(part.text))
    ? { ...part, phrase: true }
    : part;
}

function condition(
  text: string,
  field: Field,
  start: number,
  from: number,
  vocabulary: Vocabulary,
): { part: Unplaced<Condition>; end: number } {
  if (!vocabulary.fields.includes(field)) {
    throw new FilterError(
      `${field}: cannot be asked here; there are ${vocabulary.fields.map((one) => `${one}:`).join(" ")}`,
      start,
    );
  }
  const values: string[] = [];
  const comparisons: Comparison[] = [];
  let at = from;
  let end: number;
  for (;;) {
    const read = text[at] === '"' ? quoted(text, at) : bare(text, at, ",");
    end = read.end;
    if (read.value) {
      if (UNITS[field]) comparisons.push(comparison(field, read.value, at));
      else values.push(checked(field, read.value, at, vocabulary));
    }
    if (text[end] !== ",") break;
    at = end + 1;
  }
  if (values.length === 0 && comparisons.length === 0) {
    throw new FilterError(`${field}: is followed by nothing`, start);
  }
  const unique = new Map(comparisons.map((one) => [printComparison(one), one]));
  return {
    part: { type: "condition", field, values: [...new Set(values)], comparisons: [...unique.values()] },
    end,
  };
}

function checked(field: Field, value: string, place: number, vocabulary: Vocabulary): string {
  const choices: readonly string[] | undefined =
    field === "kind"
      ? vocabulary.kinds
      : field === "status"
        ? STATUSES
        : field === "is"
          ? ["failed", "running", "replay"]
          : undefined;
  if (choices) {
    const chosen = value.toLowerCase();
    if (!choices.includes(chosen)) {
      throw new FilterError(`${field}: '${shown(value)}' is none of ${choices.join(", ")}`, place);
    }
    return chosen;
  }
  if ((field === "after" || field === "before") && moment(value, 0) === null) {
    throw new FilterError(
      `${field}: '${shown(value)}' is no time; say 2026-01-31, 2026-01-31T12:00 or 7d (m, h, d, w, y)`,
      place,
    );
  }
  return value;
}

function comparison(field: Field, value: string, place: number): Comparison {
  const found = value.match(COMPARISON);
  const unit = found?.[3]?.toLowerCase() ?? "";
  if (!found || UNITS[field]?.[unit] === undefined) {
    throw new FilterError(`${field}: '${shown(value)}' is not understood; say ${EXAMPLES[field]}`, place);
  }
  return { sign: found[1] as Comparison["sign"], number: found[2] ?? "", unit };
}

function shown(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 40)}…`;
}

/** The number of a comparison in microseconds, nano-dollars, tokens; of per cent in thousandths. */
export function amountOf(field: Field, one: Comparison): number {
  const [whole = "0", fraction = ""] = one.number.split(".");
  const scale = UNITS[field]?.[one.unit] ?? 1;
  return Number(whole) * scale + (fraction ? Math.floor(Number(`0.${fraction}`) * scale + 1e-6) : 0);
}

/** The time that the value of `after` or `before` means, in microseconds; `null`: it is no time. */
export function moment(value: string, now: number): number | null {
  const ago = value.match(AGO);
  if (ago) return now - Number(ago[1]) * (AGO_SECONDS[ago[2]?.toLowerCase() ?? ""] ?? 0) * 1e6;
  if (!INSTANT.test(value)) return null;
  // A date alone would be taken as one of UTC.
  const millis = Date.parse(value.length === 10 ? `${value}T00:00` : value.replace(" ", "T"));
  return Number.isNaN(millis) ? null : millis * 1000;
}

/** What the server understands as the same: words first, then conditions. */
export function printFilter(filter: Filter): string {
  return [...termsOf(filter).map(printPart), ...conditionsOf(filter).map(printPart)].join(" ");
}

export function printPart(part: Part): string {
  const minus = part.negated ? "-" : "";
  if (part.type === "term") {
    if (part.phrase) return `${minus}${quote(part.text)}${part.prefix ? "*" : ""}`;
    return part.inside ? `${minus}*${part.text}*` : `${minus}${part.text}${part.prefix ? "*" : ""}`;
  }
  const values = part.values.map((value) => (isPlain(value) ? value : quote(value)));
  return `${minus}${part.field}:${[...values, ...part.comparisons.map(printComparison)].join(",")}`;
}

function printComparison({ sign, number, unit }: Comparison): string {
  return sign + number + unit;
}

function isPlain(value: string): boolean {
  return !value.startsWith('"') && !value.includes(",") && !/\s/.test(value);
}

function quote(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/** The text without one of its parts. */
export function withoutPart(text: string, part: Part): string {
  return `${text.slice(0, part.from).trimEnd()} ${text.slice(part.to).trimStart()}`.trim();
}

/**
 * The text with one more condition: what a click on a value does. A condition of the same sign
 * on the same field gets one more value; what was asked the other way round is no longer.
 */
export function withValue(
  text: string,
  field: Field,
  value: string,
  { negated = false, vocabulary = OF_TEXTS }: { negated?: boolean; vocabulary?: Vocabulary } = {},
): string {
  const written = isPlain(value) ? value : quote(value);
  let parts: readonly Part[];
  try {
    ({ parts } = parseFilter(text, vocabulary));
  } catch {
    // What is not understood stays for its author to mend.
    return `${text.trim()} ${negated ? "-" : ""}${field}:${written}`.trim();
  }
  const kept: string[] = [];
  let added = false;
  for (const part of parts) {
    if (part.type !== "condition" || part.field !== field) {
      kept.push(text.slice(part.from, part.to));
      continue;
    }
    const others = part.values.filter((one) => one.toLowerCase() !== value.toLowerCase());
    if (part.negated === negated && !added) {
      kept.push(printPart({ ...part, values: [...others, value] }));
      added = true;
    } else if (others.length > 0 || part.comparisons.length > 0) {
      kept.push(printPart({ ...part, values: others }));
    }
  }
  if (!added) kept.push(`${negated ? "-" : ""}${field}:${written}`);
  return kept.join(" ");
}

/** Whether a text is one that a value stands for: `*` is any text; case does not matter. */
export function matcher(value: string): (text: string) => boolean {
  const wanted = value.toLowerCase();
  if (!wanted.includes("*")) return (text) => text.toLowerCase() === wanted;
  const pattern = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${pattern.join(".*")}$`, "su");
  return (text) => expression.test(text.toLowerCase());
}
