"""What changed since when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.model import TurnStarted
from ai_viewer.store import changes
from tests.pictures import NOON, SECOND, Store, batch, draw


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def test_nothing_has_changed_in_an_empty_store(store: Store) -> None:
    """Its number is 0, and that is a good place to begin."""
    assert changes.newest(store.reader) == 0
    assert changes.since(store.reader, 0) == changes.Changes(0, [], False)
    assert changes.reaches(store.reader, 0)
    assert not changes.reaches(store.reader, 1)


def test_each_session_is_named_once_with_its_ancestors(store: Store) -> None:
    """In the order of their last change."""
    store.add("a: A\n    1: llm\nb < a: B\n    1: llm")
    start = changes.newest(store.reader)
    store.add("c: C\n    1: llm")
    store.add("b < a: B\n    2: llm")
    store.add("b < a: B\n    3: llm")
    found = changes.since(store.reader, start)
    assert sorted(found.sessions) == ["claude_code:a", "claude_code:b", "claude_code:c"]
    assert found.sessions[0] == "claude_code:c"
    assert found.last == changes.newest(store.reader)
    assert found.sources


def test_a_change_of_sources_alone_names_no_session(store: Store) -> None:
    """A file is gone, say."""
    store.add("a: A\n    1: llm")
    start = changes.newest(store.reader)
    store.writer.mark_missing("claude_code", "/home/dev/.agents", ["a.jsonl"])
    found = changes.since(store.reader, start)
    assert (found.sessions, found.sources) == ([], True)


def test_what_was_dropped_cannot_be_told_any_more(store: Store) -> None:
    """Nor what has not happened yet."""
    for turn in range(1, 6):
        store.add(f"a: A\n    {turn}: llm")
    store.writing.execute("DELETE FROM change WHERE id <= 2")
    assert [changes.reaches(store.reader, after) for after in (-1, 0, 1, 2, 5, 6)] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_revision_never_falls_when_old_notices_are_dropped(store: Store) -> None:
    """It may grow without need, which costs a client one more look."""
    store.add("a: A\n    1: llm")
    before = changes.revision(store.reader, 1)
    store.add("b: B\n    1: llm")
    assert changes.revision(store.reader, 1) == before
    store.writing.execute("DELETE FROM change WHERE id <= ?", (before,))
    assert changes.revision(store.reader, 1) >= before


def test_a_notice_tells_the_first_turn_that_it_is_about(store: Store) -> None:
    """Of an ancestor, of which only the totals change, none."""
    store.add("a: A\n    1: llm\n    2: llm\nb < a: B\n    1: llm")
    start = changes.newest(store.reader)
    store.add("b < a: B\n    3: llm", at=NOON + 100 * SECOND)
    assert changes.first_turns(store.reader, start) == {1: None, 2: 3}
    start = changes.newest(store.reader)
    store.add("b < a: B\n    4: llm", at=NOON + 200 * SECOND)
    assert changes.first_turns(store.reader, start) == {1: None, 2: 4}


def test_a_notice_is_about_a_neighbour_whose_time_changed(store: Store) -> None:
    """A turn ends where the next begins."""
    store.add("a: A\n    1: llm llm llm")
    start = changes.newest(store.reader)
    store.writer.apply([batch([TurnStarted(session="a", turn=2, ts=NOON + SECOND)], "a.jsonl")])
    assert changes.first_turns(store.reader, start) == {1: 1}


def test_a_file_that_is_told_anew_is_news_from_the_beginning(store: Store) -> None:
    """Whatever it told before may be gone."""
    store.add("a: A\n    1: llm\n    2: llm")
    start = changes.newest(store.reader)
    (told,) = draw("a: A\n    2: llm")
    told.reset = True
    store.writer.apply([told])
    assert changes.first_turns(store.reader, start) == {1: 0}
