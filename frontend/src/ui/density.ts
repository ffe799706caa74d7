/** How much room a row of a table has. */

import { usePreference } from "./preferences";

export const DENSITIES = ["compact", "normal", "roomy"] as const;
export type Density = (typeof DENSITIES)[number];

const ROWS: Record<Density, number> = { compact: 24, normal: 28, roomy: 36 };

export function useDensity(): [Density, (density: Density) => void] {
  const [chosen, choose] = usePreference("density");
  return [DENSITIES.find((known) => known === chosen) ?? "normal", choose];
}

/** The height of a row in pixels. */
export function useRowHeight(): number {
  return ROWS[useDensity()[0]];
}
