/** What opened steps are shown with comes after the page itself, before anybody opens one. */

import { type ComponentProps, lazy, Suspense } from "react";

const details = () => import("./op-details");
const step = () => import("./payloads/step-view");
const text = () => import("./payloads/long-text");

const LazyDetails = lazy(details);
const LazySole = lazy(async () => ({ default: (await step()).Sole }));
const LazyText = lazy(async () => ({ default: (await text()).LongText }));

export function preloadDetails(): void {
  for (const load of [details, step, text]) void load();
}

export function OpDetails(props: ComponentProps<typeof LazyDetails>) {
  return (
    <Suspense fallback={<p role="status">Loading …</p>}>
      <LazyDetails {...props} />
    </Suspense>
  );
}

export function Sole(props: ComponentProps<typeof LazySole>) {
  return (
    <Suspense fallback={null}>
      <LazySole {...props} />
    </Suspense>
  );
}

export function LongText(props: ComponentProps<typeof LazyText>) {
  return (
    <Suspense fallback={null}>
      <LazyText {...props} />
    </Suspense>
  );
}
