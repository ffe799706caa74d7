"""The sessions behind a number: as many as the statistics count, for every question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.model import OpKind
from ai_viewer.query import QueryError, parse
from ai_viewer.store import sessions
from ai_viewer.store.series import heatmap
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.stats import stats
from ai_viewer.store.sums import Metric, Work
from ai_viewer.store.worked import Worked, narrowing
from ai_viewer.store.zones import Zone
from tests.pictures import NOON, SECOND, Store

DAY = 86_400 * SECOND

PICTURE = """
    root: Fix the parser
        1: llm Read Bash! >child
        2: llm Bash
    child < root Explore: Look around
        1: llm llm? Read
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add(PICTURE)
    made.add("late: Late\n    1: llm Read\nplain: Plain\n    1: llm", at=NOON + 2 * DAY)
    yield made
    made.close()


def listed(store: Store, worked: Worked) -> set[str]:
    page = sessions.page(
        store.reader,
        SessionFilter(),
        now=NOON + 3 * DAY,
        limit=2,
        narrowing=narrowing(store.reader, worked),
    )
    found = {row.native_id for row in page.sessions}
    while page.next is not None:
        page = sessions.page(
            store.reader,
            SessionFilter(),
            now=NOON + 3 * DAY,
            limit=2,
            cursor=page.next,
            narrowing=narrowing(store.reader, worked),
        )
        found |= {row.native_id for row in page.sessions}
    assert page.total == len(found)
    return found


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (Work(), {"root", "child", "late", "plain"}),
        (Work(since=NOON + DAY), {"late", "plain"}),
        (Work(until=NOON + DAY, tool="Read"), {"root", "child"}),
        (Work(since=NOON + DAY, kind=OpKind.TOOL), {"late"}),
        (Work(sessions=SessionFilter(agent="main"), tool="Read"), {"root", "late"}),
        (Work(sessions=SessionFilter(agent="main"), tool="Read", tree=True), {"root", "child", "late"}),
    ],
)
def test_the_list_has_the_sessions_that_the_statistics_count(
    store: Store, work: Work, expected: set[str]
) -> None:
    assert listed(store, Worked(work=work)) == expected
    assert stats(store.reader, work=work).totals.sessions == len(expected)


def test_an_hour_of_the_week_has_the_sessions_of_its_cell(store: Store) -> None:
    rows = heatmap(store.reader, Metric.SESSIONS, Work(), Zone("UTC")).rows
    for hour, number in enumerate(number for row in rows for number in row):
        assert len(listed(store, Worked(hour=hour, tz="UTC"))) == number


def test_failures_are_asked_of_the_same_work(store: Store) -> None:
    assert listed(store, Worked(failures=True)) == {"root"}
    assert listed(store, Worked(work=Work(tool="Bash"), failures=True)) == {"root"}
    assert listed(store, Worked(work=Work(tool="Read"), failures=True)) == set()


def test_what_has_no_price_is_found(store: Store) -> None:
    counted = stats(store.reader, work=Work()).totals.unpriced_calls
    found = listed(store, Worked(unpriced=True))
    assert bool(counted) == bool(found)
    assert all(
        stats(store.reader, work=Work(sessions=SessionFilter(text=name))).totals.unpriced_calls
        for name in found
    )


def test_only_what_asks_for_work_narrows_a_list() -> None:
    assert not Worked(work=Work(sessions=SessionFilter(agent="main"))).anything
    assert Worked(work=Work(tool="Read")).anything
    assert Worked(failures=True).anything
    assert not msgspec.structs.replace(Worked(), tz="Europe/Berlin").anything


@pytest.mark.parametrize(
    ("asked", "sessions", "ops"),
    [
        ("tool:read", {"root", "child", "late"}, 3),
        ("tool:R*,Bash", {"root", "child", "late"}, 5),
        ("-tool:read", {"root", "child", "late", "plain"}, 9),
        ("model:opus -tool:Bash", {"root", "child", "late", "plain"}, 5),
        ("tool:unknown", set(), 0),
    ],
)
def test_ops_are_asked_for_in_the_language_of_the_search(
    store: Store, asked: str, sessions: set[str], ops: int
) -> None:
    """Sums and the sessions behind them are about the same ops."""
    work = Work(ops=parse(asked))
    told = stats(store.reader, work=work).totals
    assert listed(store, Worked(work=work)) == sessions
    assert (told.sessions, told.ops) == (len(sessions), ops)
    assert told.time is None


def test_what_sums_are_not_parted_by_is_refused(store: Store) -> None:
    for asked in ("dur:>3s", "word", "project:x"):
        with pytest.raises(QueryError):
            stats(store.reader, work=Work(ops=parse(asked)))
