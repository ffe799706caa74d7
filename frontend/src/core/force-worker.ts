/** `settle`, where it holds nothing up. */

import { type ForceTask, settle } from "./force";

self.addEventListener("message", ({ data }: MessageEvent<ForceTask>) => {
  // A worker has no other origin than its own.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  self.postMessage(settle(data));
});
