/** Two of something side by side: what the one has more of. */

export interface Pair<Value> {
  key: string;
  a: Value;
  b: Value;
}

export interface Difference extends Pair<number> {
  /** What B has more than A. */
  more: number;
}

/** Each key of either side once, the greatest difference first. */
export function differences(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((key) => {
      const [one, other] = [a.get(key) ?? 0, b.get(key) ?? 0];
      return { key, a: one, b: other, more: other - one };
    })
    .filter((one) => one.a !== 0 || one.b !== 0)
    .toSorted((one, other) => Math.abs(other.more) - Math.abs(one.more) || one.key.localeCompare(other.key));
}

/** What stands at the same place on both sides; the longer one goes on alone. */
export function sideBySide<Value>(
  a: readonly Value[],
  b: readonly Value[],
): (readonly [Value | undefined, Value | undefined])[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [a[at], b[at]] as const);
}
