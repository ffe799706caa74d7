"""Spans side by side: which row each is drawn in, what one can see of them, how many there are at once.

tool A   ####              row 0
tool B     ######          row 1: A still runs
tool C          ####       row 0 again
at once  112221121110
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ai_viewer.analysis.attribution import Span
from ai_viewer.model import Micros


class Piece(msgspec.Struct, frozen=True):
    """An op of known duration, to be drawn."""

    seq: int
    turn: int
    kind: str
    start: Micros
    end: Micros
    failed: bool


class Bar(msgspec.Struct):
    """What is drawn: one op, or several that are too near to each other to be told apart.

    ``kind`` is that of the longest of them, ``seq`` and ``turn`` are the first one's.
    """

    row: int
    kind: str
    start: Micros
    end: Micros
    seq: int
    turn: int
    ops: int
    failures: int


def rows(spans: Sequence[Span], most: int) -> list[int]:
    """Return each span's row, of spans in order of their start: the first that is free, of ``most``.

    What finds none free goes to the last.

    >>> rows([(0, 4), (2, 8), (4, 9), (5, 6)], most=2)
    [0, 1, 0, 1]
    """
    free = list(range(most))
    busy: list[tuple[Micros, int]] = []
    found = []
    for start, end in spans:
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        row = heapq.heappop(free) if free else most - 1
        found.append(row)
        if row < most - 1 or all(other != row for _, other in busy):
            heapq.heappush(busy, (end, row))
    return found


def bars(pieces: Iterable[Piece], step: Micros, most_rows: int) -> list[Bar]:
    """Return what to draw of a lane: in each row, bars that begin at least ``step`` after each other."""
    ordered = sorted(pieces, key=lambda piece: (piece.start, piece.seq))
    places = rows([(piece.start, piece.end) for piece in ordered], most_rows)
    found: list[Bar] = []
    last: dict[int, Bar] = {}
    longest: dict[int, Micros] = {}
    for piece, row in zip(ordered, places, strict=True):
        bar = last.get(row)
        if bar is None or piece.start - bar.start >= step:
            bar = Bar(row, piece.kind, piece.start, piece.end, piece.seq, piece.turn, 0, 0)
            last[row] = bar
            longest[row] = piece.end - piece.start
            found.append(bar)
        elif piece.end - piece.start > longest[row]:
            bar.kind, longest[row] = piece.kind, piece.end - piece.start
        bar.end = max(bar.end, piece.end)
        bar.ops += 1
        bar.failures += piece.failed
    return found


def at_once(lanes: Iterable[Iterable[Span]], start: Micros, step: Micros, steps: int) -> list[int]:
    """Return the greatest number of lanes at work at the same time, in each of ``steps`` from ``start`` on.

    A lane's spans do not overlap each other.

    >>> at_once([[(0, 4), (9, 12)], [(2, 8)]], start=0, step=4, steps=3)
    [2, 1, 1]
    """
    events: list[tuple[Micros, int]] = []
    for spans in lanes:
        for began, ended in spans:
            events += [(began, 1), (ended, -1)]
    events.sort()
    found = [0] * steps
    count = 0
    for (now, change), (following, _) in pairwise(events):
        count += change
        if count and following > now:
            first, last = (now - start) // step, (following - 1 - start) // step
            for place in range(max(0, first), min(steps - 1, last) + 1):
                found[place] = max(found[place], count)
    return found
