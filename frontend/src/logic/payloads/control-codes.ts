/** What a terminal obeys and people do not read. */

/** Escapes other than colours: titles, links, cursor moves. */
const OTHER =
  // oxlint-disable-next-line no-control-regex
  /\u001b\](?:[^\u0007\u001b]*)(?:\u0007|\u001b\\)|\u001b\[[0-9;?]*[A-LN-Za-ln-z]|\u001b[()][A-Z0-9]|\u001b[=>78]/g;

/** What is left on the screen: a line that was written over is told as it stood last. */
export function settled(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(OTHER, "")
    .replace(/[^\n]*\r(?!\n|$)/g, "")
    .replace(/\r/g, "");
}

// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;:]*m/g;

export function withoutColours(text: string): string {
  return text.includes("\u001b") || text.includes("\r") ? settled(text).replace(COLOURS, "") : text;
}
