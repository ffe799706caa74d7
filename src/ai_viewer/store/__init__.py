"""The store: one SQLite file, all of its SQL, and nothing else's."""
