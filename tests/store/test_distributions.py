"""How sessions and calls are spread: everything is in one step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.query import parse
from ai_viewer.store import sessions
from ai_viewer.store.distributions import COSTS, DURATIONS, TOKENS, distributions, of_calls, spread
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import Work
from tests.pictures import NOON, SECOND, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add("a: A\n    1: llm Read Bash Bash Grep\nb: B\n    1: llm\nc: C\n    1: llm? Read")
    yield made
    made.close()


@given(st.lists(st.integers(0, 10**16)), st.sampled_from([DURATIONS, COSTS, TOKENS]))
def test_every_value_is_in_one_step(values: list[int], bounds: tuple[int, ...]) -> None:
    told = spread(values, bounds)
    assert told.none + sum(step.n for step in told.steps) == len(values)
    for step in told.steps:
        inside = [
            value for value in values if 0 < value >= step.low and (step.high is None or value < step.high)
        ]
        assert step.n == len(inside)
    assert [step.high for step in told.steps[:-1]] == [step.low for step in told.steps[1:]]
    assert not told.steps or (told.steps[0].n > 0 and told.steps[-1].n > 0)


def test_a_step_of_sessions_is_a_list_of_them(store: Store) -> None:
    told = distributions(store.reader, Work())
    assert told.sessions == 3
    for step in told.busy_us.steps:
        asked = f"dur:>={int(step.low)}us" + ("" if step.high is None else f" dur:<{int(step.high)}us")
        page = sessions.page(store.reader, SessionFilter(query=parse(asked)), now=NOON)
        assert page.total == step.n
    assert told.cost_usd.none + sum(step.n for step in told.cost_usd.steps) == 3


def test_only_sessions_with_the_work_are_spread(store: Store) -> None:
    assert distributions(store.reader, Work(tool="Read")).sessions == 2
    assert distributions(store.reader, Work(since=NOON + 86_400 * SECOND)).sessions == 0


def test_calls_are_spread_by_their_durations(store: Store) -> None:
    told = of_calls(store.reader, Work(tool="Bash"))
    assert [(step.low, step.high, step.n) for step in told.steps] == [(SECOND, 3 * SECOND, 2)]
