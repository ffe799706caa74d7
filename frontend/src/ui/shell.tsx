/** What surrounds every page: the rail, the top bar, the page-wide keys. */

import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { Help } from "./help";
import { HelpIcon, MoonIcon, SessionsIcon, SourcesIcon, SunIcon, SystemThemeIcon } from "./icons";
import { LiveIndicator } from "./live-indicator";
import styles from "./shell.module.css";
import { useShortcuts } from "./shortcuts";
import { nextTheme, useTheme } from "./theme";

export interface Crumb {
  text: string;
  href?: string;
}

const PAGES = [
  { href: "/sessions", text: "Sessions", icon: <SessionsIcon />, owns: /^\/(sessions|s\/|$)/ },
  { href: "/sources", text: "Sources", icon: <SourcesIcon />, owns: /^\/sources/ },
];

const THEME_ICONS = { system: <SystemThemeIcon />, dark: <MoonIcon />, light: <SunIcon /> };
const THEME_LABELS = { system: "as the system", dark: "dark", light: "light" };

export function Shell({ crumbs, children }: { crumbs: Crumb[]; children: React.ReactNode }) {
  const [path] = useLocation();
  const theme = useTheme();
  const help = useRef<HTMLDialogElement>(null);
  const title = crumbs.at(-1)?.text ?? "";
  useEffect(() => {
    document.title = `${title} · ai-viewer`;
  }, [title]);
  useShortcuts({ T: nextTheme, "?": () => help.current?.showModal() });
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <nav className={styles.rail} aria-label="Pages">
        {PAGES.map((page) => (
          <Link
            key={page.href}
            href={page.href}
            className={styles.page}
            title={page.text}
            aria-label={page.text}
            aria-current={page.owns.test(path) ? "page" : undefined}
          >
            {page.icon}
          </Link>
        ))}
      </nav>
      <header className={styles.bar}>
        <nav className={styles.path} aria-label="Breadcrumb">
          <ol className={styles.crumbs}>
            {crumbs.map((crumb) => (
              <li key={`${crumb.href ?? ""} ${crumb.text}`} className={styles.crumb}>
                {crumb.href === undefined ? (
                  <span>{crumb.text}</span>
                ) : (
                  <Link href={crumb.href}>{crumb.text}</Link>
                )}
              </li>
            ))}
          </ol>
        </nav>
        <LiveIndicator />
        <button
          type="button"
          className={styles.tool}
          onClick={nextTheme}
          title={`Theme: ${THEME_LABELS[theme]} (T)`}
          aria-label={`Theme: ${THEME_LABELS[theme]}`}
        >
          {THEME_ICONS[theme]}
        </button>
        <button
          type="button"
          className={styles.tool}
          onClick={() => help.current?.showModal()}
          title="Keyboard (?)"
          aria-label="Keyboard"
        >
          <HelpIcon />
        </button>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
      <Help ref={help} />
    </div>
  );
}
