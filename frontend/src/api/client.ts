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

export function payloadUrl(session: string, payload: string, options = ""): string {
  return `/api/sessions/${encodeURIComponent(session)}/payloads/${encodeURIComponent(payload)}${options}`;
}

/** A session as a file; `secrets`: as they are, not masked. */
export function exportUrl(session: string, format: string, secrets: boolean): string {
  return `/api/sessions/${encodeURIComponent(session)}/export?format=${format}${secrets ? "&redact=false" : ""}`;
}

export interface Part {
  data: Uint8Array;
  /** Bytes of the whole. */
  total: number;
}

/** A part of a payload: `0-65535`, or `-65536` for its end. */
export async function readPart(url: string, range: string, signal: AbortSignal): Promise<Part> {
  const response = await fetch(url, { signal, headers: { Range: `bytes=${range}` } });
  if (!response.ok) {
    const detail = detailOf(safeJson(await response.text()));
    throw new ApiError(response.status, detail ?? response.statusText);
  }
  const data = new Uint8Array(await response.arrayBuffer());
  const total = response.headers.get("Content-Range")?.split("/")[1];
  return { data, total: total === undefined ? data.length : Number(total) };
}

/** A payload's whole text. */
export async function readText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, detailOf(safeJson(text)) ?? response.statusText);
  return text;
}

/** What an error of the server says. */
export function describe(error: unknown): string {
  return detailOf(error) ?? "The server refused.";
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
