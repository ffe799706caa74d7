/** How long the last frames took to draw: for tests, and for those who make it faster. */

const MOST = 200;
const times: number[] = [];

/** A view was drawn; `began` is the time when it began. The first one is marked `wb:paint`. */
export function drew(began: number): void {
  times.push(performance.now() - began);
  if (times.length > MOST) times.shift();
  if (performance.getEntriesByName("wb:paint").length === 0) performance.mark("wb:paint");
}

/** Milliseconds, the oldest first. */
export function drawTimes(): number[] {
  return [...times];
}
