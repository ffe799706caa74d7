import { useSearchParams } from "wouter";
import { RangePicker } from "../../ui/range";
import { Shell } from "../../ui/shell";
import { EmptyState } from "../../ui/states";
import { Tabs } from "../../ui/tabs";
import { usePageWork } from "../../ui/use-work";
import { WorkBar } from "../../ui/work-bar";
import styles from "./compare.module.css";
import { ComparePeriods } from "./periods";
import { CompareSessions } from "./sessions";

/** Two sessions (`a`, `b`), or a period and as much time just before it. */
export default function ComparePage() {
  const [params] = useSearchParams();
  const page = usePageWork();
  const [a, b] = [params.get("a"), params.get("b")];
  const periods = params.get("mode") === "periods" || (!a && !b);
  const sessions = new URLSearchParams({ ...(a ? { a } : {}), ...(b ? { b } : {}) }).toString();
  return (
    <Shell crumbs={[{ text: "Compare" }]} tools={periods ? <RangePicker {...page.range} /> : undefined}>
      <div className={styles.page}>
        {periods ? <WorkBar page={page} /> : null}
        <div className={styles.body}>
          <h1 className="visually-hidden">Compare</h1>
          {a || b ? (
            <Tabs
              label="What is compared"
              current={periods ? "periods" : "sessions"}
              tabs={[
                { key: "sessions", label: "Two sessions", href: `/compare?${sessions}` },
                { key: "periods", label: "Two periods", href: `/compare?${sessions}&mode=periods` },
              ]}
            />
          ) : (
            <p className={styles.muted}>
              A period beside as much time just before it. To compare two sessions, select them in the{" "}
              <a href="/sessions">list of sessions</a> (x) and press c.
            </p>
          )}
          {periods ? (
            <ComparePeriods page={page} />
          ) : a && b ? (
            <CompareSessions a={a} b={b} />
          ) : (
            <EmptyState title="One more session is needed.">
              <a href="/sessions">Select two in the list</a>
            </EmptyState>
          )}
        </div>
      </div>
    </Shell>
  );
}
