import { useHealth } from "../api/queries";
import { DAY_US, localDay, printRange } from "../logic/range";
import { formatDate } from "../logic/time";
import { ActionButton, EmptyState } from "./states";
import { useToday } from "./today";
import type { PageWork } from "./use-work";

/** Never a wall of zeros: why there is nothing, and where there is something. */
export function NothingHere({ page, what = "work" }: { page: PageWork; what?: string }) {
  const { data: health } = useHealth();
  const filtered = page.chosen.length > 0 || page.params.has("q");
  const newest = health?.newest ?? null;
  const today = useToday();
  return (
    <EmptyState title={filtered ? `No ${what} in this time matches the filter.` : `No ${what} in this time.`}>
      {filtered ? (
        <ActionButton
          onClick={() =>
            page.change({ q: null, ...Object.fromEntries(page.chosen.map(([name]) => [name, null])) })
          }
        >
          Clear the filter
        </ActionButton>
      ) : newest === null ? (
        <p>
          Nothing has been read yet: <a href="/sources">see the sources</a>.
        </p>
      ) : (
        <ActionButton
          onClick={() =>
            page.range.choose({
              kind: "days",
              from: localDay(newest - 6 * DAY_US),
              to: localDay(newest),
            })
          }
        >
          Last data{" "}
          {formatDate(localDay(newest), String(today.getFullYear()) !== localDay(newest).slice(0, 4))}: jump
        </ActionButton>
      )}
      {filtered && printRange(page.range.range) !== "all" ? (
        <ActionButton onClick={() => page.range.choose({ kind: "all" })}>Look at all time</ActionButton>
      ) : null}
    </EmptyState>
  );
}
