/** Nodes that pull each other together along their edges, and push each other away else. */

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

const TICKS = 60;

export interface ForceNode {
  id: string;
  x: number;
  y: number;
  radius: number;
}

export interface ForceTask {
  nodes: ForceNode[];
  edges: { source: string; target: string }[];
}

/** Where the nodes lie after some steps from where they were; the same for the same. */
export function settle({ nodes, edges }: ForceTask): { id: string; x: number; y: number }[] {
  const moving = nodes.map((node) => ({ ...node }));
  forceSimulation(moving)
    .force(
      "link",
      forceLink<ForceNode, { source: string | ForceNode; target: string | ForceNode }>(
        edges.map((edge) => ({ ...edge })),
      )
        .id((node) => node.id)
        .distance(70),
    )
    .force(
      "charge",
      forceManyBody<ForceNode>().strength((node) => -80 - node.radius * 6),
    )
    .force(
      "collide",
      forceCollide<ForceNode>((node) => node.radius + 10),
    )
    .force("x", forceX<ForceNode>(0).strength(0.03))
    .force("y", forceY<ForceNode>(0).strength(0.05))
    .stop()
    .tick(TICKS);
  return moving.map(({ id, x, y }) => ({ id, x, y }));
}
