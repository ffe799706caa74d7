/** Sums follow what happens, but not faster than they can be read. */

import { useQueryClient } from "@tanstack/react-query";
import { useLiveRefresh } from "../api/live";

const REST_MS = 3_000;

/** Ask again for what is shown of these queries whenever sessions change. */
export function useLiveStats(...keys: string[]): void {
  const client = useQueryClient();
  useLiveRefresh(
    () => true,
    async () => {
      await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
      await new Promise((resolve) => {
        window.setTimeout(resolve, REST_MS);
      });
    },
  );
}
