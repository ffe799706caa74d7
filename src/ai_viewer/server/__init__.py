"""The HTTP server: routes by noun over the store's questions; no SQL here."""
