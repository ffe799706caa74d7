"""A metric over time: by hour, day, week or month, and by the hours of the week."""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.model import Micros
from ai_viewer.store.rows import Record
from ai_viewer.store.sums import (
    METRICS,
    By,
    Metric,
    StatsQuestionError,
    Work,
    among,
    check,
    hour_of_week_key,
    key_of,
    time_key,
    value,
)
from ai_viewer.store.tally import sums
from ai_viewer.store.views_stats import Heatmap, Series, SeriesLine, TimeBucket
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone

MAX_BUCKETS = 4_000
"""More than a chart has pixels for: five months of hours, ten years of days."""
_HOURS_A_WEEK = 168


def series(
    connection: apsw.Connection,
    metric: Metric,
    bucket: Bucket,
    work: Work,
    zone: Zone,
    *,
    by: By | None = None,
    lines: int = 8,
    now: Micros,
) -> Series:
    """Return ``metric`` in every bucket, for the ``lines`` greatest groups and all others together.

    The buckets are those from ``since`` to ``until``; where these are not given, from the
    first work to the last, or to now if there is none.

    Raises:
        StatsQuestionError: if that would be too many buckets, or no group has a part of the metric.
    """
    check(metric, work, by)
    fields = METRICS[metric]
    summed = (*fields, "unpriced_calls") if "unpriced_calls" not in fields else fields
    time = time_key(zone, bucket)
    if by is None:
        totals = sums(connection, work, [], summed)
        cells = [
            {**record, "k1": record["k0"], "k0": None} for record in sums(connection, work, [time], fields)
        ]
        names: list[str | None] = [None]
        others = 0
    else:
        key = key_of(by, zone)
        greatest = sums(connection, work, [key], summed)
        greatest.sort(key=lambda record: (-(value(record, metric) or 0), record["k0"]))
        kept = [record["k0"] for record in greatest[:lines]]
        others = len(greatest) - len(kept)
        names = [*kept, None] if others else list(kept)
        if others:
            key = among(key, ":kept")
        listed = msgspec.json.encode(kept).decode()
        totals = sums(connection, work, [key], summed, kept=listed) if others else greatest
        cells = sums(connection, work, [key, time], fields, kept=listed)
    unknown = _without_time(connection, work, metric, cells)
    buckets = _buckets(bucket, work, zone, [cell["k1"] for cell in cells if cell["k1"] is not None], now)
    found = {(cell["k0"], cell["k1"]): cell for cell in cells}
    whole = {record.get("k0"): record for record in totals}
    return Series(
        tz=zone.name,
        metric=metric,
        buckets=[
            TimeBucket(
                key=zone.label(bucket, number),
                start=zone.start(bucket, number),
                end=zone.start(bucket, zone.following(bucket, number)),
            )
            for number in buckets
        ],
        lines=[
            SeriesLine(
                key=name,
                total=value(whole.get(name, {}), metric),
                unpriced_calls=whole.get(name, {}).get("unpriced_calls") or 0,
                values=[value(found.get((name, number), {}), metric) for number in buckets],
            )
            for name in names
        ],
        others=others,
        unknown=unknown,
    )


def heatmap(connection: apsw.Connection, metric: Metric, work: Work, zone: Zone) -> Heatmap:
    """Return ``metric`` by weekday and hour of the clock.

    Raises:
        StatsQuestionError: if no part of the ops has a part of the metric.
    """
    check(metric, work, None)
    found = {
        record["k0"]: record for record in sums(connection, work, [hour_of_week_key(zone)], METRICS[metric])
    }
    hours = [value(found.get(hour, {}), metric) for hour in range(_HOURS_A_WEEK)]
    return Heatmap(
        tz=zone.name,
        metric=metric,
        rows=[hours[day * 24 : day * 24 + 24] for day in range(7)],
        unknown=value(found.get(None, {}), metric),
    )


def _without_time(
    connection: apsw.Connection, work: Work, metric: Metric, cells: list[Record]
) -> float | None:
    """Return the metric of what has no known time."""
    if all(cell["k1"] is not None for cell in cells):
        return value({}, metric)
    # Of several groups: what they have together, each session once.
    alone = [time_key(Zone("UTC"), Bucket.DAY)]
    nowhen = [record for record in sums(connection, work, alone, METRICS[metric]) if record["k0"] is None]
    return value(nowhen[0] if nowhen else {}, metric)


def _buckets(bucket: Bucket, work: Work, zone: Zone, used: list[int], now: Micros) -> list[int]:
    this = now // QUARTER_US
    if work.first_quarter is not None:
        first = zone.bucket(bucket, work.first_quarter)
    else:
        first = min(used, default=zone.bucket(bucket, this))
    if work.last_quarter is not None:
        last = zone.bucket(bucket, work.last_quarter)
    else:
        last = max([zone.bucket(bucket, this), *used] if work.since is not None else used, default=first)
    found: list[int] = []
    for number in zone.between(bucket, first, last):
        if len(found) == MAX_BUCKETS:
            raise StatsQuestionError(
                "bucket",
                f"more than {MAX_BUCKETS:,} of these in that time; ask for wider ones or for less time",
            )
        found.append(number)
    return found
