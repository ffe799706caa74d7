import { useIngestErrors } from "../../api/queries";
import { Panel } from "../../ui/charts/panel";
import { IngestProblems } from "../../ui/ingest-problems";
import { EmptyState } from "../../ui/states";
import type { PageWork } from "../../ui/use-work";
import styles from "./failures.module.css";

/** Records and files that could not be read, whenever that was. */
export function IngestErrors({ page }: { page: PageWork }) {
  const cursor = page.params.get("cursor");
  const format = page.params.get("format");
  const asked = useIngestErrors({ ...(cursor ? { cursor } : {}), ...(format ? { format } : {}) });
  const errors = asked.data?.errors ?? [];
  return (
    <Panel
      name="ingest"
      title="Records and files that could not be read"
      hint="Of all time: everything else in these files was read"
      asked={asked}
      empty={asked.data && errors.length === 0 ? <EmptyState title="Everything could be read." /> : undefined}
      rows={8}
      table={{
        columns: ["format", "root", "path", "line", "offset", "class", "message"].map((label) => ({ label })),
        rows: errors.map((one) => [
          one.format,
          one.root,
          one.path,
          one.line,
          one.offset,
          one.error_class,
          one.message,
        ]),
      }}
    >
      <IngestProblems errors={errors} />
      {asked.data?.next ? (
        <p className={styles.more}>
          <button type="button" onClick={() => page.change({ cursor: asked.data.next })}>
            More of them
          </button>
        </p>
      ) : null}
    </Panel>
  );
}
