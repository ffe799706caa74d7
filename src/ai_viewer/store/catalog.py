"""Catalogs: every tool, model, agent, project and provider that was used, and all about one."""

from __future__ import annotations

import enum
from collections.abc import Callable

import apsw
import msgspec

from ai_viewer.errors import NotFoundError
from ai_viewer.model import Micros
from ai_viewer.store import arguments, distributions, durations, failures, pressure
from ai_viewer.store.rows import Record, usd
from ai_viewer.store.sessions import UNKNOWN
from ai_viewer.store.stats import stats
from ai_viewer.store.sums import FIELDS, KEYS, NAMESPACES, By, Metric, Work, time_key, totals
from ai_viewer.store.tally import sums
from ai_viewer.store.top import OpMetric, top_ops, top_sessions
from ai_viewer.store.views_stats import (
    Arguments,
    Catalog,
    CatalogDetail,
    CatalogRow,
    Durations,
    PriceBand,
    Spread,
    StatsGroup,
    TimeBucket,
)
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone

DAYS = 30
SHOWN = 10
"""Errors, sessions and ops of a detail."""


class CatalogKind(enum.StrEnum):
    """What there is a catalog of."""

    TOOLS = "tools"
    MODELS = "models"
    AGENTS = "agents"
    PROJECTS = "projects"
    PROVIDERS = "providers"


_BY = {
    CatalogKind.TOOLS: By.TOOL,
    CatalogKind.MODELS: By.MODEL,
    CatalogKind.AGENTS: By.AGENT,
    CatalogKind.PROJECTS: By.PROJECT,
    CatalogKind.PROVIDERS: By.PROVIDER,
}
_OF_SESSIONS = frozenset((CatalogKind.AGENTS, CatalogKind.PROJECTS))


def catalog(
    connection: apsw.Connection,
    kind: CatalogKind,
    work: Work,
    zone: Zone,
    *,
    now: Micros,
    with_durations: bool = False,
) -> Catalog:
    """Return all of ``kind`` that ``work`` has, most ops first.

    ``with_durations`` reads the ops of all calls, to tell how long those of each took.
    """
    key = KEYS[_BY[kind]]
    found = sums(connection, work, [key], [*FIELDS, *NAMESPACES])
    found.sort(key=lambda record: (-record["ops"], record["k0"]))
    days = list(_days(zone, now))
    since = zone.start(Bucket.DAY, days[0])
    recent = msgspec.structs.replace(work, since=max(since, work.since or since))
    by_day = {
        (cell["k0"], cell["k1"]): cell["ops"]
        for cell in sums(connection, recent, [key, time_key(zone, Bucket.DAY)], ["ops"])
    }
    times = _durations(connection, kind, work, with_durations=with_durations)
    return Catalog(
        tz=zone.name,
        rows=msgspec.convert(
            [
                {
                    **totals(record, whole_turns=kind in _OF_SESSIONS and not work.partial),
                    "name": record["k0"],
                    "namespace": _namespace(record) if kind is CatalogKind.TOOLS else None,
                    "days": [by_day.get((record["k0"], day), 0) for day in days],
                    "durations": times.get(record["k0"]),
                }
                for record in found
            ],
            list[CatalogRow],
        ),
    )


