import { useId } from "react";
import { Link } from "wouter";
import styles from "./home.module.css";

export function Section({
  title,
  href,
  all,
  children,
}: {
  title: string;
  href: string;
  all: string;
  children: React.ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <div className={styles.headline}>
        <h2 id={id} className={styles.heading}>
          {title}
        </h2>
        <Link href={href}>{all}</Link>
      </div>
      {children}
    </section>
  );
}
