"""What the store answers about many sessions at once: sums, series, catalogs, failures.

As in `ai_viewer.store.views`: times are microseconds since the epoch (UTC), durations
microseconds, money US dollars, and no field has a default. Copies of other sessions' work
(replays) count in nothing. ``None`` is "nothing to tell it from": a share of no calls, the
first use of what was never used at a known time.
"""

from __future__ import annotations

from ai_viewer.model import OpKind, OpStatus
from ai_viewer.store.views import SessionLink, TimeSplit, View


class StatsTotals(View, frozen=True, kw_only=True):
    """Sums over ops, and over the sessions and turns that they belong to.

    ``tokens`` is the sum of input, output, cache read and cache write, which are disjoint;
    ``tokens_reasoning`` is a part of the output, ``tokens_cache_write_1h`` of the cache write.
    ``cost_usd`` is the sum of the known prices: ``unpriced_calls`` have none, and had
    ``unpriced_tokens``.
    """

    sessions: int
    sessions_completed: int
    sessions_failed: int
    """Sessions that ended in failure as their source tells; a failed op alone does not count."""
    turns: int
    ops: int
    llm_calls: int
    tool_calls: int
    failures: int
    tool_failures: int
    failure_share: float | None
    """Failed ops of all ops."""
    tokens: int
    tokens_in: int
    tokens_out: int
    tokens_reasoning: int
    tokens_cache_read: int
    tokens_cache_write: int
    tokens_cache_write_1h: int
    cache_hit_share: float | None
    """Tokens read from the cache, of all that was given to models to read."""
    cost_usd: float
    unpriced_calls: int
    unpriced_tokens: int
    cost_per_success_usd: float | None
    """Cost by sessions that did not fail: failed ones cost, but are no success."""
    timed_ops: int
    """Ops of known duration; the next fields are about them."""
    duration_us: int
    mean_us: int | None
    llm_duration_us: int
    """Of model calls, end to end; calls at the same time count each."""
    tool_duration_us: int
    context_peak: int
    first_at: int | None
    """Start of the first op, to the quarter of an hour before."""
    last_at: int | None
    busy_us: int | None
    """Time within turns; it and ``time`` only where whole turns are summed up: not of a model, tool,
    namespace, provider or kind."""
    time: TimeSplit | None


class StatsGroup(StatsTotals, frozen=True, kw_only=True):
    """The sums of one group: of the model, tool, agent, project, day, … named ``key``."""

    key: str


class Stats(View, frozen=True, kw_only=True):
    """Sums over what was asked for, and by group. ``since`` and ``until`` are what was summed up."""

    tz: str
    since: int | None
    """The time asked for, to the quarter of an hour before; ``None``: from the beginning."""
    until: int | None
    """The time asked for, to the end of its quarter of an hour (not included)."""
    totals: StatsTotals
    groups: list[StatsGroup]


class TimeBucket(View, frozen=True, kw_only=True):
    """An hour, day, week or month: ``key`` names it, it ends where ``end`` begins."""

    key: str
    start: int
    end: int


class SeriesLine(View, frozen=True, kw_only=True):
    """One group's value in each bucket, and over all of them.

    ``None`` in place of a number is a share of nothing. ``key`` is ``None`` for all groups
    that have no line of their own together.
    """

    key: str | None
    total: float | None
    unpriced_calls: int
    """Model calls that no cost of this line tells of, whatever the metric."""
    values: list[float | None]


class Series(View, frozen=True, kw_only=True):
    """A metric over time, by group. Buckets in which nothing happened are there, with zeros."""

    tz: str
    metric: str
    buckets: list[TimeBucket]
    lines: list[SeriesLine]
    """Greatest first, the others together last; one line without ``key`` if no groups were asked for."""
    others: int
    """How many groups the last line is about; 0: there is no such line."""
    unknown: float | None
    """What belongs to no known time, and so is in no bucket."""


class Heatmap(View, frozen=True, kw_only=True):
    """A metric by weekday and hour: seven rows from Monday on, 24 values each, by the clock."""

    tz: str
    metric: str
    rows: list[list[float | None]]
    unknown: float | None


class TopSession(View, frozen=True, kw_only=True):
    """A session with its value."""

    session: SessionLink
    value: float
    last_at: int | None


class TopSessions(View, frozen=True, kw_only=True):
    """The sessions with the greatest values, greatest first; those at 0 are left out."""

    metric: str
    sessions: list[TopSession]


class OpPlace(View, frozen=True, kw_only=True):
    """An op, and where it is."""

    session: SessionLink
    turn: int
    seq: int
    kind: OpKind
    status: OpStatus
    name: str | None
    model: str | None
    start_ts: int | None
    duration_us: int | None
    cost_usd: float | None
    tokens: int
    error_class: str | None
    error_message: str | None
    """Its first 500 characters."""


class TopOps(View, frozen=True, kw_only=True):
    """The ops with the greatest values, greatest first."""

    metric: str
    ops: list[OpPlace]


class Durations(View, frozen=True, kw_only=True):
    """How long ``n`` things took. Percentiles are by nearest rank: each is a duration that occurred."""

    n: int
    p50_us: int
    p95_us: int
    max_us: int


class DurationGroup(Durations, frozen=True, kw_only=True):
    """The durations of one model's or tool's calls."""

    key: str


class DurationGroups(View, frozen=True, kw_only=True):
    """The durations of calls by model and by tool, most calls first."""

    models: list[DurationGroup]
    tools: list[DurationGroup]


class SpreadStep(View, frozen=True, kw_only=True):
    """How many values lie from ``low`` (included) to ``high`` (not included; ``None``: no bound)."""

    low: float
    high: float | None
    n: int


