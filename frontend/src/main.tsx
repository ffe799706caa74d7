import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { startLive } from "./api/live";
import { preloadPage, Routes } from "./routes";
import { Overlays } from "./ui/overlays";
import "./ui/tokens.css";
import "./ui/base.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // While a page is open the change stream tells when to ask again; what changed while it
      // was not, nobody told it, so it asks when it opens.
      staleTime: 0,
      refetchOnReconnect: false,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");

preloadPage();
await startLive();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Routes />
      <Overlays />
    </QueryClientProvider>
  </StrictMode>,
);
