/** How fast sources are read, from how far they were at several moments. */

export interface Progress {
  /** Milliseconds. */
  at: number;
  read: number;
  records: number;
}

export interface Rate {
  bytes: number;
  records: number;
}

/** What was read a second, between the first and the last of some moments; `null` of too short a time. */
export function rateOf(moments: readonly Progress[]): Rate | null {
  const [first, last] = [moments[0], moments.at(-1)];
  if (!first || !last || last.at - first.at < 500) return null;
  const seconds = (last.at - first.at) / 1000;
  return {
    bytes: Math.max(0, last.read - first.read) / seconds,
    records: Math.max(0, last.records - first.records) / seconds,
  };
}

/** Microseconds until all is read, at this rate. */
export function timeLeft(bytes: number, rate: Rate | null): number | null {
  return rate && rate.bytes > 0 ? (bytes / rate.bytes) * 1e6 : null;
}
