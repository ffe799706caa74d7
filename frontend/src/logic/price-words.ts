/** How a call's cost comes about, in words. */

import type { OpDetail } from "../api/types";

type Formula = NonNullable<OpDetail["price"]>;

const NAMES: Record<string, string> = {
  input: "fresh input",
  output: "output",
  reasoning: "reasoning",
  cache_read: "cache read",
  cache_write_5m: "cache write (5 min)",
  cache_write_1h: "cache write (1 h)",
  web_search: "web searches",
  request: "requests",
};

/** `1,204 fresh input × $3 per million`, a line for each part of the price. */
export function priceTerms(formula: Formula): string[] {
  const terms = formula.terms
    .filter((term) => term.units > 0)
    .map(
      (term) =>
        `${term.units.toLocaleString("en-US")} ${NAMES[term.name] ?? term.name} × ${dollars(term.price_usd)}${per(term.per)} = ${dollars(term.cost_usd)}`,
    );
  return formula.share === 1 ? terms : [...terms, `of which ${Math.round(formula.share * 100)} % is paid`];
}

function per(units: number): string {
  if (units === 1) return "";
  return units === 1_000_000 ? " per million" : ` per ${units.toLocaleString("en-US")}`;
}

/** As many digits as say something. */
function dollars(usd: number): string {
  return `$${usd >= 1 ? Number(usd.toFixed(2)) : Number(usd.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 10 })}`;
}
