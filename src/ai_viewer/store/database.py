"""Open the store, for the one writer or for a reader. The only place that names SQLite settings."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import filelock
import msgspec

from ai_viewer.errors import StoreError, StoreLockedError, StoreVersionError
from ai_viewer.store import migrations

BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 65_536
STATEMENTS_KEPT = 500
"""Of the writer: more than it has."""


class WriterInfo(msgspec.Struct, frozen=True):
    """Who writes the store; kept beside it while it does."""

    pid: int


def open_reader(path: Path) -> apsw.Connection:
    """Open the store read-only.

    Raises:
        StoreError: if there is no store at ``path`` or it is no SQLite file.
        StoreVersionError: if it has another version's schema.
    """
    missing = StoreError(f"{path}: no store there yet; run `ai-viewer ingest --once` to make one")
    if not path.exists():
        raise missing
    with _explained(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        _configure(connection)
        connection.pragma("query_only", True)
        version = migrations.version(connection)
    if version != migrations.SCHEMA_VERSION:
        connection.close()
        # Version 0 is a store that is being made at this moment.
        raise StoreVersionError(version_message(path, version)) if version else missing
    return connection


def open_writer(path: Path) -> apsw.Connection:
    """Open the store for writing; make it, or bring it to this version's schema, where needed.

    Call it only within `writer_lock`.

    Raises:
        StoreError: if it cannot be made or is no SQLite file.
        StoreVersionError: if a newer ai-viewer wrote it.
    """
    with _explained(path):
        connection = apsw.Connection(str(path), statementcachesize=STATEMENTS_KEPT)
        _configure(connection)
        # First of all: another program's database must not be touched.
        version = migrations.version(connection)
        if version > migrations.SCHEMA_VERSION:
            connection.close()
            raise StoreVersionError(version_message(path, version))
        # Readers and the writer must not block each other.
        connection.pragma("journal_mode", "wal")
        # A power cut may lose the last transactions, which are then read again; never the file.
        connection.pragma("synchronous", "normal")
        migrations.migrate(connection, path)
    return connection


def version_message(path: Path, version: int) -> str:
    """Say that the store at ``path`` has another schema ``version``, and what to do."""
    ours = migrations.SCHEMA_VERSION
    if version > ours:
        advice = "a newer ai-viewer wrote it; update this one (pip install --upgrade ai-viewer)"
    else:
        advice = "run `ai-viewer ingest --once` to bring it up to date (a backup is made first)"
    return f"{path}: its schema is version {version}, this ai-viewer needs version {ours}: {advice}"


@contextlib.contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Be the store's one writer.

    Raises:
        StoreLockedError: if another process is; it is named.
        StoreError: if the store's folder cannot be made.
    """
    info_path = _beside(path, ".writer")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot make the store's folder: {error.strerror}") from error
    lock = filelock.FileLock(_beside(path, ".lock"))
    try:
        # Longer than `writer` ever holds it to look.
        lock.acquire(timeout=0.3, poll_interval=0.02)
    except filelock.Timeout:
        info = _read_info(info_path)
        who = f"process {info.pid}" if info else "another process"
        raise StoreLockedError(
            f"{path}: {who} is writing this store; stop it, or name another with --db"
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: cannot write there: {error.strerror}") from error
    try:
        info_path.write_bytes(msgspec.json.encode(WriterInfo(os.getpid())))
        yield
    finally:
        info_path.unlink(missing_ok=True)
        lock.release()


def writer(path: Path) -> WriterInfo | None:
    """Return who writes the store now, if anyone does."""
    info = _read_info(_beside(path, ".writer"))
    if info is None:
        return None
    # A killed writer leaves its file behind but not its lock.
    try:
        with filelock.FileLock(_beside(path, ".lock"), blocking=False):
            return None
    except (filelock.Timeout, OSError):
        return info


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _read_info(path: Path) -> WriterInfo | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=WriterInfo)
    except (OSError, msgspec.DecodeError):
        return None


def _configure(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("cache_size", -CACHE_KIB)
    connection.pragma("temp_store", "memory")
    # A mistyped column in double quotes is an error, not a text.
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreError(
            f"{path}: not an ai-viewer store, or damaged ({error}); name another with --db"
        ) from error
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError, apsw.PermissionsError) as error:
        raise StoreError(f"{path}: cannot be opened ({error})") from error


def one(connection: apsw.Connection, sql: str, bindings: Any = ()) -> Any:
    """Return the first row's only value, or ``None`` if there is no row."""
    return connection.execute(sql, bindings).get


def rows(connection: apsw.Connection, sql: str, bindings: Any = ()) -> list[tuple[Any, ...]]:
    """Return all rows."""
    return connection.execute(sql, bindings).fetchall()


def row(connection: apsw.Connection, sql: str, bindings: Any = ()) -> tuple[Any, ...] | None:
    """Return the first row, or ``None`` if there is none."""
    return connection.execute(sql, bindings).fetchone()
