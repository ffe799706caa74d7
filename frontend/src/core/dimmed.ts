/** The colours of what a filter leaves out. */

import { mixed, type Palette } from "./palette";
import { pixel } from "./raster";

const PART = 0.16;
const known = new WeakMap<Palette, Uint32Array>();

/** As `Palette.looks`, so faint that they are only a ground for the others. */
export function dimmedLooks(palette: Palette): Uint32Array {
  let looks = known.get(palette);
  if (!looks) {
    looks = new Uint32Array(palette.looks.length);
    const half = looks.length / 2;
    palette.kinds.forEach((fill, kind) => {
      const faint = pixel(mixed(fill, palette.bg, PART));
      looks?.fill(faint, kind, kind + 1);
      looks?.fill(faint, kind + half, kind + half + 1);
    });
    known.set(palette, looks);
  }
  return looks;
}

const failedOf = new WeakMap<Palette, Uint32Array>();

/** One colour for everything: that of what failed. */
export function failedLooks(palette: Palette): Uint32Array {
  const looks = failedOf.get(palette) ?? new Uint32Array(palette.looks.length).fill(palette.pixels.failed);
  failedOf.set(palette, looks);
  return looks;
}
