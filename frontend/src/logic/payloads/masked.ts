/** Secrets that the server masked in a text: `sk-a…[masked: OpenAI key]`. */

export interface Masked {
  /** What it was taken for. */
  kind: string;
  /** What stands for it. */
  shown: string;
  start: number;
  end: number;
}

const MARKER = /([^\s"'`=:,;<>(){}[\]…]{0,4})…\[masked: ([^\]\n]{1,40})\]/g;

export function maskedIn(text: string): Masked[] {
  if (!text.includes("…[masked: ")) return [];
  return [...text.matchAll(MARKER)].map((found) => ({
    kind: found[2] ?? "",
    shown: found[0],
    start: found.index,
    end: found.index + found[0].length,
  }));
}

/**
 * The text with some of its secrets, by their number. `plain` is the same text unmasked: what
 * stands between two masks is the same in both, and tells where in it a secret ends.
 */
export function unmasked(text: string, plain: string, revealed: ReadonlySet<number>): string {
  const secrets = maskedIn(text);
  let made = "";
  let [from, at] = [0, 0];
  for (const [number, secret] of secrets.entries()) {
    const before = text.slice(from, secret.start);
    if (!plain.startsWith(before, at)) return text;
    at += before.length;
    const next = secrets[number + 1]?.start ?? text.length;
    // A little of what follows is enough to know it by, and a cut text ends anywhere.
    const after = text.slice(secret.end, Math.min(next, secret.end + 80));
    const end = after === "" && next === text.length ? plain.length : plain.indexOf(after, at);
    if (end === -1) return text;
    made += before + (revealed.has(number) ? plain.slice(at, end) : secret.shown);
    [from, at] = [secret.end, end];
  }
  return made + text.slice(from);
}
