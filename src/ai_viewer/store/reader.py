"""Ask the store: a few read-only connections, one consistent view per answer, none for long.

    with reader.snapshot() as connection:
        page = sessions.page(connection, SessionFilter(format="codex"), now=now)

All that a block asks is answered from one moment's state of the store.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from ai_viewer.errors import StoreError
from ai_viewer.store import database

CONNECTIONS = 4
SECONDS = 5.0
"""How long a block may ask; then SQLite is interrupted."""
_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""


class SlowQueryError(StoreError):
    """The answer took too long and was given up."""


class BusyError(StoreError):
    """All connections stayed in use by other questions."""


class Reader:
    """A pool of read-only connections to the store at ``path``; safe to use from many threads.

    A store that is replaced by another file is noticed, and the new one opened.
    """

    def __init__(self, path: Path, *, connections: int = CONNECTIONS, seconds: float = SECONDS) -> None:
        self.path = path
        self.seconds = seconds
        self._closing = threading.Event()
        self._free: queue.LifoQueue[_Opened | None] = queue.LifoQueue()
        for _ in range(connections):
            self._free.put(None)

    def check(self) -> None:
        """Open the store once.

        Raises:
            StoreError: if there is none, or it is no store.
            StoreVersionError: if it has another version's schema.
        """
        with self.snapshot():
            pass

    @contextmanager
    def snapshot(self) -> Iterator[apsw.Connection]:
        """Lend a connection that sees one moment's state of the store.

        Raises:
            SlowQueryError: if the block is still asking after the time allowed.
            BusyError: if no connection became free in that time.
            StoreError: if the store cannot be opened or read.
        """
        try:
            opened = self._free.get(timeout=self.seconds)
        except queue.Empty:
            raise BusyError("all connections to the store are busy; try again") from None
        try:
            identity = _identity(self.path)
            if opened is not None and opened.identity != identity:
                _close(opened)
                opened = None
            if opened is None:
                opened = _Opened(database.open_reader(self.path), identity)
            yield from self._lend(opened.connection)
        finally:
            if self._closing.is_set():
                _close(opened)
                opened = None
            self._free.put(opened)

    def identity(self) -> tuple[int, int] | None:
        """Return which file the store is now: another one if it was replaced."""
        return _identity(self.path)

    def close(self) -> None:
        """Interrupt what is being asked, and close the connections."""
        self._closing.set()
        for _ in range(self._free.qsize()):
            try:
                _close(self._free.get_nowait())
            except queue.Empty:
                break

    def _lend(self, connection: apsw.Connection) -> Iterator[apsw.Connection]:
        deadline = time.monotonic() + self.seconds
        connection.set_progress_handler(lambda: self._closing.is_set() or time.monotonic() > deadline, _STEPS)
        try:
            connection.execute("BEGIN")
            yield connection
        except apsw.InterruptError as error:
            raise SlowQueryError(
                f"the question took longer than {self.seconds:g} s and was given up; narrow it"
            ) from error
        except apsw.Error as error:
            raise StoreError(f"{self.path}: cannot be read ({error})") from error
        finally:
            connection.set_progress_handler(None)
            if connection.in_transaction:
                connection.execute("ROLLBACK")


class _Opened:
    """A connection, and which file it opened."""

    def __init__(self, connection: apsw.Connection, identity: tuple[int, int] | None) -> None:
        self.connection = connection
        self.identity = identity


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _close(opened: _Opened | None) -> None:
    if opened is not None:
        opened.connection.close()
