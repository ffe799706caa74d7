/** The pages, down the left side; at the bottom of a narrow screen. */

import { useRef } from "react";
import { Link, useLocation } from "wouter";
import { MoreIcon, RailIcon } from "./icons";
import { type Page, PAGES } from "./pages";
import { usePreference } from "./preferences";
import styles from "./rail.module.css";

export function Rail() {
  const [path] = useLocation();
  const [chosen, choose] = usePreference("rail");
  const wide = chosen === "wide";
  return (
    <nav className={styles.rail} aria-label="Pages" data-wide={wide ? "" : undefined}>
      <div className={styles.groups}>
        {PAGES.map((group) => (
          <ul key={group[0]?.href} className={styles.group}>
            {group.map((page) => (
              <li key={page.href} className={styles.item} data-narrow={page.narrow ? "" : undefined}>
                <PageLink page={page} path={path} />
              </li>
            ))}
          </ul>
        ))}
      </div>
      <More path={path} />
      <button
        type="button"
        className={styles.width}
        aria-expanded={wide}
        aria-label="Names of the pages"
        title={wide ? "Icons only" : "Icons and names"}
        onClick={() => choose(wide ? "narrow" : "wide")}
      >
        <RailIcon />
      </button>
    </nav>
  );
}

function PageLink({ page, path, onClick }: { page: Page; path: string; onClick?: () => void }) {
  return (
    <Link
      href={page.href}
      className={styles.page}
      title={page.key ? `${page.text} (g ${page.key})` : page.text}
      aria-label={page.text}
      aria-current={page.owns.test(path) ? "page" : undefined}
      {...(onClick ? { onClick } : {})}
    >
      {page.icon}
      <span className={styles.text}>{page.text}</span>
    </Link>
  );
}

/** Where the bar has no room, the other pages. */
function More({ path }: { path: string }) {
  const menu = useRef<HTMLDivElement>(null);
  const others = PAGES.flat().filter((page) => !page.narrow);
  return (
    <div className={styles.more}>
      <button
        type="button"
        className={styles.page}
        popoverTarget="more-pages"
        data-current={others.some((page) => page.owns.test(path)) ? "" : undefined}
      >
        <MoreIcon />
        <span className={styles.text}>More</span>
      </button>
      <div ref={menu} id="more-pages" className={styles.menu} popover="auto">
        {others.map((page) => (
          <PageLink key={page.href} page={page} path={path} onClick={() => menu.current?.hidePopover()} />
        ))}
      </div>
    </div>
  );
}
