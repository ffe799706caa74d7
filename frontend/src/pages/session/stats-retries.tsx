import type { RetryChain } from "../../core/breakdown";
import type { Trace } from "../../core/trace";
import { formatClock } from "../../logic/time";
import { formatCost, formatDuration, groupThousands } from "../../logic/units";
import { useState } from "react";
import { DataTable } from "./data-table";
import { Panel } from "./panel";
import styles from "./stats-view.module.css";

interface RetriesProps {
  trace: Trace;
  chains: readonly RetryChain[];
  onGoTo: (op: number) => void;
}

/** What failed and was tried again. */
export function Retries({ trace, chains, onGoTo }: RetriesProps) {
  const [chosen, setChosen] = useState(-1);
  return (
    <Panel title="Retries" hint="A failed call, and the calls of the same tool right after it">
      {chains.length === 0 ? (
        <p className={styles.none}>Nothing that failed was tried again at once.</p>
      ) : (
        <div className={styles.tableBox} style={{ height: Math.min(chains.length, 8) * 24 + 34 }}>
          <DataTable
            label="Retries"
            columns={[
              { text: "Tool", width: "minmax(130px, 1fr)" },
              { text: "Began", width: "76px", number: true },
              { text: "Tries", width: "50px", number: true },
              { text: "Failed", width: "54px", number: true },
              { text: "Ended", width: "80px" },
              { text: "Time", width: "76px", number: true },
              { text: "Cost", width: "76px", number: true, hint: "Of the model calls between the tries" },
            ]}
            count={chains.length}
            cell={(row, column) => {
              const chain = chains[row];
              if (!chain) return null;
              return [
                chain.name,
                formatClock(trace.ops.start[chain.first] ?? null),
                groupThousands(chain.tries),
                groupThousands(chain.failures),
                chain.solved ? "solved" : "given up",
                formatDuration(Number.isNaN(chain.duration) ? null : chain.duration),
                chain.cost > 0 ? formatCost(chain.cost / 1e9) : "",
              ][column];
            }}
            chosen={chosen}
            onChoose={(row) => {
              setChosen(row);
              const chain = chains[row];
              if (chain) onGoTo(chain.first);
            }}
          />
        </div>
      )}
    </Panel>
  );
}
