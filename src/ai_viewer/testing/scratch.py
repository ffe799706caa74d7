"""A store in memory, filled by the real ingest, and emptied by rolling back what was written.

    with ingesting(adapter, root) as scratch:
        scratch.ingest()                       # all that is new below root, as `ingest --once` does
        scratch.dump()

Making a store takes longer than reading a small session; so there is one, made when it is first
needed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from ai_viewer import pricing
from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Adapter
from ai_viewer.config import SourceRoot
from ai_viewer.ingest.progress import Progress, Summary
from ai_viewer.ingest.run import Engine
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.write import Writer
from ai_viewer.testing.dump import Dump, dump


class Scratch:
    """An empty store and one source, for one reading of it after another."""

    def __init__(self, connection: apsw.Connection, source: SourceRoot, times: int) -> None:
        self.connection = connection
        self.writer = _RepeatingWriter(connection, times)
        self.source = source

    def ingest(self) -> Summary:
        """Read all that is new in the source."""
        engine = Engine(self.writer, (self.source,), _silently)
        try:
            return engine.read_all()
        finally:
            engine.close()

    @property
    def written(self) -> int:
        """How many rows have been written, ever; a row written again counts again."""
        return self.connection.total_changes()

    def dump(self, *leave_out: str) -> Dump:
        """Return the whole store as plain values; see `ai_viewer.testing.dump`."""
        return dump(self.connection, *leave_out)


class _RepeatingWriter(Writer):
    """Applies everything so many times."""

    def __init__(self, connection: apsw.Connection, times: int) -> None:
        super().__init__(connection, pricing.quote)
        self.times = times

    def apply(self, batches: Sequence[FileBatch]) -> None:
        for _ in range(self.times):
            super().apply(batches)


@contextmanager
def ingesting(adapter: Adapter, root: Path, times: int = 1) -> Iterator[Scratch]:
    """Give a store in which nothing is, for what ``adapter`` reads below ``root``.

    The adapter need not be installed: meanwhile it stands among `ADAPTERS`. Each batch of rows is
    written so many ``times``.
    """
    connection = _store()
    before = ADAPTERS.get(adapter.name)
    ADAPTERS[adapter.name] = adapter
    connection.execute("SAVEPOINT scratch")
    try:
        yield Scratch(connection, SourceRoot(adapter.name, root), times)
    finally:
        connection.execute("ROLLBACK TO scratch; RELEASE scratch")
        if before is None:
            del ADAPTERS[adapter.name]
        else:
            ADAPTERS[adapter.name] = before


@functools.cache
def _store() -> apsw.Connection:
    return database.open_writer(Path(":memory:"))


def _silently(_: Progress) -> None:
    """Report nothing."""
