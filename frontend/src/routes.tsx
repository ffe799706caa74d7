import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { NotFoundPage } from "./pages/not-found";
import { Shell } from "./ui/shell";

/** Each page arrives when it is first asked for. */
const PAGES = {
  home: () => import("./pages/home"),
  sessions: () => import("./pages/sessions"),
  search: () => import("./pages/search"),
  settings: () => import("./pages/settings"),
  session: () => import("./pages/session"),
  sources: () => import("./pages/sources"),
  analytics: () => import("./pages/analytics"),
  catalog: () => import("./pages/catalog"),
  failures: () => import("./pages/failures"),
  compare: () => import("./pages/compare"),
};

const HomePage = lazy(PAGES.home);
const SessionsPage = lazy(PAGES.sessions);
const SearchPage = lazy(PAGES.search);
const SettingsPage = lazy(PAGES.settings);
const SessionPage = lazy(PAGES.session);
const SourcesPage = lazy(PAGES.sources);
const AnalyticsPage = lazy(PAGES.analytics);
const CatalogPage = lazy(PAGES.catalog);
const FailuresPage = lazy(PAGES.failures);
const ComparePage = lazy(PAGES.compare);

const CATALOGS = ["tools", "models", "agents", "projects"] as const;

const FIRST: readonly [address: RegExp, load: () => Promise<unknown>][] = [
  [/^\/$/, PAGES.home],
  [/^\/s\//, PAGES.session],
  [/^\/sessions/, PAGES.sessions],
];

/** Begin to load what the address asks for, before there is anything to draw it in. */
export function preloadPage(): void {
  void FIRST.find(([address]) => address.test(window.location.pathname))?.[1]();
}

export function Routes() {
  return (
    <Suspense fallback={<Shell crumbs={[]} />}>
      <Switch>
        <Route path="/sessions" component={SessionsPage} />
        <Route path="/s/:id">{({ id }) => <SessionPage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/search" component={SearchPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route path="/sources" component={SourcesPage} />
        <Route path="/analytics" component={AnalyticsPage} />
        <Route path="/" component={HomePage} />
        <Route path="/failures" component={FailuresPage} />
        <Route path="/compare" component={ComparePage} />
        {CATALOGS.flatMap((kind) => [
          <Route key={kind} path={`/${kind}`}>
            <CatalogPage kind={kind} />
          </Route>,
          <Route key={`${kind}/`} path={`/${kind}/:name`}>
            {({ name = "" }) => <CatalogPage kind={kind} name={decodeURIComponent(name)} />}
          </Route>,
        ])}
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  );
}
