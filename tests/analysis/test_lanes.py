"""Spans side by side; see `ai_viewer.analysis.lanes`."""

from __future__ import annotations

import doctest
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis import lanes
from ai_viewer.analysis.attribution import merged
from ai_viewer.analysis.lanes import Piece, at_once, bars, rows

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))).map(
    lambda pairs: sorted((start, start + length) for start, length in pairs)
)


def piece(seq: int, start: int, end: int, kind: str = "tool", *, failed: bool = False) -> Piece:
    return Piece(seq, 1, kind, start, end, failed)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(lanes).failed == 0


@given(spans)
def test_spans_in_one_row_do_not_overlap_while_there_are_rows(found: list[tuple[int, int]]) -> None:
    placed = list(zip(rows(found, most=1000), found, strict=True))
    for row in {row for row, _ in placed}:
        mine = [span for place, span in placed if place == row]
        assert all(one[1] <= other[0] for one, other in pairwise(mine))


@given(spans)
def test_there_are_no_more_rows_than_run_at_once(found: list[tuple[int, int]]) -> None:
    """Of spans with an extent; one of none takes a row for itself at most."""
    wide = [span for span in found if span[0] < span[1]]
    most = max((sum(start <= now < end for start, end in wide) for now in range(90)), default=0)
    assert max(rows(wide, most=1000), default=-1) + 1 == most


@given(spans, st.integers(1, 30), st.integers(1, 5))
def test_bars_hold_every_op_and_begin_a_step_apart(
    found: list[tuple[int, int]], step: int, most: int
) -> None:
    drawn = bars([piece(n, *span, failed=n % 2 == 0) for n, span in enumerate(found)], step, most)
    assert sum(bar.ops for bar in drawn) == len(found)
    assert sum(bar.failures for bar in drawn) == (len(found) + 1) // 2
    for row in range(most):
        starts = [bar.start for bar in drawn if bar.row == row]
        assert all(other - one >= step for one, other in pairwise(starts))


def test_a_bar_is_of_the_kind_of_its_longest_op() -> None:
    (bar,) = bars([piece(1, 0, 2, "llm"), piece(2, 2, 7), piece(3, 7, 9, "llm")], step=10, most_rows=3)
    assert (bar.kind, bar.seq, bar.start, bar.end) == ("tool", 1, 0, 9)


@given(st.lists(spans, max_size=4), st.integers(1, 20))
def test_how_many_are_at_work_at_once_is_what_counting_each_instant_gives(
    found: list[list[tuple[int, int]]], step: int
) -> None:
    apart = [merged(lane) for lane in found]
    counted = [
        sum(any(start <= now < end for start, end in lane) for lane in apart) for now in range(step * 10)
    ]
    assert at_once(apart, 0, step, 10) == [max(counted[n * step : n * step + step]) for n in range(10)]
