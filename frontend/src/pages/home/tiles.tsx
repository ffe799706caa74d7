import { Link } from "wouter";
import type { Home } from "../../api/types";
import { change, dayHref, daySessionsHref } from "../../logic/home";
import { formatCost, formatCount, formatDuration, MISSING, plural } from "../../logic/units";
import styles from "./home.module.css";

export function Tiles({ home, chosen }: { home: Home; chosen: boolean }) {
  const { today, before, ingest } = home;
  const when = chosen ? "" : " today";
  const spent = today.ops === 0 ? MISSING : spending(today.cost_usd, today.unpriced_calls);
  return (
    <section className={styles.tiles} aria-label="In short">
      <div className={styles.tile}>
        <h2 className={styles.label}>Running</h2>
        <p className={styles.number}>
          <Link href="/sessions?up_to=working&roots=true">{home.working}</Link>
        </p>
        <p className={styles.more}>
          <Link
            href="/sessions?up_to=waiting&roots=true"
            className={home.waiting > 0 ? styles.attention : undefined}
          >
            {home.waiting} waiting for you
          </Link>
          {home.silent > 0 ? (
            <>
              {" · "}
              <Link href="/sessions?up_to=silent&roots=true" title="Their turn goes on, but nothing is heard">
                {home.silent} silent
              </Link>
            </>
          ) : null}
        </p>
      </div>
      <Tile
        label={`Spent${when}`}
        href={dayHref("/analytics", home.day)}
        number={spent}
        title={
          today.unpriced_calls > 0
            ? `${plural(today.unpriced_calls, "call")} without a known price`
            : undefined
        }
        more={compared(
          change(today.cost_usd, before.cost_usd),
          spending(before.cost_usd, before.unpriced_calls),
        )}
      />
      <Tile
        label={`Tokens${when}`}
        href={dayHref("/analytics", home.day)}
        number={formatCount(today.tokens)}
        more={
          today.cache_hit_share === null
            ? "no model call"
            : `${Math.round(today.cache_hit_share * 100)} % of the input from the cache`
        }
      />
      <div className={styles.tile}>
        <h2 className={styles.label}>Failed{when}</h2>
        <p className={styles.number}>
          <Link
            href={dayHref("/failures", home.day)}
            className={today.failures > 0 ? styles.failed : undefined}
          >
            {formatCount(today.failures)}
          </Link>
        </p>
        <p className={styles.more}>
          of {formatCount(today.ops)} steps in{" "}
          <Link href={daySessionsHref(today, home.tz)}>{plural(today.sessions, "session")}</Link>
        </p>
      </div>
      <Tile
        label="Reading"
        href="/sources"
        number={
          ingest.ingesting ? (ingest.lag_us === 0 ? "up to date" : formatDuration(ingest.lag_us)) : "stopped"
        }
        more={
          !ingest.ingesting
            ? "no process reads the agents' files"
            : `${ingest.lag_us === 0 ? "" : "behind · "}${
                ingest.errors === 0 ? "all records understood" : plural(ingest.errors, "problem")
              }`
        }
        title={ingest.reasons.join("\n") || undefined}
        word
      />
    </section>
  );
}

interface TileProps {
  label: string;
  href: string;
  number: string;
  more: string;
  title?: string | undefined;
  /** It is rather a word than a number. */
  word?: boolean;
}

function Tile({ label, href, number, more, title, word = false }: TileProps) {
  return (
    <div className={styles.tile} title={title}>
      <h2 className={styles.label}>{label}</h2>
      <p className={word ? `${styles.number} ${styles.word}` : styles.number}>
        <Link href={href}>{number}</Link>
      </p>
      <p className={styles.more}>{more}</p>
    </div>
  );
}

function spending(cost: number, unpriced: number): string {
  if (unpriced === 0) return formatCost(cost);
  return cost < 0.00005 ? "unpriced" : `≥ ${formatCost(cost)}`;
}

function compared(difference: string | undefined, before: string): string {
  return difference === undefined ? "nothing a week ago" : `${difference} of ${before} a week ago, by now`;
}
