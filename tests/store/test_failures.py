"""Failures that differ in details only are one group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    Rank,
    SessionFacts,
    SessionStarted,
)
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.failures import EXAMPLES, TREND_STEPS, failures, signature
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import Work
from tests.pictures import NOON, SECOND, Store, batch


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def add(store: Store, session: str, *calls: tuple[str, str | None], at: int = NOON) -> None:
    """A session of tool calls: (tool, its error or None)."""
    events: list[Event] = [SessionStarted(session=session, rank=Rank.TRANSCRIPT, facts=SessionFacts())]
    for seq, (tool, error) in enumerate(calls, start=1):
        now = at + seq * SECOND
        events += [
            OpStarted(session=session, turn=1, seq=seq, kind=OpKind.TOOL, name=tool, ts=now),
            OpFinalized(
                session=session,
                turn=1,
                seq=seq,
                ts=now + SECOND,
                status=OpStatus.FAILED if error else OpStatus.COMPLETED,
                error_class="tool_error" if error else None,
                error_message=error,
            ),
        ]
    store.writer.apply([batch(events, f"{session}.jsonl")])


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("File /home/dev/a.py has not been read yet", "File … has not been read yet"),
        (r"open C:\Users\dev\a.txt: no such file", "open …: no such file"),
        ("Exit code 127\nfrobnicate: command not found", "Exit code 127"),
        ("exit code 1", "exit code 1"),
        ("Request failed with status code 403", "Request failed with status code 403"),
        ("no 'x' in \"y\" at line 12:7", "no … in … at line …"),
        ("request req_011CXoLzhgZytppE failed after 3.5s", "request … failed after …s"),
        ("commit 0123abcd is not e1b6f8ba-8ba7-44e8-8eca-51c2ea66cb8d", "commit … is not …"),
        ("\n\x1b[31m  ╭──────╮\n===== test session starts =====\n", "test session starts"),
        ('{"error": {"message": "overloaded", "code": 529}}', "overloaded"),
        ("Can't resolve https://example.com/a?b=c.", "Can't resolve …"),
        ("", ""),
    ],
)
def test_a_signature_is_the_message_without_its_details(message: str, told: str) -> None:
    assert signature(message) == told


def test_the_most_frequent_come_first_with_their_newest_examples(store: Store) -> None:
    add(store, "s", ("Edit", "File /a.py is gone"), ("Bash", "exit code 1"), ("Edit", "File /b/c.py is gone"))
    add(store, "t", *[("Edit", f"File /{n}.py is gone") for n in range(4)], at=NOON + 60 * SECOND)
    told = failures(store.reader, Work())
    assert [(group.name, group.signature, group.count, group.sessions) for group in told.groups] == [
        ("Edit", "File … is gone", 6, 2),
        ("Bash", "exit code 1", 1, 1),
    ]
    edit = told.groups[0]
    assert (edit.first_at, edit.last_at) == (NOON + SECOND, NOON + 64 * SECOND)
    assert len(edit.examples) == EXAMPLES
    assert [(one.session.id, one.turn, one.seq, one.message) for one in edit.examples[:2]] == [
        ("claude_code:t", 1, 4, "File /3.py is gone"),
        ("claude_code:t", 1, 3, "File /2.py is gone"),
    ]
    assert (told.total, told.failures, told.sessions) == (2, 7, 2)


def test_a_later_success_of_the_same_tool_in_the_same_session_is_a_recovery(store: Store) -> None:
    add(store, "s", ("Bash", "exit code 1"), ("Edit", None), ("Bash", None), ("Bash", "exit code 1"))
    add(store, "t", ("Bash", None), ("Read", None))
    told = failures(store.reader, Work())
    (group,) = told.groups
    assert (group.count, group.recovered, told.recovered) == (2, 1, 1)
    assert [(one.seq, one.recovered) for one in group.examples] == [(4, False), (1, True)]


def test_a_failure_that_another_session_shows_as_a_copy_counts_once(store: Store) -> None:
    store.add("a: A\n    1: llm=m1 Bash!\nb: B\n    1: llm=m1 Bash!")
    assert failures(store.reader, Work()).failures == 1


def test_pages_hold_each_group_once(store: Store) -> None:
    add(store, "s", *[(f"tool{n % 5}", "broken") for n in range(12)])
    seen = []
    cursor = None
    while True:
        page = failures(store.reader, Work(), cursor=cursor, limit=2)
        seen += [(group.name, group.count) for group in page.groups]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == [("tool0", 3), ("tool1", 3), ("tool2", 2), ("tool3", 2), ("tool4", 2)]
    assert [count for _, count in seen] == [3, 3, 2, 2, 2]
    cursor = failures(store.reader, Work(), limit=2).next
    with pytest.raises(CursorError):
        failures(store.reader, Work(tool="tool1"), cursor=cursor)


def test_only_the_failures_asked_for(store: Store) -> None:
    add(store, "s", ("Bash", "exit code 1"))
    add(store, "t", ("Bash", "exit code 1"), ("Edit", "gone"), at=NOON + 3600 * SECOND)

    def number(work: Work) -> int:
        return failures(store.reader, work).failures

    assert number(Work()) == 3
    assert number(Work(since=NOON + 1800 * SECOND)) == 2
    assert number(Work(tool="Bash")) == 2
    assert number(Work(sessions=SessionFilter(text="t"), tool="Edit")) == 1


def test_only_failures_are_read(store: Store) -> None:
    """And a look from a session's end backwards for a success: not its ops."""
    add(store, "s", *[("Read", None)] * 200, ("Bash", "exit code 1"), ("Bash", None))

    def steps() -> int:
        counted = 0

        def count() -> bool:
            nonlocal counted
            counted += 1
            return False

        store.reader.set_progress_handler(count, 1)
        failures(store.reader, Work())
        store.reader.set_progress_handler(None)
        return counted

    before = steps()
    add(store, "t", *[("Read", None)] * 2000)
    assert steps() < before + 200


def test_a_group_can_be_asked_for_with_all_its_failures(store: Store) -> None:
    add(store, "a", *[("Bash", f"Exit code 1: {n}") for n in range(7)], ("Read", "no such file"))
    first, _ = failures(store.reader, Work()).groups
    told = failures(store.reader, Work(), group=first.key, examples=100)
    assert [(group.key, group.count, len(group.examples)) for group in told.groups] == [(first.key, 7, 7)]
    assert failures(store.reader, Work(), group="none").groups == []


def test_a_trend_has_every_failure_once(store: Store) -> None:
    add(store, "a", ("Bash", "Exit code 1"), ("Read", "gone"), ("Bash", "Exit code 1"))
    told = failures(store.reader, Work())
    assert told.first_at is not None
    assert told.last_at is not None
    assert told.first_at < told.last_at
    for group in told.groups:
        assert sum(group.trend) == group.count
        assert len(group.trend) == TREND_STEPS
    assert told.groups[0].trend[0] == 1
    assert told.groups[0].trend[-1] == 1


def test_what_was_spent_in_vain_is_the_calls_that_failed_or_asked_for_it(store: Store) -> None:
    """A call that asked for two things that failed is spent once."""
    store.add("s: S\n    1: llm! llm Bash! Bash!")
    told = failures(store.reader, Work())
    by_kind = {group.kind: group for group in told.groups}
    assert by_kind[OpKind.LLM].cost_usd == pytest.approx(0.001)
    assert told.cost_usd == pytest.approx(sum({group.kind: group.cost_usd for group in told.groups}.values()))
