/** Which colour a model, tool or project has: the same on every page and in every answer. */

export const COLOURS = 8;

/** One of the colours for each key, by its name; those taken by an earlier one of `keys` are passed by. */
export function colourPlaces(keys: readonly (string | null)[]): Map<string | null, number | null> {
  const taken = new Set<number>();
  const found = new Map<string | null, number | null>();
  for (const key of keys) {
    if (key === null) {
      found.set(key, null);
      continue;
    }
    let place = hash(key) % COLOURS;
    if (taken.size < COLOURS) while (taken.has(place)) place = (place + 1) % COLOURS;
    taken.add(place);
    found.set(key, place);
  }
  return found;
}

export function colourOf(place: number | null | undefined): string {
  return place === null || place === undefined ? "var(--series-other)" : `var(--series-${place})`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return value;
}
