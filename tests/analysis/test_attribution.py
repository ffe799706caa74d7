"""Where the time went: every instant counts once; see `ai_viewer.analysis.attribution`."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis.attribution import ACTIVITY, Activity, Busy, Split, split
from ai_viewer.model import OpKind


def test_nothing_known_is_idle() -> None:
    assert split(10, 30, []) == Split(idle=20)


def test_an_empty_window_has_no_time() -> None:
    assert split(10, 10, [("llm", 0, 20)]) == Split()


def test_one_after_another_each_has_its_own_time() -> None:
    ops = [("compaction", 0, 1), ("llm", 1, 3), ("tool", 3, 6), ("session", 6, 10)]
    assert split(0, 15, ops) == Split(compaction=1, model=2, tool=3, agent=4, idle=5)


def test_two_tools_at_once_are_counted_once() -> None:
    assert split(0, 10, [("tool", 0, 6), ("tool", 4, 10), ("tool", 5, 6)]) == Split(tool=10)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(list(Activity)[:-1], 2)))
def test_of_two_at_once_the_first_counts(first: Activity, second: Activity) -> None:
    """A tool that runs while the model still answers costs no time; a sub-agent is what its tools leave."""
    kinds = {activity: kind for kind, activity in ACTIVITY.items()}
    parts = split(0, 10, [(kinds[second], 0, 8), (kinds[first], 2, 5)])
    assert (parts[first], parts[second], parts.idle) == (3, 5, 2)


def test_reasoning_within_a_call_is_model_time_once() -> None:
    assert split(0, 10, [("llm", 0, 10), ("reasoning", 2, 7)]) == Split(model=10)


def test_what_runs_beyond_the_window_counts_within_it_only() -> None:
    assert split(10, 20, [("tool", 5, 12), ("session", 18, 99), ("llm", 30, 40)]) == Split(
        tool=2, agent=2, idle=6
    )


def test_every_kind_of_op_is_some_activity() -> None:
    assert set(ACTIVITY) == set(OpKind)


OPS = st.lists(st.tuples(st.sampled_from(list(OpKind)), st.integers(-5, 40), st.integers(-5, 40)), max_size=8)


@given(start=st.integers(0, 30), length=st.integers(0, 30), ops=OPS)
def test_it_is_what_asking_every_instant_gives(start: int, length: int, ops: list[Busy]) -> None:
    parts = [0] * len(Activity)
    for instant in range(start, start + length):
        now = [ACTIVITY[kind] for kind, began, ended in ops if began <= instant < ended]
        parts[min(now, default=Activity.IDLE)] += 1
    assert split(start, start + length, ops) == tuple(parts)
    assert sum(split(start, start + length, reversed(ops))) == length
