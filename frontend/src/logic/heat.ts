/** How strong a cell's colour is: 0 for nothing, then five steps, narrow at the bottom, wide at the top. */
export function heatStep(value: number | null, most: number): number {
  if (value === null || value <= 0 || most <= 0) return 0;
  return Math.max(1, Math.ceil(5 * Math.sqrt(Math.min(1, value / most))));
}
