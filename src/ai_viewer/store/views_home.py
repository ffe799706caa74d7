"""What the store answers to open with; as in `ai_viewer.store.views`, no field has a default."""

from __future__ import annotations

import enum

from ai_viewer.model import OpKind, OpStatus, SessionStatus
from ai_viewer.store.views import Backfill, SessionLink, View
from ai_viewer.store.views_stats import Series


class LiveState(enum.StrEnum):
    """What a session that has not ended is up to.

    ``working``: it or an agent that it started was written to within the last five minutes, and its
    last turn goes on. ``waiting``: its last turn has ended, so it is the human's turn. ``silent``: its
    turn goes on, but nothing is heard; something long may run, or wait for a permission.
    """

    WORKING = "working"
    WAITING = "waiting"
    SILENT = "silent"


class LiveOp(View, frozen=True, kw_only=True):
    """The op that a session began last."""

    turn: int
    seq: int
    kind: OpKind
    status: OpStatus
    name: str | None
    start_ts: int | None


class LiveSession(View, frozen=True, kw_only=True):
    """A session at work, or waiting for its human: one that another has started is told of with that."""

    session: SessionLink
    state: LiveState
    project: str | None
    model: str | None
    started_at: int | None
    last_at: int | None
    """When it, or an agent that it started, was last heard of."""
    idle_us: int | None
    op: LiveOp | None
    context_percent: float | None
    """Of its last model call that tells it."""
    cost_usd: float
    """With all that it started, here and below."""
    unpriced_calls: int
    agents_working: int
    """Agents that it started, however deep, which were written to within the last five minutes."""
    lane: str
    """What it did in the last 15 minutes, a character for each 10 s, oldest first: ``m`` a model call,
    ``t`` a tool, ``a`` an agent, ``c`` a compaction, ``f`` something that failed, ``.`` nothing known."""


class RecentSession(View, frozen=True, kw_only=True):
    """A session in short."""

    session: SessionLink
    project: str | None
    model: str | None
    status: SessionStatus
    active: bool
    last_at: int | None
    turns: int
    failures: int
    cost_usd: float
    unpriced_calls: int


class CostlySession(View, frozen=True, kw_only=True):
    """A session that cost much, by itself, in the time asked for, and what for."""

    session: SessionLink
    cost_usd: float
    unpriced_calls: int
    share: float | None
    """Of all that was spent in the time."""
    llm_calls: int
    tokens: int
    cache_hit_share: float | None
    model: str
    """The model for which most was spent."""
    model_share: float
    """Its share of the session's cost."""
    last_at: int | None


class FrequentFailure(View, frozen=True, kw_only=True):
    """A group of failures in short, as in `FailureGroup`; the newest is linked."""

    key: str
    kind: OpKind
    name: str | None
    error_class: str | None
    signature: str
    count: int
    recovered: int
    sessions: int
    session: SessionLink
    turn: int
    seq: int
    at: int | None


class DaySums(View, frozen=True, kw_only=True):
    """What was done from the beginning of a day to a time of it, to the quarter of an hour."""

    since: int
    until: int
    sessions: int
    ops: int
    failures: int
    tokens: int
    cache_hit_share: float | None
    cost_usd: float
    unpriced_calls: int


class IngestState(View, frozen=True, kw_only=True):
    """Whether what is shown is up to date, as `GET /api/health` tells more of."""

    status: str
    reasons: list[str]
    ingesting: bool
    lag_us: int
    errors: int
    sources: int
    """Folders in which agents' sessions were found."""
    backfill: Backfill | None


class Home(View, frozen=True, kw_only=True):
    """What runs now, what was spent on a day, what broke, and what needs a look.

    The day is today, up to now, unless another one is asked for. ``before`` is the same weekday a week
    earlier, up to the same time of the day.
    """

    tz: str
    now: int
    day: str
    """The day that ``today``, ``spend``, ``failures`` and ``top_sessions`` are about: ``2026-01-31``."""
    newest: str | None
    """The last day on which anything is known to have been done; ``None``: nothing is known at all."""
    live: list[LiveSession]
    """Latest activity first, at most ten."""
    working: int
    waiting: int
    silent: int
    """How many there are of each state, shown or not."""
    today: DaySums
    before: DaySums
    spend: Series
    """Today's cost by hour, of the models that cost most."""
    failures: list[FrequentFailure]
    """Of today, at most five."""
    top_sessions: list[CostlySession]
    """Those that cost most today, at most five."""
    recent: list[RecentSession]
    """At most eight that no other session has started, latest activity first."""
    ingest: IngestState
