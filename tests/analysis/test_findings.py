"""Planted sessions with known findings; see `ai_viewer.analysis.findings`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis import findings
from ai_viewer.analysis.findings import STALL_US, FindingKind, Op, Turn

MINUTE = 60_000_000


def op(seq: int, kind: str = "tool", name: str = "Bash", **more: Any) -> Op:
    values = {
        "turn": 1, "status": "completed", "model": "opus" if kind == "llm" else None, "duration": None,
        "cost": None, "fresh": 0, "cached": 0, "written": 0, "context_used": None, "context_max": None,
    }  # fmt: skip
    return Op(seq=seq, kind=kind, name=name, **{**values, **more})


def call(seq: int, **more: Any) -> Op:
    return op(seq, "llm", "call", **{"cost": 10, "context_used": 1, **more})


def by_turn(*ops: Op) -> dict[int, list[Op]]:
    found = defaultdict(list)
    for one in ops:
        found[one.turn].append(one)
    return found


class TestAStall:
    def test_is_a_model_call_or_tool_of_more_than_five_minutes(self) -> None:
        found = findings.stall(
            [
                op(1, duration=STALL_US),
                op(2, duration=6 * MINUTE),
                call(3, duration=9 * MINUTE),
                op(4, "session", duration=99 * MINUTE),
            ]
        )
        assert found is not None
        assert (found.seq, found.count, found.name, found.duration) == (3, 2, "opus", 9 * MINUTE)

    def test_is_none_if_all_were_quick_or_of_unknown_duration(self) -> None:
        assert findings.stall([op(1, duration=STALL_US), op(2)]) is None


class TestARepeatedCall:
    def test_is_the_same_tool_with_the_same_input_in_one_turn(self) -> None:
        found = findings.repeated_call(
            by_turn(
                op(1, input=7), op(2, input=7), op(3, name="Read", input=7), op(4, input=7), op(5, input=8)
            )
        )
        assert found is not None
        assert (found.seq, found.count, found.name) == (4, 3, "Bash")

    def test_is_none_if_spread_over_turns_or_if_inputs_are_not_known(self) -> None:
        assert findings.repeated_call(by_turn(op(1, input=7), op(2, input=7), op(3, turn=2, input=7))) is None
        assert findings.repeated_call(by_turn(op(1), op(2), op(3))) is None


class TestRetries:
    def test_cost_the_calls_from_the_first_failure_to_the_last_attempt(self) -> None:
        found = findings.retries(
            by_turn(
                call(1),
                op(2, status="failed"),
                call(3),
                op(4, name="Read"),
                call(5),
                op(6, status="failed"),
                call(7),
                op(8),
                call(9),
            )
        )
        assert found is not None
        assert (found.seq, found.count, found.cost) == (2, 2, 30)

    def test_that_end_with_the_turn_count_as_well(self) -> None:
        found = findings.retries(by_turn(op(1, status="failed"), call(2), op(3, status="failed"), call(4)))
        assert found is not None
        assert (found.count, found.cost) == (2, 10)

    def test_of_model_calls_are_a_chain_too(self) -> None:
        found = findings.retries(by_turn(call(1, status="failed"), call(2, status="failed"), call(3)))
        assert found is not None
        assert (found.seq, found.name, found.count) == (1, "opus", 2)

    def test_are_none_after_one_failure_or_with_a_success_between(self) -> None:
        assert findings.retries(by_turn(op(1, status="failed"), op(2), op(3, status="failed"))) is None
        assert findings.retries(by_turn(op(1, status="failed"), op(2, name="Read", status="failed"))) is None


class TestAFullContext:
    def test_is_told_of_the_fullest_call(self) -> None:
        found = findings.full_context(
            [call(n, context_used=used, context_max=100) for n, used in enumerate((80, 81, 95))]
        )
        assert found is not None
        assert (found.seq, found.count, found.share) == (2, 2, 0.95)

    def test_is_not_known_without_the_windows_size(self) -> None:
        assert findings.full_context([call(1, context_used=10**9)]) is None


class TestCacheMisses:
    def test_are_a_burst_if_calls_in_a_row_read_little_of_what_was_cached(self) -> None:
        found = findings.cache_misses(
            [call(1, written=10_000), *(call(n, cached=100, fresh=9_900, written=9_900) for n in (2, 3, 4))]
        )
        assert found is not None
        assert (found.seq, found.count, found.tokens, found.cost) == (2, 3, 29_700, 30)

    @pytest.mark.parametrize(
        "between",
        [call(3, cached=10_000), op(3, "compaction"), call(3, model="haiku", cached=0)],
        ids=["a hit", "a compaction", "another model"],
    )
    def test_are_none_if_something_explains_or_interrupts_them(self, between: Op) -> None:
        misses = [call(n, cached=0, fresh=9_000) for n in (2, 4, 5)]
        if between.model == "haiku":
            misses[1:] = []
        assert findings.cache_misses([call(1, written=10_000), misses[0], between, *misses[1:]]) is None

    def test_are_none_where_nothing_is_cached(self) -> None:
        assert findings.cache_misses([call(n, fresh=50_000) for n in range(9)]) is None


class TestTheExtremes:
    def test_need_something_to_compare_with(self) -> None:
        assert findings.slowest_tool([op(1, duration=5)]) is None
        assert findings.priciest_turn([Turn(1, 5, 0), Turn(2, 0, 0)]) is None
        assert findings.longest_wait([Turn(1, 5, 0)]) is None

    def test_are_found(self) -> None:
        slow = findings.slowest_tool([op(1, duration=5), op(2, duration=7), call(3, duration=99)])
        assert slow is not None
        assert (slow.seq, slow.duration) == (2, 7)
        pricey = findings.priciest_turn([Turn(1, 5, 0), Turn(2, 9, 0)])
        assert pricey is not None
        assert (pricey.turn, pricey.cost) == (2, 9)
        wait = findings.longest_wait([Turn(1, 0, 0), Turn(2, 0, 3), Turn(3, 0, 2)])
        assert wait is not None
        assert (wait.turn, wait.duration, wait.count) == (2, 3, 2)


@given(
    st.lists(
        st.builds(
            op,
            seq=st.integers(1, 99),
            kind=st.sampled_from(["llm", "tool", "session", "compaction", "reasoning"]),
            turn=st.integers(0, 3),
            status=st.sampled_from(["completed", "failed", "running"]),
            duration=st.none() | st.integers(0, 2 * STALL_US),
            cost=st.none() | st.integers(0, 99),
            cached=st.integers(0, 9_999),
            written=st.integers(0, 9_999),
            context_used=st.none() | st.integers(0, 100),
            context_max=st.none() | st.just(100),
            input=st.none() | st.integers(0, 1),
        ),
        unique_by=lambda one: one.seq,
    )
)
def test_each_finding_is_about_something_that_is_there(ops: list[Op]) -> None:
    found = findings.find(ops, [Turn(1, 5, 5), Turn(2, 6, 0)])
    places = {one.seq: one.turn for one in ops}
    assert [finding.kind for finding in found] == sorted(
        {finding.kind for finding in found}, key=list(FindingKind).index
    )
    for finding in found:
        assert finding.seq is None or places[finding.seq] == finding.turn
        assert finding.count >= 1
