import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { SessionsPage } from "./pages/sessions";
import { NotFoundPage } from "./pages/not-found";

const SessionPage = lazy(() => import("./pages/session"));
const SourcesPage = lazy(() => import("./pages/sources"));

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
