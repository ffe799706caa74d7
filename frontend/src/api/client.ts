/** The server's JSON, typed by its own OpenAPI description. */

import createClient from "openapi-fetch";
import type { paths } from "./schema";

export const api = createClient<paths>({ baseUrl: window.location.origin });

/** An answer other than 2xx, or none at all (`status` 0). */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The data of an answer; anything else is thrown as an `ApiError`. */
export async function read<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "The server does not answer.");
  });
  if (!response.ok || data === undefined)
    throw new ApiError(response.status, detailOf(error) ?? response.statusText);
  return data;
}

export function payloadUrl(session: string, payload: string): string {
  return `/api/sessions/${encodeURIComponent(session)}/payloads/${encodeURIComponent(payload)}`;
}

/** A payload's whole text. */
export async function readText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, detailOf(safeJson(text)) ?? response.statusText);
  return text;
}

function detailOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("detail" in error)) return undefined;
  return typeof error.detail === "string" ? error.detail : undefined;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML page, say: the status line will do.
    return undefined;
  }
}
