/** What was fetched or looked for on the web, and what came back. */

import { parseObject, readFields } from "../arguments";
import { firstField } from "./tool-view";

export interface WebCall {
  url: string | undefined;
  query: string | undefined;
  /** What was asked of the page. */
  question: string | undefined;
}

export interface WebLink {
  title: string;
  url: string;
}

export function readWebCall(input: string | null): WebCall {
  const fields = readFields((input ?? "").trim());
  return {
    url: firstField(fields, ["url", "uri"]),
    query: firstField(fields, ["query", "q", "search_query"]),
    question: firstField(fields, ["prompt", "question"]),
  };
}

/** The links in a search's answer, and the rest of it. */
export function readWebAnswer(output: string): { links: WebLink[]; text: string } {
  const listed = output.match(/^Links: (\[.*\])$/m);
  if (listed) {
    const links = linksOf(listed[1] ?? "");
    if (links.length > 0) return { links, text: output.replace(listed[0], "").trim() };
  }
  const object = parseObject(output.trim());
  const results = object?.["results"] ?? object?.["links"];
  const links = results === undefined ? [] : linksOf(JSON.stringify(results));
  return links.length > 0 ? { links, text: "" } : { links: [], text: output };
}

function linksOf(json: string): WebLink[] {
  try {
    const list = JSON.parse(json) as unknown;
    if (!Array.isArray(list)) return [];
    return list.flatMap((item: unknown) => {
      const { title, url } = (item ?? {}) as { title?: unknown; url?: unknown };
      return typeof url === "string" ? [{ title: typeof title === "string" ? title : url, url }] : [];
    });
  } catch {
    // Cut off: its text is shown as it is.
    return [];
  }
}
