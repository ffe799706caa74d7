/** Who started whom: one row for each agent that starts others, one column for each it starts. */

import { useTopology } from "../../api/queries";
import { catalogHref } from "../../logic/dimensions";
import { heatStep } from "../../logic/heat";
import { type Spawn, spawnsOf } from "../../logic/spawns";
import { formatDuration, groupThousands } from "../../logic/units";
import { formatCost } from "../../logic/units";
import { Panel } from "../../ui/charts/panel";
import type { PageWork } from "../../ui/use-work";
import { Link } from "wouter";
import styles from "./catalog.module.css";

export function SpawnMatrix({ page }: { page: PageWork }) {
  const asked = useTopology(page.work);
  const { spawns, starters, started } = spawnsOf(asked.data ?? { nodes: [], edges: [] });
  const most = Math.max(0, ...spawns.map((one) => one.calls));
  const cells = new Map(spawns.map((one) => [`${one.from}\n${one.to}`, one]));
  return (
    <Panel
      name="spawns"
      title="Who starts whom"
      hint="How often each role started each other one"
      asked={asked}
      empty={asked.data && spawns.length === 0 ? "No agent started another one in this time." : undefined}
      table={{
        columns: [
          { label: "from" },
          { label: "to" },
          { label: "runs", numeric: true },
          { label: "failures", numeric: true },
          { label: "duration_us", numeric: true, format: (cell) => formatDuration(Number(cell)) },
          { label: "cost_usd", numeric: true, format: (cell) => formatCost(Number(cell)) },
        ],
        rows: spawns.map((one) => [one.from, one.to, one.calls, one.failures, one.duration_us, one.cost_usd]),
      }}
    >
      <div className={styles.matrixScroller}>
        <table className={styles.matrix} aria-label="Who starts whom">
          <thead>
            <tr>
              <th scope="col">starts →</th>
              {started.map((name) => (
                <th key={name} scope="col" title={name}>
                  <Link href={catalogHref("agents", name)}>{name}</Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {starters.map((from) => (
              <tr key={from}>
                <th scope="row">
                  <Link href={catalogHref("agents", from)}>{from}</Link>
                </th>
                {started.map((to) => {
                  const cell = cells.get(`${from}\n${to}`);
                  const step = heatStep(cell?.calls ?? 0, most);
                  return (
                    <td key={to} data-step={step} title={cell && describe(cell)}>
                      {cell ? (cell.calls > 0 ? groupThousands(cell.calls) : "–") : ""}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function describe(one: Spawn): string {
  return `${one.from} started ${one.to} ${groupThousands(one.calls)} times: ${groupThousands(one.failures)} failed, ${formatDuration(one.duration_us)}, ${formatCost(one.cost_usd)}`;
}
