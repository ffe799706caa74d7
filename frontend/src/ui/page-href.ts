import type { PageWork } from "./use-work";

/** Another page about the same work. */
export function pageHref(path: string, page: PageWork, more: Record<string, string> = {}): string {
  const params = new URLSearchParams();
  for (const name of ["q", "range", "tree"]) {
    const value = page.params.get(name);
    if (value) params.set(name, value);
  }
  for (const [name, value] of page.chosen) params.set(name, value);
  for (const [name, value] of Object.entries(more)) params.set(name, value);
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}
