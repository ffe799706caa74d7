"""Read an agent's own SQLite database while it may be in use, without leaving a trace in its folder.

    with foreign.opened(path) as database:
        for row in database.query("SELECT id FROM session"):
            ...

A read-only connection of SQLite's still makes or rewrites ``-wal`` and ``-shm``, depending on what is
there (https://www.sqlite.org/wal.html#read_only_databases). So it is opened in one of three ways:

* no ``-wal``: as *immutable*, with neither locks nor files. Nobody writes but through a ``-wal`` or
  a ``-journal``; if one comes, or the file changes, what was read is void.
* ``-wal`` and ``-shm``: as a reader among others, the shared memory mapped read-only. If its owner
  is gone, SQLite builds the index of the ``-wal`` in memory of its own.
* ``-wal`` without ``-shm`` (a copy, a backup): nobody has it open; read without locks, the index in
  memory of its own, and void if either file changes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import apsw
import apsw.ext

BUSY_TIMEOUT_MS = 50
"""Long waits are the caller's: it has other things to do meanwhile."""
_NO_LOCKS = "win32-none" if os.name == "nt" else "unix-none"

Mark: TypeAlias = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of change of a database's files, ``None`` for one that is not there."""


class ForeignError(Exception):
    """The database cannot be read: damaged, encrypted, of another shape than expected."""


class ForeignBusyError(ForeignError):
    """The database was locked or changed while it was read: try again later."""


class ForeignDatabase:
    """A `ai_viewer.adapters.base.Database`: one snapshot of an agent's database."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none if there is no such table."""
        return frozenset(name for (name,) in self.query("SELECT name FROM pragma_table_xinfo(?)", (table,)))

    def query(self, sql: str, bindings: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a SELECT; bytes of a text that are not UTF-8 become U+FFFD."""
        told = 0
        try:
            for row in self._connection.execute(sql, tuple(bindings)):
                yield row
                told += 1
        except UnicodeDecodeError:
            yield from itertools.islice(self._leniently(sql, bindings), told, None)

    def _leniently(self, sql: str, bindings: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """Yield the same rows, of which the texts are decoded here: SQLite's own are all or nothing."""
        columns = [f"c{n}" for n, _ in enumerate(apsw.ext.query_info(self._connection, sql).description)]
        values = ", ".join(f"typeof({c}), iif(typeof({c}) = 'text', CAST({c} AS BLOB), {c})" for c in columns)
        rows = self._connection.execute(
            f"WITH found({', '.join(columns)}) AS ({sql}) SELECT {values} FROM found", tuple(bindings)
        )
        for row in rows:
            yield tuple(
                value.decode("utf-8", "replace") if kind == "text" else value
                for kind, value in zip(row[::2], row[1::2], strict=True)
            )


@contextlib.contextmanager
def opened(path: Path) -> Iterator[ForeignDatabase]:
    """Open the database at ``path`` for reading, in one read transaction.

    What was read holds only if the block ends without an error.

    Raises:
        ForeignBusyError: if it cannot be read just now.
        ForeignError: if it cannot be read as it is.
        OSError: if there is none.
    """
    before = mark(path)
    if before[0] is None:
        path.stat()
    try:
        connection = _connect(path, before)
        try:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            connection.pragma("query_only", True)
            connection.execute("BEGIN")
            yield ForeignDatabase(connection)
        finally:
            connection.close(True)
    except (apsw.BusyError, apsw.LockedError, apsw.ProtocolError) as error:
        raise ForeignBusyError(f"the database is locked ({error})") from error
    except apsw.Error as error:
        if _is_void(path, before):
            raise ForeignBusyError("the database changed while it was read") from error
        raise ForeignError(f"the database cannot be read: {error}") from error
    if _is_void(path, before):
        raise ForeignBusyError("the database changed while it was read")


def mark(path: Path) -> Mark:
    """Return what changes whenever the database at ``path`` does."""
    return tuple(_stat(path.with_name(path.name + suffix)) for suffix in ("", "-wal", "-journal"))


def _connect(path: Path, found: Mark) -> apsw.Connection:
    _, wal, journal = found
    if journal is not None and journal[1]:
        raise ForeignBusyError("a transaction is being written")
    uri = path.absolute().as_uri() + "?mode=ro"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    if wal is None:
        return apsw.Connection(uri + "&immutable=1", flags=flags)
    if path.with_name(path.name + "-shm").exists():
        return apsw.Connection(uri + "&readonly_shm=1", flags=flags)
    connection = apsw.Connection(uri, flags=flags, vfs=_NO_LOCKS)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    # Alone, SQLite needs no shared memory.
    connection.pragma("locking_mode", "exclusive")
    return connection


def _is_void(path: Path, before: Mark) -> bool:
    """Whether what was read without locks may be half of one state and half of another."""
    locked = before[1] is not None and path.with_name(path.name + "-shm").exists()
    return not locked and mark(path) != before


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
