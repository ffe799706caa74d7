import { Link } from "wouter";
import type { SearchGroup, SearchHit } from "../../api/types";
import { hitHref, markedPieces } from "../../logic/search-hits";
import { modelName, projectName, titleOf } from "../../logic/session-names";
import { plural } from "../../logic/units";
import { KindIcon } from "../../ui/icons";
import { Day } from "../../ui/metrics";
import styles from "./search.module.css";

export function Group({ group: { session, count, hits }, query }: { group: SearchGroup; query: string }) {
  return (
    <section className={styles.group}>
      <h2 className={styles.session}>
        <Link href={`/s/${encodeURIComponent(session.id)}`} className={styles.title}>
          {titleOf(session)}
        </Link>
        <span className={styles.about}>
          {projectName(session.cwd)} · {modelName(session.model)}
          {count === null ? "" : ` · ${plural(count, "hit")}`}
        </span>
      </h2>
      <ul>
        {hits.map((hit) => (
          <li key={`${hit.kind} ${hit.turn} ${hit.seq} ${hit.payload} ${hit.log}`}>
            <Link href={hitHref(session.id, hit, query)} className={styles.hit} data-hit="">
              <span className={styles.what}>
                <span className={styles.icon}>{hit.op_kind ? <KindIcon kind={hit.op_kind} /> : null}</span>
                {hit.op_name && hit.op_name !== hit.kind ? (
                  <span className={styles.opName} title={hit.op_name}>
                    {hit.op_name}
                  </span>
                ) : null}
                <span className={styles.kind}>
                  {hit.op_name && hit.op_name !== hit.kind ? "· " : ""}
                  {hit.kind.replace("_", " ")}
                  {hit.replay ? " (copy)" : ""}
                </span>
              </span>
              <Snippet hit={hit} />
              <span className={hit.status === "failed" ? `${styles.when} ${styles.failed}` : styles.when}>
                {hit.status === "failed" ? "failed " : ""}
                <Day micros={hit.ts} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Snippet({ hit: { snippet } }: { hit: SearchHit }) {
  if (!snippet) return <span className={styles.snippet}>only the source still has this text</span>;
  return (
    <span className={styles.snippet}>
      {snippet.offset > 0 ? "…" : ""}
      {markedPieces(snippet.text, snippet.marks).map((piece) =>
        piece.marked ? (
          <mark key={piece.at} className={styles.mark}>
            {piece.text}
          </mark>
        ) : (
          <span key={piece.at}>{piece.text}</span>
        ),
      )}
      {snippet.more ? "…" : ""}
    </span>
  );
}
