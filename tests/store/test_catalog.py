"""Catalogs: everything that was used, with all that is known about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.errors import NotFoundError
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    Rank,
    SessionFacts,
    SessionStarted,
    Usage,
)
from ai_viewer.store.catalog import DAYS, CatalogKind, catalog, detail
from ai_viewer.store.pressure import pressure
from ai_viewer.store.stats import stats
from ai_viewer.store.sums import By, Work
from ai_viewer.store.zones import Zone
from tests.pictures import NOON, SECOND, Store, batch

DAY = 86_400 * SECOND
UTC = Zone("UTC")

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
    made.add("late: Late\n    1: llm Read", at=NOON + 2 * DAY)
    yield made
    made.close()


@pytest.mark.parametrize("kind", CatalogKind)
def test_a_catalog_has_the_sums_of_statistics(store: Store, kind: CatalogKind) -> None:
    by = By(kind.value.removesuffix("s"))
    rows = catalog(store.reader, kind, Work(), UTC, now=NOON + 2 * DAY).rows
    groups = {group.key: group for group in stats(store.reader, by).groups}
    assert [row.name for row in rows] == list(groups)
    for row in rows:
        group = msgspec.to_builtins(groups[row.name])
        del group["key"]
        told = msgspec.to_builtins(row)
        assert {field: told[field] for field in group} == group


def test_a_row_tells_of_the_last_days_and_of_durations(store: Store) -> None:
    rows = catalog(store.reader, CatalogKind.TOOLS, Work(), UTC, now=NOON + 3 * DAY, with_durations=True).rows
    read = rows[0]
    assert (read.name, read.ops, read.sessions) == ("Read", 3, 3)
    assert len(read.days) == DAYS
    assert read.days[-4:] == [2, 0, 1, 0]
    assert read.durations is not None
    assert (read.durations.n, read.durations.p95_us) == (3, SECOND)
    assert read.time is None
    assert catalog(store.reader, CatalogKind.TOOLS, Work(), UTC, now=NOON).rows[0].durations is None


def test_durations_of_agents_are_their_sessions(store: Store) -> None:
    rows = {row.name: row for row in catalog(store.reader, CatalogKind.AGENTS, Work(), UTC, now=NOON).rows}
    assert set(rows) == {"main", "Explore"}
    explore = rows["Explore"].durations
    assert explore is not None
    assert (explore.n, explore.max_us) == (1, 3 * SECOND)
    assert rows["Explore"].time is not None


@pytest.mark.parametrize(
    ("kind", "name", "ops", "errors"),
    [
        (CatalogKind.TOOLS, "Bash", 2, 1),
        (CatalogKind.MODELS, "opus", 4, 0),
        (CatalogKind.MODELS, "nobody-knows", 1, 0),
        (CatalogKind.AGENTS, "Explore", 3, 0),
        (CatalogKind.AGENTS, "main", 8, 1),
        (CatalogKind.PROJECTS, "/home/dev/root", 6, 1),
        (CatalogKind.PROVIDERS, "anthropic", 5, 0),
    ],
)
def test_a_detail_is_about_one_alone(
    store: Store, kind: CatalogKind, name: str, ops: int, errors: int
) -> None:
    told = detail(store.reader, kind, name, Work(), UTC, now=NOON + 2 * DAY)
    assert (told.row.name, told.row.ops) == (name, ops)
    assert sum(group.count for group in told.errors) == errors == told.row.failures
    assert sum(row.value for row in told.sessions) == ops
    assert sum(told.cost_usd) == pytest.approx(told.row.cost_usd)
    assert sum(told.failures) == errors
    assert len(told.buckets) == DAYS
    assert len(told.slowest) == min(ops, 10)


def test_there_is_no_detail_of_what_was_never_used(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no tool 'Hammer'"):
        detail(store.reader, CatalogKind.TOOLS, "Hammer", Work(), UTC, now=NOON)


def test_a_tools_namespace_is_told_if_it_has_but_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "n.db")
    tools = [("Bash", "shell"), ("Bash", "shell"), ("search", "mcp:a"), ("search", "mcp:b"), ("Odd", None)]
    events: list[Event] = [SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())]
    events += [
        OpStarted(session="s", turn=1, seq=seq, kind=OpKind.TOOL, name=name, namespace=namespace, ts=NOON)
        for seq, (name, namespace) in enumerate(tools, start=1)
    ]
    store.writer.apply([batch(events, "s.jsonl")])
    rows = catalog(store.reader, CatalogKind.TOOLS, Work(), UTC, now=NOON).rows
    assert {row.name: row.namespace for row in rows} == {"Bash": "shell", "search": None, "Odd": None}
    store.close()


def test_how_full_the_context_became(tmp_path: Path) -> None:
    """Of each turn and session the fullest call; one whose window is not known is told apart."""
    store = Store(tmp_path / "c.db")
    calls: dict[str, list[tuple[int, int | None, int | None]]] = {
        "calm": [(1, 40_000, 200_000), (2, 50_000, 200_000)],
        "full": [(1, 10_000, 100_000), (1, 80_100, 100_000), (2, 80_000, 100_000), (3, 95_500, 100_000)],
        "over": [(1, 120, 100)],
        "dark": [(1, None, None)],
    }
    for session, some in calls.items():
        events: list[Event] = [SessionStarted(session=session, rank=Rank.TRANSCRIPT, facts=SessionFacts())]
        for seq, (turn, used, limit) in enumerate(some, start=1):
            events += [
                OpStarted(session=session, turn=turn, seq=seq, kind=OpKind.LLM, model="m", ts=NOON),
                OpFinalized(
                    session=session,
                    turn=turn,
                    seq=seq,
                    ts=NOON + SECOND,
                    status=OpStatus.COMPLETED,
                    usage=Usage(used or 0, 0, 0, 0, 0, 0),
                    context_used=used,
                    context_max=limit,
                ),
            ]
        store.writer.apply([batch(events, f"{session}.jsonl")])
    told = pressure(store.reader, Work())
    steps = {(step.from_percent, step.to_percent): (step.turns, step.sessions) for step in told.steps}
    assert {step: numbers for step, numbers in steps.items() if numbers[0]} == {
        (20, 30): (2, 1),
        (80, 90): (2, 0),
        (90, 100): (1, 1),
        (100, None): (1, 1),
    }
    assert [(row.session.id, row.peak_percent, row.turns) for row in told.sessions] == [
        ("claude_code:over", 120.0, 1),
        ("claude_code:full", 95.5, 2),
    ]
    assert (told.pressed, told.unknown_sessions) == (2, 1)
    assert pressure(store.reader, Work(), above_percent=95, limit=1).pressed == 2
    assert pressure(store.reader, Work(until=NOON - DAY)).sessions == []
    store.close()
