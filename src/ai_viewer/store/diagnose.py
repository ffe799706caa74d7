"""What `ai-viewer doctor` asks about SQLite itself and about a store that may not open."""

from __future__ import annotations

import apsw

from ai_viewer.store import migrations


def sqlite_version() -> str:
    """Return the version of the SQLite in use."""
    return apsw.sqlite_lib_version()


def has_full_text() -> bool:
    """Tell whether this SQLite can index full text the way the store does."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE probe USING fts5 (text, content = '', contentless_delete = 1)"
        )
    except apsw.SQLError:
        return False
    finally:
        connection.close()
    return True


def expected_version() -> int:
    """Return the schema version that this ai-viewer reads and writes."""
    return migrations.SCHEMA_VERSION
