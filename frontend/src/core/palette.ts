/** The colours of the tokens as canvases need them. */

import { COPY } from "./lanes";
import { pixel } from "./raster";

const KIND_TOKENS: Record<string, string> = {
  llm: "llm",
  tool: "tool",
  session: "session",
  reasoning: "reasoning",
  compaction: "compaction",
};

export interface Palette {
  scheme: "dark" | "light";
  bg: string;
  panel: string;
  raised: string;
  fg: string;
  muted: string;
  hairline: string;
  control: string;
  accent: string;
  selected: string;
  failed: string;
  user: string;
  llm: string;
  /** By place in the trace's kinds. */
  kinds: string[];
  /** The colour of a label on each. */
  on: string[];
  /** As pixels: by kind, and `COPY` further on the same, fainter. */
  looks: Uint32Array;
  pixels: Record<"bg" | "raised" | "hairline" | "selected" | "panel" | "failed", number>;
}

/** @param token The value of a custom property: `#rrggbb`. */
export function makePalette(
  scheme: Palette["scheme"],
  kinds: readonly string[],
  token: (name: string) => string,
): Palette {
  const named = (prefix: string) =>
    kinds.map((kind) => token(`--${prefix}-${KIND_TOKENS[kind] ?? "system"}`));
  const bg = token("--bg");
  const fills = named("kind");
  const looks = new Uint32Array(COPY * 2);
  fills.forEach((fill, kind) => {
    looks[kind] = pixel(fill);
    looks[kind + COPY] = pixel(mixed(fill, bg, 0.45));
  });
  const css = {
    bg,
    panel: token("--panel"),
    raised: token("--raised"),
    hairline: token("--hairline"),
    selected: token("--selected"),
    failed: token("--failed"),
  };
  return {
    scheme,
    ...css,
    fg: token("--fg"),
    muted: token("--muted"),
    control: token("--control"),
    accent: token("--accent"),
    user: token("--kind-user"),
    llm: token("--kind-llm"),
    kinds: fills,
    on: named("on"),
    looks,
    pixels: {
      bg: pixel(css.bg),
      panel: pixel(css.panel),
      raised: pixel(css.raised),
      hairline: pixel(css.hairline),
      selected: pixel(css.selected),
      failed: pixel(css.failed),
    },
  };
}

/** `part` of one colour and the rest of another. */
export function mixed(one: string, other: string, part: number): string {
  const channel = (at: number) => {
    const [a, b] = [one, other].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round((a ?? 0) * part + (b ?? 0) * (1 - part))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
