"""Planted trees of ops with known answers; see `ai_viewer.analysis.path`."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis import attribution, path
from ai_viewer.analysis.path import Span, background, critical_path, self_times
from ai_viewer.model import OpKind

CASES = Path(__file__).parents[2] / "frontend" / "src" / "core" / "path-cases.json"
"""Trees and their paths, which the page finds by itself: ``[kind, parent, start, end]`` a span."""

# A turn: a call, two tools side by side, the call that reads both, and a sub-agent.
CALL = Span(1, None, "llm", 0, 4)
THINKING = Span(2, 1, "reasoning", 1, 3)
QUICK = Span(3, 1, "tool", 4, 6)
SLOW = Span(4, 1, "tool", 4, 10)
NEXT = Span(5, None, "llm", 12, 15)
AGENT = Span(6, 5, "session", 15, 30)


def seqs(start: int, end: int, *spans: Span) -> list[tuple[int | None, int, int]]:
    return [(section.seq, section.start, section.end) for section in critical_path(start, end, spans)]


@pytest.mark.parametrize("module", [attribution, path])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


class TestThePath:
    def test_takes_the_slower_of_two_side_by_side_and_shows_where_nothing_ran(self) -> None:
        assert seqs(0, 15, CALL, QUICK, SLOW, NEXT) == [(1, 0, 4), (4, 4, 10), (None, 10, 12), (5, 12, 15)]

    def test_goes_into_an_op_whose_parts_lie_within_it(self) -> None:
        assert seqs(0, 4, CALL, THINKING) == [(1, 0, 1), (2, 1, 3), (1, 3, 4)]

    def test_waits_for_a_sub_agent_in_the_foreground(self) -> None:
        assert seqs(10, 32, NEXT, AGENT) == [(None, 10, 12), (5, 12, 15), (6, 15, 30), (None, 30, 32)]

    def test_leaves_out_a_sub_agent_in_the_background(self) -> None:
        later = [Span(7, None, "llm", 16, 20), Span(8, 7, "tool", 20, 31)]
        assert seqs(12, 31, NEXT, AGENT, *later) == [
            (5, 12, 15),
            (None, 15, 16),
            (7, 16, 20),
            (8, 20, 31),
        ]

    def test_waits_for_one_in_the_background_that_ends_the_turn(self) -> None:
        assert seqs(12, 30, NEXT, AGENT, Span(7, None, "llm", 16, 20)) == [(5, 12, 15), (6, 15, 30)]

    def test_comes_from_the_call_that_was_still_answering_when_it_asked(self) -> None:
        early = Span(3, 1, "tool", 2, 9)
        assert seqs(0, 9, CALL, early) == [(1, 0, 2), (3, 2, 9)]

    def test_what_was_still_at_work_beside_is_not_waited_for(self) -> None:
        assert seqs(0, 20, Span(1, None, "tool", 0, 12), Span(2, None, "tool", 8, 20)) == [
            (None, 0, 8),
            (2, 8, 20),
        ]

    def test_is_cut_to_the_turn(self) -> None:
        assert seqs(5, 8, SLOW) == [(4, 5, 8)]

    def test_of_nothing_is_waiting(self) -> None:
        assert seqs(0, 5) == [(None, 0, 5)]
        assert seqs(5, 5, SLOW) == []

    def test_a_circle_of_parents_ends(self) -> None:
        assert seqs(0, 4, Span(1, 2, "tool", 0, 4), Span(2, 1, "tool", 2, 4)) == [(1, 0, 2), (2, 2, 4)]


class TestSelfTime:
    def test_leaves_out_what_parts_of_it_did(self) -> None:
        assert self_times([CALL, THINKING, QUICK, SLOW]) == {1: 2, 2: 2, 3: 2, 4: 6}

    def test_counts_parts_at_the_same_time_once(self) -> None:
        assert self_times([CALL, THINKING, Span(3, 1, "tool", 2, 9)])[1] == 1


def test_a_sub_agent_is_in_the_background_if_the_model_goes_on() -> None:
    assert background([NEXT, AGENT]) == set()
    assert background([NEXT, AGENT, Span(7, None, "llm", 16, 20)]) == {6}
    assert background([NEXT, AGENT, Span(7, None, "llm", 30, 40)]) == set()


@st.composite
def trees(draw: st.DrawFn) -> list[Span]:
    spans = []
    for seq in range(1, draw(st.integers(0, 8)) + 1):
        start = draw(st.integers(-5, 40))
        parent = draw(st.none() | st.integers(1, 8))
        kind = draw(st.sampled_from(OpKind))
        spans.append(Span(seq, parent, kind, start, start + draw(st.integers(0, 20))))
    return spans


@given(spans=trees(), start=st.integers(0, 20), length=st.integers(0, 30))
def test_sections_follow_each_other_without_gap_and_each_op_ran_then(
    spans: list[Span], start: int, length: int
) -> None:
    found = critical_path(start, start + length, spans)
    moments = [start, *(section.end for section in found)]
    assert [section.start for section in found] == moments[:-1]
    assert moments[-1] == start + length
    by_seq = {span.seq: span for span in spans}
    for section in found:
        assert section.start < section.end
        if section.seq is not None:
            span = by_seq[section.seq]
            assert span.start <= section.start < section.end <= span.end


@given(spans=trees())
def test_self_time_is_no_more_than_the_duration(spans: list[Span]) -> None:
    found = self_times(spans)
    assert all(0 <= found[span.seq] <= span.end - span.start for span in spans)


@pytest.mark.parametrize("case", json.loads(CASES.read_text(encoding="utf-8")))
def test_the_page_is_held_to_the_same_paths(case: dict[str, Any]) -> None:
    spans = [
        Span(seq, parent, kind, start, end)
        for seq, (kind, parent, start, end) in enumerate(case["spans"], start=1)
    ]
    assert [list(section) for section in seqs(case["start"], case["end"], *spans)] == case["path"]
