"""What the store answers about a session tree in time; as in `ai_viewer.store.views`, without defaults."""

from __future__ import annotations

from ai_viewer.model import OpKind
from ai_viewer.store.views import SessionLink, View


class TimelineBar(View, frozen=True, kw_only=True):
    """Ops of known duration in one row of a lane: one, or several too near to each other to be told apart.

    ``kind`` is that of the longest of them; ``turn`` and ``seq`` are the first one's.
    """

    row: int
    kind: OpKind
    start_ts: int
    end_ts: int
    turn: int
    seq: int
    ops: int
    failures: int


class Lane(View, frozen=True, kw_only=True):
    """What one session of the tree did: ``rows`` rows of bars, as much as was at work side by side.

    ``parent`` is the place in ``lanes`` of the one that started it. ``work_us`` is the time in which
    a model call, tool or compaction of its own ran, each instant once.
    """

    session: SessionLink
    parent: int | None
    depth: int
    start_ts: int | None
    end_ts: int | None
    work_us: int
    cost_usd: float
    unpriced_calls: int
    ops: int
    rows: int
    bars: list[TimelineBar]


class LaneLink(View, frozen=True, kw_only=True):
    """The op of lane ``source`` that ran lane ``target``: when it called, and when that returned.

    ``turn`` and ``seq`` are none where no op is known to have run it. ``return_ts`` is none as long as
    it runs.
    """

    source: int
    target: int
    turn: int | None
    seq: int | None
    spawn_ts: int | None
    return_ts: int | None


class Timeline(View, frozen=True, kw_only=True):
    """A session and all that it started, side by side: a lane each, in order of the tree and of starts.

    Bars of a row begin at least ``step_us`` after each other. ``at_once`` are the greatest numbers of
    lanes at work at the same time, in each step from ``start_ts`` on. ``left_out`` lanes had no room.
    """

    start_ts: int | None
    end_ts: int | None
    step_us: int
    lanes: list[Lane]
    left_out: int
    links: list[LaneLink]
    at_once: list[int]
    most_at_once: int
    revision: int
