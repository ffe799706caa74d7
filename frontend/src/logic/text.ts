/** Measures of a text that need no screen. */

const CHARACTERS = 110;

/** The lines a text fills when long ones wrap. */
export function wrappedLines(text: string, atMost = Number.POSITIVE_INFINITY): number {
  let lines = 0;
  for (const line of text.split("\n")) {
    lines += Math.max(1, Math.ceil(line.length / CHARACTERS));
    if (lines > atMost) return lines;
  }
  return lines;
}
