import { createContext, useContext } from "react";

const Depth = createContext(0);

/** How many sub-agents deep one is within the page's session. */
export const useDepth = () => useContext(Depth);

export function WithinSubAgent({ depth, children }: { depth: number; children: React.ReactNode }) {
  return <Depth value={depth}>{children}</Depth>;
}
