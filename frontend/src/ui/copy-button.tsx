import { useEffect, useState } from "react";
import { CopyIcon } from "./icons";
import styles from "./copy-button.module.css";

const SAID_MS = 1_500;

/** Copies a text and says so. */
export function CopyButton({
  text,
  label,
  children,
}: {
  text: string;
  label: string;
  children?: React.ReactNode;
}) {
  const [said, setSaid] = useState<"Copied" | "Not copied: the browser refused" | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = window.setTimeout(() => setSaid(null), SAID_MS);
    return () => window.clearTimeout(timer);
  }, [said]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Not copied: the browser refused"),
    );
  };
  return (
    <button
      type="button"
      className={styles.button}
      onClick={copy}
      title={label}
      aria-label={children ? undefined : label}
    >
      <CopyIcon />
      {children}
      <span role="status" className={said ? styles.said : "visually-hidden"}>
        {said}
      </span>
    </button>
  );
}
