import { Link } from "wouter";
import type { Health, Settings } from "../../api/types";
import { plural } from "../../logic/units";
import styles from "./settings.module.css";

const EXAMPLE = `[[price]]
model = "my-model-*"
input = 1.5
output = 6

[[discount]]
provider = "anthropic"
percent = 15`;

/** By what calls are priced: the list, and the user's own prices over it. */
export function Prices({ settings, health }: { settings: Settings; health: Health }) {
  const { prices, discounts } = settings;
  return (
    <div className={styles.row}>
      <h3 className={styles.label}>Prices</h3>
      <div className={styles.value}>
        <p>
          The price list {health.prices_version}
          {health.prices_date ? `, checked on ${health.prices_date}` : ""};{" "}
          {prices.length + discounts.length === 0
            ? "no prices or discounts of your own."
            : `over it ${plural(prices.length, "price")} and ${plural(discounts.length, "discount")} of your own:`}{" "}
          What a call costs is looked up for the day it was made. A model without a price is said to be
          unpriced; see <Link href="/models">Models</Link>.
        </p>
        {health.prices_behind ? (
          <p className={styles.warning}>
            Prices have changed since calls were priced: run <code>ai-viewer reprice</code>.
          </p>
        ) : null}
        {prices.length + discounts.length > 0 ? (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Provider</th>
                <th scope="col">Model</th>
                <th scope="col">Days (UTC)</th>
                <th scope="col">Dollars per million tokens, or percent off</th>
              </tr>
            </thead>
            <tbody>
              {prices.map((one) => (
                <tr key={JSON.stringify(one)}>
                  <Scope {...one} />
                  <td>
                    {Object.entries(one.prices)
                      .map(([kind, amount]) => `${kind.replaceAll("_", " ")} $${amount}`)
                      .join(", ")}
                    {one.tier ? ` (${one.tier})` : ""}
                  </td>
                </tr>
              ))}
              {discounts.map((one) => (
                <tr key={JSON.stringify(one)}>
                  <Scope {...one} />
                  <td>−{one.percent} %</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        <details>
          <summary>How to change them</summary>
          <p>
            Write into <code>config.toml</code>, start ai-viewer again, and run <code>ai-viewer reprice</code>{" "}
            for what was priced before:
          </p>
          <pre className={styles.code}>{EXAMPLE}</pre>
        </details>
      </div>
    </div>
  );
}

function Scope({
  provider,
  model,
  since,
  until,
}: {
  provider: string | null;
  model: string | null;
  since: string | null;
  until: string | null;
}) {
  return (
    <>
      <td>{provider ?? "any"}</td>
      <td>{model ?? "any"}</td>
      <td>{since || until ? `${since ?? "…"} – ${until ?? "…"}` : "all"}</td>
    </>
  );
}
