/** A terminal's colours as spans; what moves its cursor is left out. */

import Anser from "anser";

export interface AnsiSpan {
  text: string;
  /** One of the palette's names: `red`, `bright-blue`. */
  colour: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
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

export function ansiSpans(text: string): AnsiSpan[] {
  const plain = settled(text);
  if (!plain.includes("\u001b[")) return plain === "" ? [] : [plainSpan(plain)];
  return Anser.ansiToJson(plain, { json: true, use_classes: true, remove_empty: true }).map((entry) => ({
    text: entry.content,
    colour: colourOf(entry.decorations.includes("reverse") ? entry.bg : entry.fg, entry.fg_truecolor),
    bold: entry.decorations.includes("bold"),
    dim: entry.decorations.includes("dim"),
    italic: entry.decorations.includes("italic"),
    underline: entry.decorations.includes("underline"),
  }));
}

function plainSpan(text: string): AnsiSpan {
  return { text, colour: null, bold: false, dim: false, italic: false, underline: false };
}

/** The nearest of the terminal's own colours: ours are readable on both themes. */
function colourOf(name: string | null, rgb: string | null): string | null {
  if (!name) return null;
  const number = name.match(/^ansi-palette-(\d+)$/)?.[1];
  if (number !== undefined) {
    const index = Number(number);
    if (index < 16) return `${index > 7 ? "bright-" : ""}${NAMES[index % 8]}`;
    if (index >= 232) return index < 244 ? "bright-black" : "white";
    const cube = index - 16;
    return nearest(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
  }
  if (name === "ansi-truecolor") {
    const [red = 0, green = 0, blue = 0] = (rgb ?? "").split(",").map(Number);
    return nearest(red, green, blue);
  }
  return name.replace(/^ansi-/, "");
}

function nearest(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most < 140 ? "bright-black" : "white";
  const on = (value: number) => (value > (most + least) / 2 ? 1 : 0);
  return NAMES[on(red) + 2 * on(green) + 4 * on(blue)] ?? "white";
}
