import { useSearchParams } from "wouter";

export const MODES = ["readable", "raw", "log"] as const;
export type Mode = (typeof MODES)[number];

/** How the transcript is read, in the page's address: what as, and whether one turn alone. */
export function useReading() {
  const [params, setParams] = useSearchParams();
  const told = params.get("read");
  const mode: Mode = told === "raw" || told === "log" ? told : "readable";
  const put = (key: string, value: string | null) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null) next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: true },
    );
  return {
    mode,
    only: params.get("only") === "turn",
    setMode: (next: Mode) => put("read", next === "readable" ? null : next),
    setOnly: (on: boolean) => put("only", on ? "turn" : null),
  };
}
