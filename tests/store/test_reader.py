"""Reading goes on beside writing, and never for long."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.errors import NotFoundError, StoreError, StoreVersionError
from ai_viewer.store import database, sessions
from ai_viewer.store.reader import BusyError, Reader, SlowQueryError
from tests.pictures import Store

FOREVER = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    made = Reader(store.path, connections=2, seconds=0.2)
    yield made
    made.close()


def count(reader: Reader) -> int:
    with reader.snapshot() as connection:
        return sessions.count(connection)


def test_a_block_sees_one_moments_state(store: Store, reader: Reader) -> None:
    """What is written meanwhile is seen by the next one."""
    store.add("a: A\n    1: llm")
    with reader.snapshot() as connection:
        assert sessions.count(connection) == 1
        store.add("b: B\n    1: llm")
        assert sessions.count(connection) == 1
    assert count(reader) == 2


def test_a_question_that_takes_too_long_is_given_up(reader: Reader) -> None:
    """The connection is as good as before."""
    with pytest.raises(SlowQueryError, match=r"longer than 0\.2 s"), reader.snapshot() as connection:
        database.one(connection, FOREVER)
    assert [count(reader) for _ in range(3)] == [0, 0, 0]


def test_no_connection_becoming_free_is_told(reader: Reader) -> None:
    """Rather than waited for without end."""
    with reader.snapshot(), reader.snapshot(), pytest.raises(BusyError), reader.snapshot():
        pass
    assert count(reader) == 0


def test_trouble_of_sqlites_is_the_stores(reader: Reader) -> None:
    """No caller needs to know SQLite."""
    with pytest.raises(StoreError, match="cannot be read"), reader.snapshot() as connection:
        database.one(connection, "SELECT * FROM nothing")


def test_other_errors_pass_through_and_leave_the_connection_free(reader: Reader) -> None:
    """As often as they like."""
    for _ in range(5):
        with pytest.raises(NotFoundError), reader.snapshot():
            raise NotFoundError("no")
    assert count(reader) == 0


def test_closing_interrupts_what_is_being_asked(store: Store) -> None:
    """The end of the server does not wait for a slow question."""
    reader = Reader(store.path, connections=1, seconds=30)
    asking = threading.Event()
    failed: list[Exception] = []

    def ask() -> None:
        try:
            with reader.snapshot() as connection:
                asking.set()
                database.one(connection, FOREVER)
        except SlowQueryError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    asking.wait()
    reader.close()
    thread.join(10)
    assert failed


def test_a_store_that_is_made_anew_is_opened_anew(tmp_path: Path) -> None:
    """Without a new server."""
    (tmp_path / "first").mkdir()
    first = Store(tmp_path / "first" / "s.db")
    first.add("a: A\n    1: llm\nb: B\n    1: llm")
    reader = Reader(first.path)
    assert count(reader) == 2
    first.close()
    shutil.rmtree(tmp_path / "first")
    with pytest.raises(StoreError, match="no store there yet"):
        count(reader)
    (tmp_path / "first").mkdir()
    second = Store(first.path)
    second.add("c: C\n    1: llm")
    assert count(reader) == 1
    second.close()
    reader.close()


def test_a_store_of_another_version_is_refused(store: Store) -> None:
    """With what to do about it."""
    store.writing.execute("UPDATE schema_meta SET version = 999")
    with pytest.raises(StoreVersionError, match="newer ai-viewer"):
        Reader(store.path).check()


def test_no_store_is_no_answer(tmp_path: Path) -> None:
    """Nor is one made by asking."""
    with pytest.raises(StoreError, match="ingest --once"):
        Reader(tmp_path / "none.db").check()
    assert list(tmp_path.iterdir()) == []
