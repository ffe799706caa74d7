/**
 * A long text in pieces that are read each by itself: a piece begins with the first line that
 * begins in its part of the bytes, so that every line is in one piece, whichever is read first.
 */

export const CHUNK_BYTES = 64 * 1024;
/** How far behind its part a piece's last line is looked for; a longer one is cut. */
export const OVERHANG_BYTES = 4 * 1024;

const NEWLINE = 10;

export function chunkCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** The bytes that have to be read for a piece: both included. */
export function chunkRange(index: number, bytes: number): { first: number; last: number } {
  return {
    first: Math.max(0, index * CHUNK_BYTES - 1),
    last: Math.min(bytes, (index + 1) * CHUNK_BYTES + OVERHANG_BYTES) - 1,
  };
}

/** A piece of a text, from the bytes of its `chunkRange`. */
export function chunkText(index: number, data: Uint8Array, bytes: number): string {
  const { first } = chunkRange(index, bytes);
  const start = index === 0 ? 0 : boundary(data, index * CHUNK_BYTES - first);
  const reach = (index + 1) * CHUNK_BYTES - first;
  const end = reach >= data.length ? data.length : boundary(data, reach);
  return new TextDecoder().decode(data.subarray(start, end)).replace(/\n$/, "");
}

/** Where the first line from `at` on begins; if there is none nearby, the first character. */
function boundary(data: Uint8Array, at: number): number {
  for (let index = Math.max(0, at - 1); index < Math.min(data.length, at + OVERHANG_BYTES); index++)
    if (data[index] === NEWLINE) return index + 1;
  let place = at;
  while (place < data.length && ((data[place] ?? 0) & 0xc0) === 0x80) place += 1;
  return place;
}

/** The last lines of a text's end; its first line may be cut and is left out. */
export function lastLines(tail: string, most: number, whole: boolean): string {
  const lines = tail.replace(/\n$/, "").split("\n");
  return (whole ? lines : lines.slice(1)).slice(-most).join("\n");
}
