"""Sums: each op once, in its group, and all groups together the whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.store import stats
from ai_viewer.store.sums import By
from ai_viewer.store.views_stats import StatsTotals
from tests.pictures import NOON, SECOND, Store

HOUR = 3600 * SECOND
SHARES = ("failure_share", "cache_hit_share", "cost_per_success_usd")
NOT_ADDED = {*SHARES, "mean_us", "context_peak", "first_at", "last_at", "time"}

PICTURE = """
    root: Fix the parser
        0: think
        1: llm Read Bash! >child
        2:
        3: llm=m1 Bash
    child < root Explore: Look around
        1: llm llm? Read
    copy: The same again
        1: llm=m1 Bash
"""


NOTHING = msgspec.convert(
    {
        field: None if field in {"first_at", "last_at", "busy_us", "time", "mean_us", *SHARES} else 0
        for field in StatsTotals.__struct_fields__
    },
    StatsTotals,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add(PICTURE)
    made.add("late: Late\n    1: llm", format_name="codex", at=NOON + 100 * HOUR)
    yield made
    made.close()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def groups(store: Store, by: By, field: str) -> dict[str, float]:
    return {group.key: getattr(group, field) for group in stats.stats(store.reader, by).groups}


def test_the_whole(store: Store) -> None:
    """Copies of another session's calls, and what belongs to them, count in nothing."""
    totals = stats.stats(store.reader).totals
    assert totals.time is not None
    assert totals.busy_us == 11 * SECOND
    assert msgspec.structs.replace(totals, busy_us=None, time=None) == StatsTotals(
        sessions=4,
        sessions_completed=0,
        sessions_failed=0,
        turns=5,  # the copied one is none, nor is the work before the first prompt
        ops=11,
        llm_calls=5,
        tool_calls=4,
        failures=1,
        tool_failures=1,
        failure_share=1 / 11,
        tokens=5675,
        tokens_in=500,
        tokens_out=50,
        tokens_reasoning=20,
        tokens_cache_read=5000,
        tokens_cache_write=125,
        tokens_cache_write_1h=25,
        cache_hit_share=5000 / 5625,
        cost_usd=0.004,
        unpriced_calls=1,
        unpriced_tokens=1135,
        cost_per_success_usd=0.001,
        timed_ops=11,
        duration_us=11 * SECOND,
        mean_us=SECOND,
        llm_duration_us=5 * SECOND,
        tool_duration_us=4 * SECOND,
        context_peak=0,
        first_at=NOON,
        last_at=NOON + 100 * HOUR,
        busy_us=None,
        time=None,
    )


def test_without_a_group_there_are_none(store: Store) -> None:
    """Groups come only when asked for."""
    assert stats.stats(store.reader).groups == []


def test_an_empty_store_sums_to_nothing(tmp_path: Path) -> None:
    """Zeros, not nulls."""
    empty = Store(tmp_path / "empty.db")
    for by in (None, *By):
        found = stats.stats(empty.reader, by)
        assert msgspec.structs.replace(found.totals, busy_us=None, time=None) == NOTHING
        assert found.groups == []
    empty.close()


@pytest.mark.parametrize("by", [By.SOURCE, By.AGENT, By.PROJECT, By.DAY])
def test_groups_of_all_ops_add_up_to_the_whole(store: Store, by: By) -> None:
    """Each op is in exactly one."""
    found = stats.stats(store.reader, by)
    apart = {"sessions", "turns"} if by is By.DAY else set()
    for field in set(StatsTotals.__struct_fields__) - NOT_ADDED - apart:
        assert sum(getattr(group, field) for group in found.groups) == pytest.approx(
            getattr(found.totals, field)
        ), field


def test_by_source_the_key_begins_with_the_format(store: Store) -> None:
    """Then comes the folder."""
    assert groups(store, By.SOURCE, "sessions") == {
        "claude_code:/home/dev/.agents": 3,
        "codex:/home/dev/.agents": 1,
    }


def test_by_model_only_model_calls_count(store: Store) -> None:
    """An unknown model has no price, and that is told."""
    assert groups(store, By.MODEL, "ops") == {"opus": 4, "nobody-knows": 1}
    assert groups(store, By.MODEL, "sessions") == {"opus": 3, "nobody-knows": 1}
    assert groups(store, By.MODEL, "unpriced_calls") == {"opus": 0, "nobody-knows": 1}
    assert groups(store, By.MODEL, "turns") == {"opus": 4, "nobody-knows": 1}


def test_by_tool_only_tool_calls_count(store: Store) -> None:
    """A sub-agent's run is none."""
    assert groups(store, By.TOOL, "tool_calls") == {"Bash": 2, "Read": 2}
    assert groups(store, By.TOOL, "tool_failures") == {"Bash": 1, "Read": 0}
    assert groups(store, By.TOOL, "sessions") == {"Bash": 1, "Read": 2}


def test_by_agent_the_main_one_has_a_name(store: Store) -> None:
    """It is called main."""
    assert groups(store, By.AGENT, "llm_calls") == {"main": 3, "Explore": 2}


def test_by_project_it_is_the_folder(store: Store) -> None:
    """With its whole path."""
    assert groups(store, By.PROJECT, "llm_calls") == {
        "/home/dev/root": 2,
        "/home/dev/child": 2,
        "/home/dev/copy": 0,
        "/home/dev/late": 1,
    }


@pytest.mark.usefixtures("berlin")
def test_a_day_is_one_of_this_machines_time_zone(tmp_path: Path) -> None:
    """A session that goes on over midnight belongs to both days, with each day's ops."""
    store = Store(tmp_path / "days.db")
    before_midnight = NOON + 11 * HOUR - 2 * SECOND  # 22:59:58 UTC is 23:59:58 there
    store.add("s: S\n    1: llm Read llm Read\n    2:", at=before_midnight)
    assert groups(store, By.DAY, "ops") == {"2026-01-01": 2, "2026-01-02": 2}
    assert groups(store, By.DAY, "sessions") == {"2026-01-01": 1, "2026-01-02": 1}
    assert groups(store, By.DAY, "turns") == {"2026-01-01": 1, "2026-01-02": 2}
    store.close()


def test_days_come_in_order_other_groups_by_their_number_of_ops(store: Store) -> None:
    """As one reads them."""
    days = [group.key for group in stats.stats(store.reader, By.DAY).groups]
    assert days == sorted(days)
    assert [group.key for group in stats.stats(store.reader, By.PROJECT).groups] == [
        "/home/dev/root",
        "/home/dev/child",
        "/home/dev/late",
        "/home/dev/copy",
    ]
