import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env["AI_VIEWER_URL"] ?? "http://127.0.0.1:7710";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The page's policy allows no data: fonts or styles, so every asset stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // The server refuses other hosts' origins; the proxy speaks to it under its own name.
    proxy: { "/api": { target: server, changeOrigin: true } },
  },
});
