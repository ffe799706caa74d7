/** A payload's text as far as it is needed: its start, the whole if that is not large, secrets on demand. */

import { useState } from "react";
import { payloadUrl } from "../../../api/client";
import { usePayloadText } from "../../../api/queries";
import type { Payload } from "../../../api/types";
import { isText } from "../../../logic/details";
import { type Masked, maskedIn, unmasked } from "../../../logic/payloads/masked";

/** A text up to this many bytes is fetched whole once somebody looks at it. */
const WHOLE_BYTES = 256 * 1024;

const NONE: ReadonlySet<number> = new Set();

export interface Body {
  session: string;
  payload: Payload;
  url: string;
  /** `null`: no text, or one that the store did not keep. */
  text: string | null;
  /** Whether the text is all of it. */
  complete: boolean;
  loading: boolean;
  error: Error | null;
  retry: () => void;
  masked: readonly Masked[];
  revealed: ReadonlySet<number>;
  /** Shows a secret, or masks it again. */
  toggle: (secret: number) => void;
  /** Fetches the whole, however large it is. */
  all: () => void;
}

/** `wanted`: whether somebody looks at more than its start. */
export function useBody(session: string, payload: Payload, wanted = true): Body {
  const [all, setAll] = useState(false);
  const [revealed, setRevealed] = useState(NONE);
  const text = isText(payload);
  const fetched = text && payload.truncated && ((wanted && payload.bytes <= WHOLE_BYTES) || all);
  const whole = usePayloadText(session, payload, fetched);
  const plain = usePayloadText(session, payload, revealed.size > 0, "?reveal=true");
  const shown = (fetched ? whole.data : undefined) ?? payload.text;
  const masked = maskedIn(shown ?? "");
  return {
    session,
    payload,
    url: payloadUrl(session, payload.id),
    text:
      shown !== null && revealed.size > 0 && plain.data !== undefined
        ? unmasked(shown, plain.data, revealed)
        : shown,
    complete: text && (!payload.truncated || (fetched && whole.data !== undefined)),
    loading: whole.isLoading || plain.isLoading,
    error: whole.error ?? plain.error,
    retry: () => void (whole.isError ? whole.refetch() : plain.refetch()),
    masked,
    revealed,
    toggle: (secret) => {
      const next = new Set(revealed);
      if (!next.delete(secret)) next.add(secret);
      setRevealed(next);
    },
    all: () => setAll(true),
  };
}
