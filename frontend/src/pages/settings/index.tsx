import { Link } from "wouter";
import { useHealth, useSettings } from "../../api/queries";
import type { Health } from "../../api/types";
import { zoneName } from "../../logic/time";
import { formatBytes, groupThousands, plural } from "../../logic/units";
import { ZONE } from "../../logic/work-filter";
import { CopyButton } from "../../ui/copy-button";
import { DENSITIES, useDensity } from "../../ui/density";
import { usePreference } from "../../ui/preferences";
import { Shell } from "../../ui/shell";
import { SHORTCUTS } from "../../ui/shortcuts";
import { ErrorState, Skeleton } from "../../ui/states";
import { setTheme, THEMES, useTheme } from "../../ui/theme";
import { useToday } from "../../ui/today";
import { Choice } from "./choice";
import { Prices } from "./prices";
import styles from "./settings.module.css";

const THEME_WORDS = { system: "As the system", dark: "Dark", light: "Light" };
const DENSITY_WORDS = { compact: "Compact", normal: "Normal", roomy: "Roomy" };

export default function SettingsPage() {
  return (
    <Shell crumbs={[{ text: "Settings" }]}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Settings</h1>
        <ThisBrowser />
        <TheServer />
      </div>
    </Shell>
  );
}

/** What takes effect at once, and only here. */
function ThisBrowser() {
  const theme = useTheme();
  const [density, setDensity] = useDensity();
  const [shortcuts, setShortcuts] = usePreference(SHORTCUTS);
  const today = useToday();
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>This browser</h2>
      <Choice
        label="Theme"
        value={theme}
        options={THEMES.map((one) => [one, THEME_WORDS[one]] as const)}
        onChange={setTheme}
      />
      <Choice
        label="Rows of tables"
        value={density}
        options={DENSITIES.map((one) => [one, DENSITY_WORDS[one]] as const)}
        onChange={setDensity}
      />
      <Choice
        label="Keys of one letter"
        hint="j, k, g h, T, ? and the like. Arrows, Enter, Escape and Ctrl-K always work."
        value={shortcuts === "off" ? "off" : "on"}
        options={[
          ["on", "On"],
          ["off", "Off"],
        ]}
        onChange={setShortcuts}
      />
      <Fact label="Times">
        in this browser's zone, {ZONE} ({zoneName(today)}); UTC when you point at one. The zone is the
        browser's: start it with another <code>TZ</code> to see another.
      </Fact>
    </section>
  );
}

function TheServer() {
  const health = useHealth();
  const settings = useSettings();
  const failed = [health, settings].find((one) => one.isError && !one.data);
  return (
    <section className={styles.section}>
      <h2 className={styles.title}>The server</h2>
      <p className={styles.lead}>
        These are set when it starts: on the command line, or in <code>config.toml</code> (
        <code>~/.config/ai-viewer/config.toml</code> on Linux, <code>ai-viewer doctor</code> tells where
        else). They are shown here as they are in use.
      </p>
      {failed?.error ? (
        <ErrorState
          what="The server's settings could not be loaded."
          error={failed.error}
          onRetry={() => void Promise.all([health.refetch(), settings.refetch()])}
        />
      ) : !health.data || !settings.data ? (
        <Skeleton rows={6} label="Loading the server's settings" />
      ) : (
        <>
          <Prices settings={settings.data} health={health.data} />
          <Store health={health.data} listens={`${settings.data.host}:${settings.data.port}`} />
        </>
      )}
    </section>
  );
}

function Store({ health, listens }: { health: Health; listens: string }) {
  return (
    <>
      <Fact label="Store">
        <code className={styles.path}>{health.store_path}</code>
        <CopyButton text={health.store_path} label="Copy the path" /> {formatBytes(health.store_bytes)},{" "}
        <Link href="/sessions">{plural(health.sessions, "session")}</Link>. Elsewhere: <code>--db PATH</code>{" "}
        or <code>db = "PATH"</code>.
      </Fact>
      <Fact label="Folders that are read">
        <Link href="/sources">{groupThousands(health.sources.length)}</Link>. Others:{" "}
        <code>--source FORMAT=PATH</code> or <code>[[source]]</code>.
      </Fact>
      <Fact label="Secrets">
        are masked wherever a text is shown, exported or handed to an agent, unless you ask to see one. The
        store keeps texts as the agents wrote them, on this machine only.
      </Fact>
      <Fact label="Retention">
        what was read is kept for good, also when an agent deletes its own files;{" "}
        <Link href="/sources">Sources</Link> tells what is about to go. To begin anew, stop ai-viewer and
        delete the store: it is made again from what the agents still have.
      </Fact>
      <Fact label="Address">
        <code>{listens}</code>, for this machine only. Elsewhere: <code>--port</code> or{" "}
        <code>port = 7710</code>.
      </Fact>
      <Fact label="Versions">
        ai-viewer {health.version}, store schema {health.schema_version}, price list {health.prices_version}
      </Fact>
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={styles.row}>
      <h3 className={styles.label}>{label}</h3>
      <div className={styles.value}>{children}</div>
    </div>
  );
}
