/** What an edit replaced, line by line. */

export interface DiffLine {
  mark: " " | "-" | "+";
  text: string;
}

const CONTEXT = 2;

/** Old lines out, new lines in, with two lines of what stayed the same around them. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = splitLines(before);
  const fresh = splitLines(after);
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (
    end < old.length - start &&
    end < fresh.length - start &&
    old[old.length - 1 - end] === fresh[fresh.length - 1 - end]
  ) {
    end += 1;
  }
  const marked = (lines: string[], mark: DiffLine["mark"]): DiffLine[] =>
    lines.map((text) => ({ mark, text }));
  return [
    ...marked(old.slice(Math.max(0, start - CONTEXT), start), " "),
    ...marked(old.slice(start, old.length - end), "-"),
    ...marked(fresh.slice(start, fresh.length - end), "+"),
    ...marked(old.slice(old.length - end, old.length - end + CONTEXT), " "),
  ];
}

/** A patch text as its own marks tell it. */
export function patchLines(patch: string): DiffLine[] {
  return patch.split("\n").map((line) => {
    if (/^[+-](?![+-]{2} )/.test(line)) return { mark: line[0] as "+" | "-", text: line.slice(1) };
    return { mark: " ", text: line.startsWith(" ") ? line.slice(1) : line };
  });
}

function splitLines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
