"""Where the time went: each instant of a turn belongs to exactly one activity.

    instant      0    5    10   15   20
    model        ####|    |    |
    two tools        |####|### |         at the same time: counted once
    sub-agent        |    |####|####|    the tool comes first
                 model tool tool agent

So the parts of a turn are together its time, however much ran at once.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from ai_viewer.model import Micros, OpKind


class Activity(enum.IntEnum):
    """What is going on; of several at once the first."""

    COMPACTION = 0
    MODEL = 1
    TOOL = 2
    AGENT = 3
    IDLE = 4
    """Nothing is known to run."""


ACTIVITY: Mapping[str, Activity] = MappingProxyType(
    {
        OpKind.COMPACTION: Activity.COMPACTION,
        OpKind.LLM: Activity.MODEL,
        OpKind.REASONING: Activity.MODEL,
        OpKind.TOOL: Activity.TOOL,
        OpKind.SYSTEM: Activity.TOOL,
        OpKind.INTERNAL: Activity.TOOL,
        OpKind.SESSION: Activity.AGENT,
    }
)
"""What goes on while an op of a kind runs."""

Busy: TypeAlias = tuple[str, Micros, Micros]
"""An op's kind, start and end."""


Span: TypeAlias = tuple[Micros, Micros]
"""Start and end."""


class Split(NamedTuple):
    """Microseconds by activity; together they are the window."""

    compaction: int = 0
    model: int = 0
    tool: int = 0
    agent: int = 0
    idle: int = 0


def split(start: Micros, end: Micros, ops: Iterable[Busy]) -> Split:
    """Divide the time from ``start`` to ``end`` between the activities of ``ops``, in any order.

    >>> split(0, 20, [("llm", 0, 5), ("tool", 5, 10), ("tool", 6, 13), ("session", 10, 18)])
    Split(compaction=0, model=5, tool=8, agent=5, idle=2)
    """
    by_activity: dict[Activity, list[Span]] = defaultdict(list)
    for kind, began, ended in ops:
        if began < end and ended > start:
            by_activity[ACTIVITY[kind]].append((max(began, start), min(ended, end)))
    parts = dict.fromkeys(Activity, 0)
    together: list[Span] = []
    before = 0
    for activity in sorted(by_activity):
        # What it adds to the time in which those before it ran.
        together = merged(together + by_activity[activity])
        now = sum(ended - began for began, ended in together)
        parts[activity] = now - before
        before = now
    parts[Activity.IDLE] = max(0, end - start) - before
    return Split(*parts.values())


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the time that the spans cover, in order and without overlap.

    >>> merged([(8, 9), (0, 4), (3, 6), (6, 7)])
    [(0, 7), (8, 9)]
    """
    found: list[Span] = []
    for began, ended in sorted(spans):
        if found and began <= found[-1][1]:
            if ended > found[-1][1]:
                found[-1] = (found[-1][0], ended)
        elif began < ended:
            found.append((began, ended))
    return found
