/** Where a session is shown, and where an op is: its session, with the op chosen. */

export function sessionHref(session: string): string {
  return `/s/${encodeURIComponent(session)}`;
}

export function opHref(session: string, seq: number): string {
  return `${sessionHref(session)}?sel=op:${seq}`;
}
