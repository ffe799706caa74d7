"""Bring a store from any earlier schema version to today's, one tested step at a time."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import apsw

from ai_viewer.errors import StoreError

SCHEMA_VERSION = 1

STEPS: dict[int, Callable[[apsw.Connection], None]] = {}
"""From version n to n + 1; each runs in a transaction of its own with its version's record."""


def version(connection: apsw.Connection) -> int:
    """Return the store's schema version; 0 for an empty file.

    Raises:
        StoreError: if the file is another program's database.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return 0
    if "schema_meta" not in tables:
        raise StoreError(f"{connection.filename}: a database of another program; name another with --db")
    found: int = connection.execute("SELECT version FROM schema_meta").get
    return found


def migrate(connection: apsw.Connection, path: Path) -> None:
    """Make the schema, or bring it up to `SCHEMA_VERSION`; a backup is made before a step runs."""
    found = version(connection)
    if found == 0:
        with connection:
            connection.execute(resources.files("ai_viewer.store").joinpath("schema.sql").read_text())
            connection.execute("INSERT INTO schema_meta (version) VALUES (?)", (SCHEMA_VERSION,))
        return
    if found < SCHEMA_VERSION:
        back_up(connection, path.with_name(f"{path.name}.v{found}.backup"))
    for step in range(found, SCHEMA_VERSION):
        with connection:
            STEPS[step](connection)
            connection.execute("UPDATE schema_meta SET version = ?", (step + 1,))


def back_up(connection: apsw.Connection, path: Path) -> None:
    """Copy the whole store to ``path``."""
    target = apsw.Connection(str(path))
    try:
        with target.backup("main", connection, "main") as backup:
            while not backup.done:
                backup.step(10_000)
    finally:
        target.close()
