/** What a search found, by file: from `grep`, `glob` and `ls` as each agent writes them. */

export interface Match {
  /** `null`: not told. */
  line: number | null;
  text: string;
}

export interface FoundFile {
  path: string;
  matches: readonly Match[];
  /** Matches in it, or `null` where only the name was asked for. */
  count: number | null;
}

export interface Found {
  files: readonly FoundFile[];
  /** Lines that are neither a file nor a match: a tool that writes otherwise is shown as it is. */
  unread: number;
  /** Matches in all of them; `null`: not told. */
  matches: number | null;
  notes: readonly string[];
}

const IN_FILE = /^(.+?)[:](\d+)[:](.*)$/;
const CONTEXT = /^(.+?)-(\d+)-(.*)$/;
const COUNT = /^(.+?):(\d+)$/;
const BARE = /^([^\s:]*[^\s:/]\.\w{1,8}):(.*)$/;
const LISTED = /^( *)- (.+)$/;
const LINE = /^\s*(?:Line |L)?(\d+): ?(.*)$/;
const NOTE =
  /^(?:Found |No (?:files|matches)|\(Results|\(.*truncated|Total:|Sorted |Directory listing|---|\[Showing)/i;

/** `path` is where was looked, for results that tell lines only. */
export function foundFiles(output: string, path: string | undefined): Found {
  const found = new Map<string, { matches: Match[]; count: number | null }>();
  const notes: string[] = [];
  const at = (name: string) => {
    const known = found.get(name);
    if (known) return known;
    const made = { matches: [] as Match[], count: null as number | null };
    found.set(name, made);
    return made;
  };
  let open: string | undefined;
  let unread = 0;
  // The folders one is in, of a list that is indented.
  const within: { indent: number; name: string }[] = [];
  for (const line of output.split("\n")) {
    if (line.trim() === "" || line === "--") continue;
    if (NOTE.test(line)) {
      if (!line.startsWith("---")) notes.push(line);
      continue;
    }
    const headed = line.match(/^(?:File: )?(\S.*):$/) ?? line.match(/^File: (.+)$/);
    if (headed) {
      open = headed[1];
      at(open ?? "");
      continue;
    }
    const numbered = open !== undefined || isFile(path) ? line.match(LINE) : null;
    if (numbered && (open !== undefined || !IN_FILE.test(line))) {
      add(at(open ?? path ?? ""), numbered[1], numbered[2]);
      continue;
    }
    const match = line.match(IN_FILE);
    if (match && looksLikePath(match[1])) {
      add(at(match[1] ?? ""), match[2], match[3]);
      continue;
    }
    const count = line.match(COUNT);
    if (count && looksLikePath(count[1])) {
      at(count[1] ?? "").count = Number(count[2]);
      continue;
    }
    const context = line.match(CONTEXT);
    if (context && found.has(context[1] ?? "")) continue;
    const item = line.match(LISTED);
    if (item) {
      const [, { length: indent } = "", name = ""] = item;
      while ((within.at(-1)?.indent ?? -1) >= indent) within.pop();
      const full = `${within.at(-1)?.name ?? ""}${name}`;
      if (name.endsWith("/")) within.push({ indent, name: full });
      else at(full);
      continue;
    }
    const bare = line.match(BARE);
    if (bare && bare[2] !== "") {
      add(at(bare[1] ?? ""), undefined, bare[2]);
      continue;
    }
    const listed = line.match(/^(?:\[(?:DIR|FILE)\] )?(\S.*?)(?: \(\d+ bytes\))?$/)?.[1];
    if (isFile(path)) add(at(path ?? ""), undefined, line);
    else if (listed && isName(listed)) at(`${listed}${line.startsWith("[DIR]") ? "/" : ""}`);
    else unread += 1;
  }
  const files = [...found].map(([name, { matches, count }]) => ({ path: name, matches, count }));
  const told = files.some((file) => file.count !== null);
  return {
    files,
    matches: told ? files.reduce((sum, file) => sum + (file.count ?? 0), 0) : null,
    unread,
    notes,
  };
}

function add(file: { matches: Match[]; count: number | null }, line: string | undefined, text = ""): void {
  file.matches.push({ line: line === undefined ? null : Number(line), text });
  file.count = (file.count ?? 0) + 1;
}

function isFile(path: string | undefined): boolean {
  return path !== undefined && /\.\w{1,8}$/.test(path);
}

/** Names of files may hold blanks; what holds them and none of a path's marks is a sentence. */
function isName(text: string): boolean {
  return (
    text.length < 400 && (!/\s/.test(text) || (/[/\\]|\.\w{1,8}$/.test(text) && !/[<>"'`(){};=]/.test(text)))
  );
}

function looksLikePath(text: string | undefined): boolean {
  return text !== undefined && !/\s{2}|^\s|["'(){}]/.test(text);
}

export interface FileNode {
  /** A folder's name, several joined where they hold nothing else; or a file's. */
  name: string;
  file: FoundFile | null;
  children: readonly FileNode[];
  /** Files in it. */
  files: number;
  count: number | null;
}

/** Files in their folders, in the order in which they came. */
export function fileTree(files: readonly FoundFile[]): FileNode[] {
  interface Folder {
    folders: Map<string, Folder>;
    own: FoundFile[];
  }
  const root: Folder = { folders: new Map(), own: [] };
  for (const file of files) {
    const steps = file.path.replace(/\/$/, "").split("/");
    let folder = root;
    for (const step of steps.slice(0, -1)) {
      let next = folder.folders.get(step);
      if (!next) folder.folders.set(step, (next = { folders: new Map(), own: [] }));
      folder = next;
    }
    folder.own.push(file);
  }
  const sum = (nodes: readonly FileNode[]) =>
    nodes.some((node) => node.count !== null)
      ? nodes.reduce((all, node) => all + (node.count ?? 0), 0)
      : null;
  const nodesOf = (folder: Folder): FileNode[] => [
    ...[...folder.folders].map(([step, inner]) => {
      let [name, only] = [step, inner];
      while (only.own.length === 0 && only.folders.size === 1) {
        const [[further, next] = ["", only]] = only.folders;
        [name, only] = [`${name}/${further}`, next];
      }
      const children = nodesOf(only);
      return {
        name: `${name}/`,
        file: null,
        children,
        files: children.reduce((all, node) => all + node.files, 0),
        count: sum(children),
      };
    }),
    ...folder.own.map((file) => ({
      name: `${file.path.replace(/\/$/, "").split("/").at(-1) ?? ""}${file.path.endsWith("/") ? "/" : ""}`,
      file,
      children: [],
      files: 1,
      count: file.count,
    })),
  ];
  return nodesOf(root);
}
