"""``/api/stats``: sums, series, heatmaps, the greatest, durations and context windows."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer import moments
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, UNAVAILABLE
from ai_viewer.server.filters import WORK
from ai_viewer.store import distributions as stored_distributions
from ai_viewer.store import durations as stored_durations
from ai_viewer.store import pressure as stored_pressure
from ai_viewer.store import series as stored_series
from ai_viewer.store import stats as stored_stats
from ai_viewer.store import top as stored_top
from ai_viewer.store.reader import Reader
from ai_viewer.store.sums import By, Metric, Work
from ai_viewer.store.top import OpMetric
from ai_viewer.store.views_stats import (
    ContextPressure,
    Distributions,
    DurationGroups,
    Heatmap,
    Series,
    Stats,
    TopOps,
    TopSessions,
)
from ai_viewer.store.zones import Bucket, Zone

ANSWERS = {400: BAD_QUERY, 503: UNAVAILABLE}

MetricParameter = Annotated[Metric, QueryParameter(name="metric", description="What to show")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200, description="At most this many")]


@get("/stats", operation_id="stats", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def stats(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    zone: NamedDependency[Zone],
    by: Annotated[By | None, QueryParameter(name="by", description="Sum up by this as well")] = None,
    sort: Annotated[
        Metric | None,
        QueryParameter(
            name="sort",
            description="Groups with the greatest of this first; without it times in order, others by ops",
        ),
    ] = None,
    limit: Annotated[
        int | None, QueryParameter(name="limit", ge=1, description="At most this many groups")
    ] = None,
) -> Stats:
    """Sum up sessions, turns, ops, tokens, cost and time, all together and by group."""
    with reader.snapshot() as connection:
        return stored_stats.stats(connection, by, work, zone, sort=sort, limit=limit)


@get("/stats/series", operation_id="series", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def series(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    zone: NamedDependency[Zone],
    metric: MetricParameter = Metric.COST_USD,
    bucket: Annotated[
        Bucket, QueryParameter(name="bucket", description="Width of a step in time; weeks begin on Monday")
    ] = Bucket.DAY,
    by: Annotated[By | None, QueryParameter(name="by", description="A line for each of these")] = None,
    lines: Annotated[
        int,
        QueryParameter(name="lines", ge=1, le=50, description="Groups with a line of their own"),
    ] = 8,
) -> Series:
    """Show a metric over time, by group; steps in which nothing happened are there as well."""
    with reader.snapshot() as connection:
        return stored_series.series(
            connection, metric, bucket, work, zone, by=by, lines=lines, now=moments.now()
        )


@get("/stats/heatmap", operation_id="heatmap", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def heatmap(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    zone: NamedDependency[Zone],
    metric: MetricParameter = Metric.OPS,
) -> Heatmap:
    """Show a metric by weekday and hour."""
    with reader.snapshot() as connection:
        return stored_series.heatmap(connection, metric, work, zone)


@get(
    "/stats/top/sessions",
    operation_id="topSessions",
    sync_to_thread=True,
    dependencies=WORK,
    responses=ANSWERS,
)
def top_sessions(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    metric: MetricParameter = Metric.COST_USD,
    limit: Limit = 10,
) -> TopSessions:
    """Show the sessions with the greatest values of a metric."""
    with reader.snapshot() as connection:
        return Redactor().view(stored_top.top_sessions(connection, metric, work, limit=limit))


@get("/stats/top/ops", operation_id="topOps", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def top_ops(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    metric: Annotated[
        OpMetric, QueryParameter(name="metric", description="What to rank them by")
    ] = OpMetric.DURATION_US,
    limit: Limit = 10,
) -> TopOps:
    """Show the slowest, the priciest or the largest ops."""
    with reader.snapshot() as connection:
        return Redactor().view(stored_top.top_ops(connection, metric, work, limit=limit))


@get("/stats/durations", operation_id="durations", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def durations(reader: NamedDependency[Reader], work: NamedDependency[Work]) -> DurationGroups:
    """Show how long the calls of each model and tool take: median, 95th percentile, longest."""
    with reader.snapshot() as connection:
        return stored_durations.durations(connection, work)


@get("/stats/context", operation_id="context", sync_to_thread=True, dependencies=WORK, responses=ANSWERS)
def context(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    above: Annotated[
        int,
        QueryParameter(name="above", ge=1, le=100, description="List sessions fuller than this, in percent"),
    ] = stored_pressure.ABOVE_PERCENT,
    limit: Limit = 50,
) -> ContextPressure:
    """Show how full the models' context windows became."""
    with reader.snapshot() as connection:
        return Redactor().view(stored_pressure.pressure(connection, work, above_percent=above, limit=limit))


@get(
    "/stats/distributions",
    operation_id="distributions",
    sync_to_thread=True,
    dependencies=WORK,
    responses=ANSWERS,
)
def distributions(reader: NamedDependency[Reader], work: NamedDependency[Work]) -> Distributions:
    """Show how the sessions with this work are spread by busy time, cost and fullest context."""
    with reader.snapshot() as connection:
        return stored_distributions.distributions(connection, work)
