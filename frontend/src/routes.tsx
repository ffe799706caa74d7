import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { SessionsPage } from "./pages/sessions";
import { NotFoundPage } from "./pages/not-found";

const loadSessionPage = () => import("./pages/session");
const SessionPage = lazy(loadSessionPage);
const SourcesPage = lazy(() => import("./pages/sources"));

/** Begin to load what the address asks for, before there is anything to draw it in. */
export function preloadPage(): void {
  if (window.location.pathname.startsWith("/s/")) void loadSessionPage();
}

export function Routes() {
  return (
    <Suspense>
      <Switch>
        <Route path="/sessions" component={SessionsPage} />
        <Route path="/s/:id">{({ id }) => <SessionPage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/sources" component={SourcesPage} />
        <Route path="/">
          <Redirect to="/sessions" replace />
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  );
}