def detail(
    connection: apsw.Connection,
    kind: CatalogKind,
    name: str,
    work: Work,
    zone: Zone,
    *,
    now: Micros,
    prices: Callable[[str | None, str], list[PriceBand]] | None = None,
) -> CatalogDetail:
    """Return all about the ``kind`` that is called ``name``; ``prices`` tells those of a provider's model.

    Raises:
        NotFoundError: if ``work`` has none of that name.
    """
    work = _narrowed(work, kind, name)
    listed = catalog(connection, kind, work, zone, now=now, with_durations=True)
    row = next((row for row in listed.rows if row.name == name), None)
    if row is None:
        raise NotFoundError(f"no {kind.value.removesuffix('s')} {name!r}")
    days = list(_days(zone, now))
    since = zone.start(Bucket.DAY, days[0])
    recent = msgspec.structs.replace(work, since=max(since, work.since or since))
    trend: dict[int, Record] = {
        cell["k0"]: cell
        for cell in sums(connection, recent, [time_key(zone, Bucket.DAY)], ["cost_nano", "failures"])
    }
    return CatalogDetail(
        tz=zone.name,
        row=row,
        buckets=[
            TimeBucket(
                key=zone.label(Bucket.DAY, day),
                start=zone.start(Bucket.DAY, day),
                end=zone.start(Bucket.DAY, day + 1),
            )
            for day in days
        ],
        cost_usd=[usd(trend.get(day, {}).get("cost_nano", 0)) for day in days],
        failures=[trend.get(day, {}).get("failures", 0) for day in days],
        errors=failures.failures(connection, work, limit=SHOWN).groups,
        sessions=top_sessions(connection, Metric.OPS, work, limit=SHOWN).sessions,
        slowest=top_ops(connection, OpMetric.DURATION_US, work, limit=SHOWN).ops,
        priciest=top_ops(connection, OpMetric.COST_USD, work, limit=SHOWN).ops,
        spread=_spread(connection, kind, work),
        arguments=_arguments(connection, kind, work),
        context=pressure.pressure(connection, work, limit=SHOWN) if kind is CatalogKind.MODELS else None,
        prices=prices(_provider(connection, work), name) if prices and kind is CatalogKind.MODELS else [],
        models=_groups(connection, kind, By.MODEL, work, zone),
        tools=_groups(connection, kind, By.TOOL, work, zone),
    )


def _spread(connection: apsw.Connection, kind: CatalogKind, work: Work) -> Spread:
    if kind in _OF_SESSIONS:
        return distributions.distributions(connection, work).busy_us
    return distributions.of_calls(connection, work)


def _arguments(connection: apsw.Connection, kind: CatalogKind, work: Work) -> Arguments | None:
    if kind is CatalogKind.TOOLS:
        return arguments.of_calls(connection, work)
    return arguments.of_files(connection, work) if kind is CatalogKind.PROJECTS else None


def _groups(
    connection: apsw.Connection, kind: CatalogKind, by: By, work: Work, zone: Zone
) -> list[StatsGroup]:
    if kind not in _OF_SESSIONS:
        return []
    sort = Metric.COST_USD if by is By.MODEL else Metric.OPS
    return stats(connection, by, work, zone, sort=sort, limit=SHOWN).groups


def _provider(connection: apsw.Connection, work: Work) -> str | None:
    """The provider that billed most of a model's calls."""
    found = sums(connection, work, [KEYS[By.PROVIDER]], ["ops"])
    most = max(found, key=lambda record: (record["ops"], record["k0"]), default=None)
    return None if most is None or most["k0"] == UNKNOWN else most["k0"]


def _narrowed(work: Work, kind: CatalogKind, name: str) -> Work:
    if kind in _OF_SESSIONS:
        field = kind.value.removesuffix("s")
        return msgspec.structs.replace(work, sessions=msgspec.structs.replace(work.sessions, **{field: name}))
    return msgspec.structs.replace(work, **{kind.value.removesuffix("s"): name})


def _days(zone: Zone, now: Micros) -> range:
    """The last days, today last."""
    today = zone.bucket(Bucket.DAY, now // QUARTER_US)
    return range(today - DAYS + 1, today + 1)


def _durations(
    connection: apsw.Connection, kind: CatalogKind, work: Work, *, with_durations: bool
) -> dict[str, Durations]:
    key = KEYS[_BY[kind]]
    if kind in _OF_SESSIONS:
        return durations.of_sessions(connection, work, key)
    if not with_durations:
        return {}
    return {
        group.key: Durations(n=group.n, p50_us=group.p50_us, p95_us=group.p95_us, max_us=group.max_us)
        for group in durations.by_key(connection, work, key)
    }


def _namespace(record: Record) -> str | None:
    first, last = (record[name] for name in NAMESPACES)
    return first or None if first == last else None
