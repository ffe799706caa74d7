/** JSON as the rows of a tree, of which only what is open exists. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface JsonRow {
  /** `$.items[3].name` */
  path: string;
  /** Its name or place within what holds it; of the whole: nothing. */
  key: string;
  depth: number;
  value: Json;
  /** What it holds; `null`: it holds nothing. */
  size: number | null;
  open: boolean;
}

export function parseJson(text: string): Json | undefined {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Cut off, or no JSON: shown as the text that it is.
    return undefined;
  }
}

export function childPath(path: string, key: string, inArray: boolean): string {
  if (inArray) return `${path}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

export function entriesOf(value: Json): [string, Json][] {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** The rows of what is open, in order. */
export function jsonRows(value: Json, isOpen: (path: string, depth: number) => boolean): JsonRow[] {
  const rows: JsonRow[] = [];
  const visit = (key: string, path: string, depth: number, inner: Json) => {
    const holds = typeof inner === "object" && inner !== null;
    const size = holds ? (Array.isArray(inner) ? inner.length : Object.keys(inner).length) : null;
    const open = size !== null && size > 0 && isOpen(path, depth);
    rows.push({ path, key, depth, value: inner, size, open });
    if (!open) return;
    for (const [name, child] of entriesOf(inner))
      visit(name, childPath(path, name, Array.isArray(inner)), depth + 1, child);
  };
  visit("", "$", 0, value);
  return rows;
}

/** Values and containers, all of them. */
export function countNodes(value: Json): number {
  let count = 0;
  const left: Json[] = [value];
  while (left.length > 0) {
    const next = left.pop() as Json;
    count += 1;
    if (typeof next === "object" && next !== null) for (const inner of Object.values(next)) left.push(inner);
  }
  return count;
}

/** Paths of what has a text in its name or value, in order, at most `most`. */
export function findInJson(value: Json, text: string, most = 500): string[] {
  const wanted = text.toLowerCase();
  const found: string[] = [];
  const visit = (key: string, path: string, inner: Json) => {
    if (found.length >= most) return;
    const own = typeof inner === "object" && inner !== null ? "" : String(inner);
    if (key.toLowerCase().includes(wanted) || own.toLowerCase().includes(wanted)) found.push(path);
    for (const [name, child] of entriesOf(inner))
      visit(name, childPath(path, name, Array.isArray(inner)), child);
  };
  if (wanted !== "") visit("", "$", value);
  return found;
}

/** What holds a path, outermost first: all that must be open for it to be seen. */
export function holders(path: string): string[] {
  const found: string[] = [];
  for (const match of path.matchAll(/\.[\w$]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g))
    found.push(path.slice(0, match.index));
  return found;
}

export interface JsonTable {
  columns: readonly string[];
  rows: readonly (readonly (Json | undefined)[])[];
}

const MOST_COLUMNS = 24;

/** A list of objects of much the same kind as a table; `undefined` if it is none. */
export function jsonTable(value: Json): JsonTable | undefined {
  if (!Array.isArray(value) || value.length < 2) return undefined;
  const columns = new Set<string>();
  for (const item of value) {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
    for (const key of Object.keys(item)) columns.add(key);
  }
  if (columns.size === 0 || columns.size > MOST_COLUMNS) return undefined;
  const names = [...columns];
  return {
    columns: names,
    rows: value.map((item) => names.map((name) => (item as Record<string, Json>)[name])),
  };
}
