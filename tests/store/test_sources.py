"""How much of the sources was read, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.model import Rank, SessionFacts, SessionStarted, SourceError, TurnStarted
from ai_viewer.store import sources
from ai_viewer.store.batch import FileState
from ai_viewer.store.views import OutcomeCount
from tests.pictures import ROOT, Store, batch, draw

PLACE = ("claude_code", ROOT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def write(
    store: Store, path: str, *, size: int, offset: int, mtime_ns: int = 1_000, error: str | None = None
) -> None:
    """A file that tells nothing but itself."""
    empty = batch([], path)
    state = FileState(path, 1, size, mtime_ns, offset, 0, 1, b"")
    store.writer.apply([msgspec.structs.replace(empty, file=state, error=error, counts={})])


def test_bytes_and_files_are_those_that_still_exist(store: Store) -> None:
    """Of a compressed file the offset says nothing about its bytes."""
    write(store, "whole.jsonl", size=1000, offset=1000, mtime_ns=5_000)
    write(store, "half.jsonl", size=1000, offset=400, mtime_ns=0)
    write(store, "packed.jsonl.zst", size=100, offset=900)
    write(store, "packed_half.jsonl.zst", size=100, offset=50, mtime_ns=0)
    write(store, "broken.jsonl", size=10, offset=0, error="cannot be read")
    write(store, "gone.jsonl", size=1000, offset=1000)
    store.writer.mark_missing(*PLACE, ["gone.jsonl"])
    [found] = sources.counts(store.reader)
    assert (found.files, found.bytes, found.bytes_read) == (5, 2210, 1500)
    assert (found.unreadable, found.last_seen) == (1, 5)


def test_a_collection_is_not_counted_beside_its_members(store: Store) -> None:
    """And one that cannot be read is unreadable all the same."""
    write(store, "notes.db", size=5000, offset=-1, mtime_ns=9_000, error="the database cannot be read")
    write(store, "notes.db/a", size=300, offset=300)
    write(store, "notes.db/b", size=200, offset=200)
    write(store, "snapshot.json.gz", size=100, offset=100)
    [found] = sources.counts(store.reader)
    assert (found.files, found.bytes, found.bytes_read, found.unreadable) == (3, 600, 600, 1)


def test_of_a_recent_member_its_collection_is_told(store: Store) -> None:
    """For that is what the file system shows."""
    store.writer.apply(
        [
            batch(
                [
                    SessionStarted(session="a", rank=Rank.TRANSCRIPT, facts=SessionFacts(last_at=5)),
                    TurnStarted(session="a", turn=1, ts=5),
                ],
                "x/notes.db/a",
            )
        ]
    )
    write(store, "x/notes.db", size=5000, offset=-1, mtime_ns=9_000)
    write(store, "y/notes.db", size=5000, offset=-1, mtime_ns=9_000)
    found = {file.path: file.collection for file in sources.recent_files(store.reader)}
    assert found == {"x/notes.db": True, "x/notes.db/a": False}


def test_sessions_are_those_that_the_source_tells(store: Store) -> None:
    """Not those that it merely names."""
    store.add("a < gone: A\n    1: llm\nb: B\n    1: llm")
    assert [found.sessions for found in sources.counts(store.reader)] == [2]


def test_records_are_counted_by_outcome_the_most_frequent_first(store: Store) -> None:
    """Over all files."""
    batches = draw("a: A\n    1: llm\nb: B\n    1: llm")
    store.writer.apply(
        [
            msgspec.structs.replace(one, counts={"mapped": 3, "unknown:x": 5, "malformed": 1})
            for one in batches
        ]
    )
    assert sources.outcomes(store.reader)[PLACE] == [
        OutcomeCount(outcome="unknown:x", records=10),
        OutcomeCount(outcome="mapped", records=6),
        OutcomeCount(outcome="malformed", records=2),
    ]


def test_the_newest_hundred_problems_are_told(store: Store) -> None:
    """Those of the file that was changed last first, the last one in it first of all."""
    for name, mtime in (("old", 1_000), ("new", 2_000)):
        problems = [
            SourceError(offset=offset, error_class="JSON", message="no", excerpt="{") for offset in range(70)
        ]
        told = SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=SessionFacts())
        made = batch([told, *problems], f"{name}.jsonl")
        file = msgspec.structs.replace(made.file, mtime_ns=mtime)
        store.writer.apply([msgspec.structs.replace(made, file=file)])
    found = sources.problems(store.reader)[PLACE]
    assert len(found) == sources.PROBLEMS_SHOWN
    assert [(problem.path, problem.offset) for problem in (found[0], found[69], found[70], found[99])] == [
        ("new.jsonl", 69),
        ("new.jsonl", 0),
        ("old.jsonl", 69),
        ("old.jsonl", 40),
    ]
    [counts] = sources.counts(store.reader)
    assert counts.errors == 140


def test_recent_files_are_those_of_the_sessions_active_last(store: Store) -> None:
    """As many as are looked at to tell how far behind the store is."""
    store.add("a: A\n    1: llm\nb: B\n    1: llm")
    assert {file.path for file in sources.recent_files(store.reader)} == {"a.jsonl", "b.jsonl"}


def test_the_oldest_files_of_sessions_are_those_that_go_next(store: Store) -> None:
    for name, mtime_us in (("old", 1_000), ("older", 500), ("new", 9_000)):
        drawn = draw(f"{name}: T\n    1: llm")[0]
        state = FileState(f"{name}.jsonl", 1, 100, mtime_us * 1_000, 100, 0, 1, b"")
        store.writer.apply([msgspec.structs.replace(drawn, file=state)])
    assert sources.oldest(store.reader, PLACE, 1_000) == (2, 500)
    assert sources.oldest(store.reader, PLACE, 0) == (0, 500)
    store.writer.mark_missing(*PLACE, ["older.jsonl"])
    assert sources.oldest(store.reader, PLACE, 1_000) == (1, 1_000)
    [found] = sources.counts(store.reader)
    assert (found.sessions, found.gone) == (3, 1)
