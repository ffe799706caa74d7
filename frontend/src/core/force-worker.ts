/** `settle`, where it holds nothing up. */

import { type ForceTask, settle } from "./force";

self.addEventListener("message", ({ data }: MessageEvent<ForceTask>) => {
  self.postMessage(settle(data));
});