class Spread(View, frozen=True, kw_only=True):
    """How values are spread, in steps that grow threefold; ``none`` are 0 or unknown."""

    none: int
    steps: list[SpreadStep]


class Distributions(View, frozen=True, kw_only=True):
    """How the sessions with this work are spread, each by its own whole busy time, cost, fullest context.

    ``unpriced`` of them have calls without a known price, which their cost leaves out.
    """

    sessions: int
    busy_us: Spread
    cost_usd: Spread
    context_peak: Spread
    unpriced: int


class ArgumentGroup(View, frozen=True, kw_only=True):
    """Calls that were about the same program, file or host."""

    head: str
    calls: int
    failures: int
    duration_us: int


class Arguments(View, frozen=True, kw_only=True):
    """What calls were about, the most frequent first.

    ``calls`` were looked at, ``all_calls`` tells whether that is all of them (else those of the
    sessions that were active last); ``different`` is how many groups there are.
    """

    calls: int
    all_calls: bool
    different: int
    groups: list[ArgumentGroup]


class PriceBand(View, frozen=True, kw_only=True):
    """Dollars per million tokens, of calls whose whole input passes ``above`` tokens; ``None``: unknown."""

    above: int
    input: float | None
    output: float | None
    cache_read: float | None
    cache_write_5m: float | None
    cache_write_1h: float | None


class CatalogRow(StatsTotals, frozen=True, kw_only=True):
    """A tool, model, agent, project or provider, with all sums over its calls or sessions.

    ``namespace`` is the tool's, if it has but one. ``days`` are the numbers of its ops (of an
    agent and a project: of its sessions' ops) on each of the last 30 days, today last.
    ``durations`` are of its calls, only if asked for; of an agent and a project, of its
    sessions' busy times, and always told.
    """

    name: str
    namespace: str | None
    days: list[int]
    durations: Durations | None


class Catalog(View, frozen=True, kw_only=True):
    """All tools, models, agents, projects or providers that were used, most ops first."""

    tz: str
    rows: list[CatalogRow]


class FailureExample(View, frozen=True, kw_only=True):
    """One failed op: its place, its time and its message as it is (at most 500 characters)."""

    session: SessionLink
    turn: int
    seq: int
    at: int | None
    message: str | None
    recovered: bool
    """Whether the same tool, or a model call, later succeeded in the same session."""


class FailureGroup(View, frozen=True, kw_only=True):
    """Failures of the same tool with the same class, whose messages differ in details only."""

    key: str
    """Names the group in the next answer as well."""
    kind: OpKind
    name: str | None
    """The tool; ``None`` of a model call."""
    error_class: str | None
    signature: str
    """The message without what differs from case to case: numbers, paths, ids, quoted words."""
    count: int
    recovered: int
    sessions: int
    first_at: int | None
    last_at: int | None
    cost_usd: float
    """Of the failed model calls, or of those that asked for the failed tools, each once: what was spent
    in vain."""
    trend: list[int]
    """How many there were in each of the steps from the answer's ``first_at`` to its ``last_at``."""
    examples: list[FailureExample]
    """The newest first."""


class Failures(View, frozen=True, kw_only=True):
    """A page of groups of failures, the most frequent first. ``next`` is the cursor of the next one."""

    groups: list[FailureGroup]
    next: str | None
    total: int
    """Groups on all pages."""
    failures: int
    """Failures on all pages."""
    recovered: int
    sessions: int
    first_at: int | None
    last_at: int | None
    cost_usd: float
    """As of a group, over all pages; a call that is in several groups counts once."""


class PressureStep(View, frozen=True, kw_only=True):
    """How many turns and sessions had their fullest context in this tenth of the model's window.

    ``from_percent`` is included, ``to_percent`` is not; the last step has no end.
    """

    from_percent: int
    to_percent: int | None
    turns: int
    sessions: int


class PressedSession(View, frozen=True, kw_only=True):
    """A session whose context was nearly full."""

    session: SessionLink
    peak_percent: float
    context_peak: int
    turns: int
    """Turns above the bound."""
    last_at: int | None


class ContextPressure(View, frozen=True, kw_only=True):
    """How full the context windows of models became, where their size is known."""

    above_percent: int
    steps: list[PressureStep]
    pressed: int
    """Sessions above ``above_percent``."""
    sessions: list[PressedSession]
    """The fullest of them first."""
    unknown_sessions: int
    """Sessions with model calls of which none tells the window's size."""


class CatalogDetail(View, frozen=True, kw_only=True):
    """One tool, model, agent, project or provider: all about it on one page."""

    tz: str
    row: CatalogRow
    buckets: list[TimeBucket]
    """The last 30 days; the next two fields are by them."""
    cost_usd: list[float]
    failures: list[int]
    errors: list[FailureGroup]
    """The most frequent failures, at most ten."""
    sessions: list[TopSession]
    """Those with most of its ops, at most ten."""
    slowest: list[OpPlace]
    """At most ten."""
    priciest: list[OpPlace]
    """At most ten."""
    spread: Spread
    """How long its calls took; of an agent and a project: how long its sessions were busy."""
    arguments: Arguments | None
    """What a tool was asked to do; of a project, the files touched most; of others nothing."""
    context: ContextPressure | None
    """How full a model's context windows became."""
    prices: list[PriceBand]
    """A model's prices now, of short contexts first; nothing of others and of what has no known price."""
    models: list[StatsGroup]
    """What it spent by model, most first; of an agent and a project."""
    tools: list[StatsGroup]
    """What it called, most first; of an agent and a project."""
