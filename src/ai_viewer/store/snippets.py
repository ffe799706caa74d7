"""The part of a text that shows why it was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from ai_viewer.store.views_search import Snippet
from ai_viewer.store.words import Finder, Text

SNIPPET_CHARACTERS = 300
_BEFORE = 60
"""Characters shown before the first place, if there is more text."""
_PLACES = 100
"""Places of each term that are looked at."""
_UNSHOWN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]")


def snippet(text: Text, finders: Sequence[Finder]) -> Snippet:
    """Return at most `SNIPPET_CHARACTERS` around the place where most terms stand together.

    Line breaks and control characters are shown as spaces.
    """
    places = sorted(
        (text.place(start), text.place(end), number)
        for number, finder in enumerate(finders)
        for start, end in islice(finder.find(text), _PLACES)
    )
    start = _best_start(places)
    start = max(0, min(start - _BEFORE, len(text.text) - SNIPPET_CHARACTERS))
    end = min(len(text.text), start + SNIPPET_CHARACTERS)
    marks: list[tuple[int, int]] = []
    reached = start
    for first, last, _ in places:
        first, last = max(first, reached), min(last, end)  # noqa: PLW2901 - cut to what is shown
        if first < last:
            marks.append((first - start, last - first))
            reached = last
    return Snippet(
        text=_UNSHOWN.sub(" ", text.text[start:end]), marks=marks, offset=start, more=end < len(text.text)
    )


def _best_start(places: Sequence[tuple[int, int, int]]) -> int:
    best, most = 0, 0
    last = 0
    inside: dict[int, int] = {}
    for start, _, _ in places:
        while last < len(places) and places[last][1] <= start + SNIPPET_CHARACTERS - _BEFORE:
            number = places[last][2]
            inside[number] = inside.get(number, 0) + 1
            last += 1
        present = sum(count > 0 for count in inside.values())
        if present > most:
            best, most = start, present
        number = next(place[2] for place in places if place[0] == start)
        if inside.get(number):
            inside[number] -= 1
    return best if most or not places else places[0][0]
