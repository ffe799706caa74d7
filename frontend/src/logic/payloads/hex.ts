/** Bytes as people read them. */

export interface HexRow {
  offset: string;
  bytes: string;
  text: string;
}

const WIDTH = 16;

export function hexRows(data: Uint8Array): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < data.length; at += WIDTH) {
    const part = [...data.subarray(at, at + WIDTH)];
    rows.push({
      offset: at.toString(16).padStart(8, "0"),
      bytes: part.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      text: part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return rows;
}
