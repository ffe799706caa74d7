"""Notices: the agents' own in a session tree, and what the ingest could not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.model import LogEntry, Rank, SessionFacts, SessionStarted, Severity, SourceError
from ai_viewer.store import logs
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.views import SessionLog
from tests.pictures import NOON, SECOND, Store, batch

TREE = """
    s: Top
        1: log llm log
    c < s Explore: Below
        1: log
    other: Something else
        1: log
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def entry(n: int, severity: Severity, at: int | None = NOON, session: str = "s") -> LogEntry:
    return LogEntry(session=session, turn=0, n=n, ts=at, severity=severity, name="hook", message=f"log {n}")


def told(found: list[SessionLog]) -> list[tuple[str, int]]:
    return [(log.session.removeprefix("claude_code:"), log.n) for log in found]


def test_a_trees_notices_come_in_order_of_time_with_their_place(store: Store) -> None:
    store.add(TREE)
    found = logs.logs(store.reader, "claude_code:s").logs
    assert told(found) == [("s", 1), ("s", 2), ("c", 1)]
    assert (found[2].agent, found[2].turn, found[2].message) == ("Explore", 1, "log 1")
    assert told(logs.logs(store.reader, "claude_code:s", tree=False).logs) == [("s", 1), ("s", 2)]


def test_only_those_at_least_as_severe_are_told(store: Store) -> None:
    head = SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())
    entries = [entry(n, severity) for n, severity in enumerate(Severity, 1)]
    store.writer.apply([batch([head, *entries], "s.jsonl")])
    for least, severity in enumerate(Severity, 1):
        found = logs.logs(store.reader, "claude_code:s", severity=severity).logs
        assert [log.n for log in found] == list(range(least, len(Severity) + 1))


@settings(max_examples=25, deadline=None)
@given(times=st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=12), limit=st.integers(1, 5))
def test_pages_tell_each_notice_once_whatever_their_times(
    tmp_path_factory: pytest.TempPathFactory, times: list[int | None], limit: int
) -> None:
    made = Store(tmp_path_factory.mktemp("store") / "store.db")
    head = SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())
    entries = [
        entry(n, Severity.INFO, None if time is None else NOON + time * SECOND)
        for n, time in enumerate(times, 1)
    ]
    made.writer.apply([batch([head, *entries], "s.jsonl")])
    found: list[SessionLog] = []
    cursor = None
    while True:
        page = logs.logs(made.reader, "claude_code:s", cursor=cursor, limit=limit)
        assert len(page.logs) <= limit
        found += page.logs
        cursor = page.next
        if cursor is None:
            break
    made.close()
    assert sorted(log.n for log in found) == list(range(1, len(times) + 1))
    known = [log.ts for log in found if log.ts is not None]
    assert known == sorted(known)


def test_a_cursor_is_good_for_its_question_only(store: Store) -> None:
    store.add(TREE)
    cursor = logs.logs(store.reader, "claude_code:s", limit=1).next
    with pytest.raises(CursorError):
        logs.logs(store.reader, "claude_code:s", severity=Severity.ERROR, cursor=cursor)


def test_a_session_nobody_read_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        logs.logs(store.reader, "claude_code:none")
    with pytest.raises(NotFoundError):
        logs.ingest_errors(store.reader, session_id="claude_code:none")


def damaged(path: str, *offsets: int, format_name: str = "claude_code") -> FileBatch:
    head = SessionStarted(session=path, rank=Rank.TRANSCRIPT, facts=SessionFacts())
    problems = [SourceError(offset=place, error_class="not JSON", message=f"at {place}") for place in offsets]
    return batch([head, entry(1, Severity.INFO, session=path), *problems], path, format_name=format_name)


def test_what_could_not_be_read_is_paged_by_file_and_place(store: Store) -> None:
    store.writer.apply([damaged("a.jsonl", 10, 5), damaged("b.jsonl", 0)])
    first = logs.ingest_errors(store.reader, limit=2)
    rest = logs.ingest_errors(store.reader, limit=2, cursor=first.next)
    assert [(error.path, error.offset) for error in (*first.errors, *rest.errors)] == [
        ("a.jsonl", 5),
        ("a.jsonl", 10),
        ("b.jsonl", 0),
    ]
    assert rest.next is None


def test_it_is_asked_for_by_source_or_session(store: Store) -> None:
    store.writer.apply([damaged("a", 1), damaged("b", 2), damaged("c", 3, format_name="codex")])

    def places(**question: str) -> list[int]:
        return [error.offset for error in logs.ingest_errors(store.reader, **question).errors]  # type: ignore[arg-type]

    assert places(format_name="codex") == [3]
    assert places(session_id="claude_code:b") == [2]
    assert places(root="/elsewhere") == []
    assert places() == [1, 2, 3]
