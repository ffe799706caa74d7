"""What a turn waited for: its critical path, and each op's time of its own.

The path is walked backwards from the end: to what finished last, from its start to what had
finished last by then, and so on. What ran beside it made the turn no longer.

    model     ####        ###
    tool A        ##                 beside B: not on the path
    tool B        ######
    path      mmmmBBBBBB..mmm        two dots: nothing ran
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ai_viewer.analysis.attribution import merged
from ai_viewer.model import Micros, OpKind


class Span(NamedTuple):
    """An op of known duration; ``parent`` is the op that asked for it or that it is a part of."""

    seq: int
    parent: int | None
    kind: str
    start: Micros
    end: Micros


class Section(NamedTuple):
    """A part of the path: op ``seq`` was waited for; ``None``: nothing is known to have run."""

    seq: int | None
    start: Micros
    end: Micros


def self_times(spans: Iterable[Span]) -> dict[int, Micros]:
    """Return each op's duration without the time in which parts of it ran, by seq.

    >>> self_times([Span(1, None, "llm", 0, 10), Span(2, 1, "reasoning", 2, 5), Span(3, 1, "tool", 4, 99)])
    {1: 2, 2: 3, 3: 95}
    """
    found = list(spans)
    parts: dict[int, list[Span]] = defaultdict(list)
    for span in found:
        if span.parent is not None:
            parts[span.parent].append(span)
    times = {}
    for span in found:
        within = (_clipped(part, span.start, span.end) for part in parts[span.seq])
        busy = merged((part.start, part.end) for part in within)
        times[span.seq] = span.end - span.start - sum(ended - began for began, ended in busy)
    return times


def background(spans: Sequence[Span]) -> set[int]:
    """Return the sub-agents that the model did not wait for: it was called again while they ran."""
    calls = sorted(span.start for span in spans if span.kind == OpKind.LLM)
    found = set()
    for span in spans:
        if span.kind == OpKind.SESSION:
            following = bisect_right(calls, span.start)
            if following < len(calls) and calls[following] < span.end:
                found.add(span.seq)
    return found


def critical_path(start: Micros, end: Micros, spans: Iterable[Span]) -> list[Section]:
    """Return what was waited for from ``start`` to ``end``, section by section, without gap or overlap.

    A sub-agent in the background is on the path only if nothing finished later.
    """
    clipped = (_clipped(span, start, end) for span in spans)
    known = {span.seq: span for span in clipped if span.start < span.end}
    aside = background(list(known.values()))
    last = max((span.end for span in known.values()), default=end)
    known = {seq: span for seq, span in known.items() if seq not in aside or span.end == last}
    parts: dict[int | None, list[Span]] = defaultdict(list)
    for span in known.values():
        parts[_owner(span, known)].append(span)
    return _walk(None, start, end, parts)[::-1]


def _walk(
    owner: int | None, start: Micros, end: Micros, parts: Mapping[int | None, Sequence[Span]]
) -> list[Section]:
    """The path through ``owner``, from ``end`` back to ``start``: last section first."""
    clipped = (_clipped(span, start, end) for span in parts.get(owner, ()))
    mine = {span.seq: span for span in clipped if span.start < span.end}
    waiting = sorted(mine.values(), key=lambda span: (span.end, -span.start, -span.seq))
    sections: list[Section] = []
    now = end
    asker: Span | None = None
    while now > start:
        if asker is not None and asker.start < now < asker.end:
            # The model was still answering when it asked for what came then.
            span = asker._replace(end=now)
        else:
            while waiting and waiting[-1].end > now:
                waiting.pop()
            if not waiting:
                sections.append(Section(owner, start, now))
                break
            span = waiting.pop()
        if span.end < now:
            sections.append(Section(owner, span.end, now))
        sections += _walk(span.seq, span.start, span.end, parts)
        now = span.start
        asker = mine.get(span.parent) if span.parent is not None else None
    return sections


def _owner(span: Span, known: Mapping[int, Span]) -> int | None:
    """The nearest op above ``span`` within which all of it lies."""
    passed = {span.seq}
    above = span.parent
    while above is not None and above in known and above not in passed:
        other = known[above]
        if other.start <= span.start and span.end <= other.end:
            return above
        passed.add(above)
        above = other.parent
    return None


def _clipped(span: Span, start: Micros, end: Micros) -> Span:
    return span._replace(start=max(span.start, start), end=min(span.end, end))
