/** What surrounds every page: the rail, the top bar, the page-wide keys. */

import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { HealthBanner } from "./health-banner";
import { HelpIcon, MoonIcon, SearchIcon, SunIcon, SystemThemeIcon } from "./icons";
import { LiveIndicator } from "./live-indicator";
import { PAGES } from "./pages";
import { Rail } from "./rail";
import styles from "./shell.module.css";
import { useSequence, useShortcuts } from "./shortcuts";
import { openHelp, openPalette } from "./overlays";
import { nextTheme, useTheme } from "./theme";

export interface Crumb {
  text: string;
  href?: string;
}

const THEME_ICONS = { system: <SystemThemeIcon />, dark: <MoonIcon />, light: <SunIcon /> };
const THEME_LABELS = { system: "as the system", dark: "dark", light: "light" };

interface ShellProps {
  crumbs: Crumb[];
  /** What concerns the whole page, at the top: its range in time. */
  tools?: React.ReactNode;
  children?: React.ReactNode;
}

export function Shell({ crumbs, tools, children }: ShellProps) {
  const [, navigate] = useLocation();
  const theme = useTheme();
  const title = crumbs.at(-1)?.text;
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · ai-viewer`;
  }, [title]);
  useShortcuts({ T: nextTheme, "?": openHelp });
  useSequence(
    "g",
    Object.fromEntries(
      PAGES.flat().flatMap((page) => (page.key ? [[page.key, () => navigate(page.href)]] : [])),
    ),
  );
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <Rail />
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
        {tools}
        <button type="button" className={styles.omnibox} onClick={openPalette}>
          <SearchIcon />
          <span className={styles.omniboxText}>Search or jump</span>
          <kbd className={styles.omniboxKey}>Ctrl K</kbd>
        </button>
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
          className={`${styles.tool} ${styles.keyboard}`}
          onClick={openHelp}
          title="Keyboard (?)"
          aria-label="Keyboard"
        >
          <HelpIcon />
        </button>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        <HealthBanner />
        <div className={styles.page}>{children}</div>
      </main>
    </div>
  );
}
