import { RangePicker } from "../../ui/range";
import { Shell } from "../../ui/shell";
import { useLiveStats } from "../../ui/use-live-stats";
import { usePageWork } from "../../ui/use-work";
import { WorkBar } from "../../ui/work-bar";
import styles from "./catalog.module.css";
import { CatalogDetail } from "./detail";
import { type Kind, KINDS } from "./kinds";
import { CatalogList } from "./list";

/** A catalog, or all about one of its entries. */
export default function CatalogPage({ kind, name }: { kind: Kind["kind"]; name?: string }) {
  const about = KINDS[kind];
  const page = usePageWork();
  useLiveStats("catalog", "stats", "series", "topology");
  const crumbs =
    name === undefined ? [{ text: about.title }] : [{ text: about.title, href: `/${kind}` }, { text: name }];
  return (
    <Shell crumbs={crumbs} tools={<RangePicker {...page.range} />}>
      <div className={styles.page}>
        <WorkBar page={page} />
        <div className={styles.body}>
          {name === undefined ? (
            <>
              <h1 className="visually-hidden">{about.title}</h1>
              <CatalogList about={about} page={page} />
            </>
          ) : (
            <CatalogDetail key={name} about={about} name={name} page={page} />
          )}
        </div>
      </div>
    </Shell>
  );
}
