"""Pure functions over spans: where the time went, and what a turn waited for."""
