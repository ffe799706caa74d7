"""Of which changed sessions a client wants to hear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.model import SessionStatus
from ai_viewer.store.listening import Matching, Wanted, matching
from ai_viewer.store.sessions import SessionFilter
from tests.pictures import Store

NAMES = ["claude_code:c", "claude_code:s", "claude_code:other", "claude_code:nobody", "codex:s", "odd"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add("s: S\n    1: llm >c\nc < s Explore: C\n    1: Bash!\nother: O\n    1: llm")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(sessions=SessionFilter(format="claude_code")), ["c", "s", "other"]),
        (Wanted(sessions=SessionFilter(project="/home/dev/s")), ["s"]),
        (Wanted(sessions=SessionFilter(agent="Explore")), ["c"]),
        (Wanted(sessions=SessionFilter(parent="claude_code:s")), ["c"]),
        (Wanted(sessions=SessionFilter(roots=True)), ["s", "other"]),
        (Wanted(session="claude_code:s"), ["s"]),
        (Wanted(session="claude_code:s", tree=True), ["c", "s"]),
        (Wanted(session="claude_code:s", tree=True, sessions=SessionFilter(agent="Explore")), ["c"]),
        (Wanted(session="claude_code:nobody", tree=True), []),
        (Wanted(tree=True), ["c", "s", "other"]),
    ],
)
def test_they_are_told_in_the_order_given(store: Store, wanted: Wanted, told: list[str]) -> None:
    expected = Matching([f"claude_code:{name}" for name in told], [])
    assert matching(store.reader, NAMES, wanted) == expected


def test_what_may_have_been_wanted_before_is_told_apart(store: Store) -> None:
    wanted = Wanted(sessions=SessionFilter(status=SessionStatus.COMPLETED, agent="main"))
    assert matching(store.reader, NAMES, wanted) == Matching([], ["claude_code:s", "claude_code:other"])
    failed = Wanted(sessions=SessionFilter(failed=True))
    assert matching(store.reader, NAMES, failed) == Matching(
        ["claude_code:c"], ["claude_code:s", "claude_code:other"]
    )
