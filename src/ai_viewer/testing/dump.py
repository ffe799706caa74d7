"""The whole store as plain values, free of what depends on the order of writing.

    assert dump(one) == dump(other)            # two stores hold the same
    assert dump(one, "mtime_ns") == …          # apart from this column

Inside numbers (ids of files, sessions, payloads) are replaced by the stable names behind
them, so that two stores hold the same if and only if their dumps are equal. A session of which
nothing is told any more, and which nothing names, is left out: its row is a number given away.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypeAlias

import apsw
import zstandard

from ai_viewer.store import database
from ai_viewer.store.unpack import unpack

Dump: TypeAlias = dict[str, list[tuple[Any, ...]]]
"""Rows by table, sorted."""

_NAMED = {
    "source_id": "SELECT id, format || '=' || root FROM source",
    "file_id": "SELECT file.id, format || ':' || path FROM file JOIN source ON source.id = source_id",
    "owner_file": "SELECT file.id, format || ':' || path FROM file JOIN source ON source.id = source_id",
    "session_id": "SELECT id, format || ':' || native_id FROM session",
    "parent_id": "SELECT id, format || ':' || native_id FROM session",
    "child_id": "SELECT id, format || ':' || native_id FROM session",
}
_TABLES = (
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    " AND name NOT LIKE 'sqlite_%'"
    " AND name NOT IN ('schema_meta', 'change', 'price_list', 'dictionary', 'day', 'tally')"
)
"""Those left out tell how the store came to be: its versions, how often it was written, how often priced,
how texts are compressed, which days are sealed."""
_NAMED_SESSIONS = """
WHERE id IN (SELECT session_id FROM session_fact) OR id IN (SELECT parent_id FROM session_fact)
OR id IN (SELECT child_id FROM op)
"""
_LEFT_OUT = {"id", "inode"}


def dump(store: Path | apsw.Connection, *leave_out: str) -> Dump:
    """Return every table's rows, and the full-text index as (payload or passage, digest of its words).

    Columns named in ``leave_out`` are not compared.
    """
    connection = database.open_reader(store) if isinstance(store, Path) else store
    try:
        names = {column: dict(database.rows(connection, sql)) for column, sql in _NAMED.items()}
        tables = {
            table: _rows(connection, table, names, {*_LEFT_OUT, *leave_out})
            for (table,) in database.rows(connection, _TABLES)
        }
        tables["payload_text"] = _words(store)
    finally:
        if connection is not store:
            connection.close()
    return tables


def _rows(
    connection: apsw.Connection, table: str, names: dict[str, dict[Any, Any]], left_out: set[str]
) -> list[tuple[Any, ...]]:
    columns = [name for _, name, *_ in database.rows(connection, f"PRAGMA table_xinfo({table})")]
    kept = [column for column in columns if column not in left_out]
    which = _NAMED_SESSIONS if table == "session" else ""
    query = f"SELECT {', '.join(kept)} FROM {table} {which}"  # noqa: S608 - the schema's own names
    rows = database.rows(connection, query)
    if table == "payload" and not left_out & {"codec", "data", "bytes"}:
        rows = [_unpacked(connection, kept, row) for row in rows]
    values = (
        tuple(_value(column, value, names) for column, value in zip(kept, row, strict=True)) for row in rows
    )
    return sorted(values, key=repr)


def _unpacked(connection: apsw.Connection, columns: list[str], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of table ``payload`` with its text as it is, in whichever way it is kept."""
    values = dict(zip(columns, row, strict=True))
    if values["codec"] != "none":
        values["data"] = unpack(connection, values["codec"], values["data"], values["bytes"])
        values["codec"] = "kept"
    return tuple(values.values())


def _value(column: str, value: Any, names: dict[str, dict[Any, Any]]) -> Any:
    if column in names:
        return names[column].get(value)
    if column == "state" and isinstance(value, bytes) and value[:4] == zstandard.FRAME_HEADER:
        return zstandard.decompress(value)
    return value


def _words(store: Path | apsw.Connection) -> list[tuple[Any, ...]]:
    # A virtual table over the index shows each word's places; it needs a writable schema.
    connection = apsw.Connection(str(store)) if isinstance(store, Path) else store
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, payload_text, instance)")
    try:
        keys: dict[int, tuple[Any, ...]] = {
            payload: (name, turn, seq, kind, part)
            for payload, name, turn, seq, kind, part in database.rows(
                connection,
                "SELECT payload.id, format || ':' || native_id, turn, seq, payload.kind, part"
                " FROM payload JOIN session ON session.id = session_id",
            )
        }
        keys |= {
            passage: (name, kind, number)
            for passage, name, kind, number in database.rows(
                connection,
                "SELECT passage.id, format || ':' || native_id, passage.kind, number"
                " FROM passage JOIN session ON session.id = session_id",
            )
        }
        digests: dict[int, Any] = {}
        for term, doc, offset in connection.execute(
            "SELECT term, doc, offset FROM temp.words ORDER BY doc, offset"
        ):
            digests.setdefault(doc, hashlib.sha256()).update(f"{term}\0{offset}\0".encode())
    finally:
        connection.execute("DROP TABLE temp.words")
        if connection is not store:
            connection.close()
    return sorted(((*keys[doc], digest.hexdigest()) for doc, digest in digests.items()), key=repr)
