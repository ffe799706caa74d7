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
    edges: list[tuple[Micros, Activity, int]] = []
    for kind, began, ended in ops:
        low, high = max(began, start), min(ended, end)
        if low < high:
            activity = ACTIVITY[kind]
            edges += ((low, activity, 1), (high, activity, -1))
    edges.sort()
    running = [0] * len(Activity)
    running[Activity.IDLE] = 1
    parts = [0] * len(Activity)
    now = start
    for moment, activity, change in edges:
        if moment > now:
            parts[_first(running)] += moment - now
            now = moment
        running[activity] += change
    parts[_first(running)] += max(0, end - now)
    return Split(*parts)


def _first(running: list[int]) -> int:
    return next(activity for activity, count in enumerate(running) if count)
