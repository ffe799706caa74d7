import { useFailures } from "../../api/queries";
import { NothingHere } from "../../ui/nothing-here";
import { pageHref } from "../../ui/page-href";
import { RangePicker } from "../../ui/range";
import { Shell } from "../../ui/shell";
import { Tabs } from "../../ui/tabs";
import { useLiveStats } from "../../ui/use-live-stats";
import { type PageWork, usePageWork } from "../../ui/use-work";
import { WorkBar } from "../../ui/work-bar";
import { Aborted } from "./aborted";
import styles from "./failures.module.css";
import { Groups } from "./groups";
import { IngestErrors } from "./ingest";

const TABS = [
  { key: "all", label: "All" },
  { key: "tool", label: "Tools" },
  { key: "llm", label: "Models" },
  { key: "session", label: "Sub-agents" },
  { key: "aborted", label: "Broken off" },
  { key: "ingest", label: "Not read" },
] as const;

export default function FailuresPage() {
  const page = usePageWork();
  useLiveStats("failures", "sessions-matching");
  const tab = TABS.find((one) => one.key === page.params.get("tab"))?.key ?? "all";
  return (
    <Shell crumbs={[{ text: "Failures" }]} tools={<RangePicker {...page.range} />}>
      <div className={styles.page}>
        <WorkBar page={page} />
        <div className={styles.body}>
          <h1 className="visually-hidden">Failures</h1>
          <Tabs
            label="Kinds of failures"
            current={tab}
            tabs={TABS.map((one) => ({
              ...one,
              href: pageHref("/failures", page, one.key === "all" ? {} : { tab: one.key }),
            }))}
          />
          {tab === "aborted" ? (
            <Aborted page={page} />
          ) : tab === "ingest" ? (
            <IngestErrors page={page} />
          ) : (
            <FailedOps page={page} kind={tab === "all" ? null : tab} />
          )}
        </div>
      </div>
    </Shell>
  );
}

function FailedOps({ page, kind }: { page: PageWork; kind: "tool" | "llm" | "session" | null }) {
  const work = page.work && (kind ? { ...page.work, op_kind: kind } : page.work);
  const cursor = page.params.get("cursor");
  const asked = useFailures(work, { limit: 50, examples: 1, ...(cursor ? { cursor } : {}) });
  return (
    <Groups
      asked={asked}
      page={page}
      work={work}
      nothing={<NothingHere page={page} what={kind === "llm" ? "failed model call" : "failure"} />}
    />
  );
}
