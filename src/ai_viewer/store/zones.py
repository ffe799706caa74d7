"""Hours, days, weeks and months of a time zone, as SQL over quarters of an hour.

A zone is a few spans of one offset each. So the day of a row is whole-number arithmetic on its
quarter, behind a look at which span it is in; no row costs a call of Python. Today every
offset and every change of one is a whole number of quarters; some of long ago were not, and
are taken to the nearest.

A day of 23 or 25 hours is one day. Hours are told apart by their offset: where clocks are put
back, the hour that comes twice is two; where they are moved by half an hour, the hour that is
cut there is two as well.
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
import functools
import time
import zoneinfo
from collections.abc import Callable, Iterator

from ai_viewer.model import Micros

QUARTER_US = 900_000_000
"""A quarter of an hour, the step of table ``rollup``, in microseconds."""

LOCAL = "local"
"""The name of this machine's own zone, whatever it is."""

_DAY = 96
"""Quarters of a day."""
_STEP = 7 * _DAY
"""No zone's offset changes twice within a week."""
_YEARS_AHEAD = 2
_EPOCH = dt.date(1970, 1, 1)


class UnknownZoneError(ValueError):
    """No time zone has this name."""


class Bucket(enum.StrEnum):
    """A span of time to sum up by; weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Zone:
    """The time zone ``name`` (IANA, or `LOCAL`).

    A bucket is an integer: an hour its first quarter since the epoch; a day its number
    since 1970-01-01; a week and a month their first day's.

    Raises:
        UnknownZoneError: if there is no such zone.
    """

    def __init__(self, name: str = LOCAL) -> None:
        self.name = name
        year = dt.datetime.now(dt.UTC).year + _YEARS_AHEAD
        # This machine's zone may change while we run.
        find = _spans if name == LOCAL else _cached_spans
        self._spans = find(name, year)
        self._firsts = [first for first, _ in self._spans]

    @property
    def tzinfo(self) -> dt.tzinfo | None:
        """The zone as `datetime` has it; ``None`` is this machine's own."""
        return None if self.name == LOCAL else zoneinfo.ZoneInfo(self.name)

    @property
    def whole_hours(self) -> bool:
        """Whether its clocks always differ from UTC by whole hours."""
        return all(first % 4 == 0 and shift % 4 == 0 for first, shift in self._spans)

    def bucket_sql(self, bucket: Bucket, quarter: str) -> str:
        """Return SQL for the bucket of ``quarter``, itself SQL; NULL if that is NULL or negative."""
        match bucket:
            case Bucket.HOUR:
                return self._case(
                    quarter, lambda local, first, shift: f"max({local} / 4 * 4 - {shift}, {first})"
                )
            case Bucket.DAY:
                return self._case(quarter, lambda local, *_: f"{local} / {_DAY}")
            case Bucket.WEEK:
                return self._case(quarter, lambda local, *_: f"({local} / {_DAY} + 3) / 7 * 7 - 3")
            case Bucket.MONTH:
                day = self._case(quarter, lambda local, *_: f"{local} / {_DAY}")
                return f"unixepoch(({day}) * 86400, 'unixepoch', 'start of month') / 86400"

    def hour_of_week_sql(self, quarter: str) -> str:
        """Return SQL for the hour of the week: 0 is Monday from 0:00 to 1:00."""
        return self._case(
            quarter, lambda local, *_: f"({local} / {_DAY} + 3) % 7 * 24 + {local} % {_DAY} / 4"
        )

    def bucket(self, bucket: Bucket, quarter: int) -> int:
        """Return the bucket that holds a quarter."""
        first, shift = self._span(quarter)
        local = quarter + shift
        day = local // _DAY
        match bucket:
            case Bucket.HOUR:
                return max(local // 4 * 4 - shift, first)
            case Bucket.DAY:
                return day
            case Bucket.WEEK:
                return (day + 3) // 7 * 7 - 3
            case Bucket.MONTH:
                return _number(_date(day).replace(day=1))

    def start(self, bucket: Bucket, number: int) -> Micros:
        """Return when a bucket begins."""
        quarter = number if bucket is Bucket.HOUR else self._quarter(number * _DAY)
        return quarter * QUARTER_US

    def following(self, bucket: Bucket, number: int) -> int:
        """Return the next bucket."""
        match bucket:
            case Bucket.HOUR:
                _, shift = self._span(number)
                end = ((number + shift) // 4 + 1) * 4 - shift
                place = bisect.bisect_right(self._firsts, number)
                return min(end, self._firsts[place]) if place < len(self._firsts) else end
            case Bucket.DAY:
                return number + 1
            case Bucket.WEEK:
                return number + 7
            case Bucket.MONTH:
                return _number((_date(number) + dt.timedelta(days=31)).replace(day=1))

    def between(self, bucket: Bucket, first: int, last: int) -> Iterator[int]:
        """Yield all buckets from the first to the last, both included."""
        while first <= last:
            yield first
            first = self.following(bucket, first)

    def label(self, bucket: Bucket, number: int) -> str:
        """Name a bucket as ISO 8601 does.

        >>> day = Zone("UTC").bucket(Bucket.DAY, 1_993_000)
        >>> Zone("UTC").label(Bucket.DAY, day)
        '2026-11-03'
        """
        match bucket:
            case Bucket.HOUR:
                offset = dt.timedelta(minutes=15 * self._span(number)[1])
                when = dt.datetime.fromtimestamp(number * 900, dt.timezone(offset))
                return when.isoformat(timespec="minutes")
            case Bucket.DAY:
                return _date(number).isoformat()
            case Bucket.WEEK:
                year, week, _ = _date(number).isocalendar()
                return f"{year}-W{week:02}"
            case Bucket.MONTH:
                return _date(number).isoformat()[:7]

    def midnight(self, day: dt.date) -> Micros:
        """Return when a day begins."""
        return self.start(Bucket.DAY, _number(day))

    def _span(self, quarter: int) -> tuple[int, int]:
        """The first quarter and the offset, in quarters, of the span that holds a quarter."""
        return self._spans[max(0, bisect.bisect_right(self._firsts, quarter) - 1)]

    def _quarter(self, local: int) -> int:
        """The first quarter that clocks show as ``local``, else the one at which they jump over it."""
        for place, (first, shift) in enumerate(self._spans):
            quarter = max(local - shift, first)
            if place + 1 == len(self._spans) or quarter < self._firsts[place + 1]:
                return quarter
        raise AssertionError("the last span has no end")

    def _case(self, quarter: str, formula: Callable[[str, int, int], str]) -> str:
        # The newest first: that is where nearly all rows are.
        whens = (
            f"WHEN {quarter} >= {first} THEN {formula(f'({quarter} + {shift})', first, shift)}"
            for first, shift in reversed(self._spans)
        )
        return f"CASE {' '.join(whens)} END"


def _spans(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """(first quarter, offset in quarters) of each span from 1970 on to the end of ``year``."""
    offset = _offsets(name)
    end = (dt.date(year + 1, 1, 1) - _EPOCH).days * _DAY
    spans = [(0, offset(0))]
    for step in range(_STEP, end, _STEP):
        while offset(step) != spans[-1][1]:
            before, after = max(step - _STEP, spans[-1][0]), step
            while after - before > 1:
                middle = (before + after) // 2
                if offset(middle) == spans[-1][1]:
                    before = middle
                else:
                    after = middle
            spans.append((after, offset(after)))
    return tuple(spans)


_cached_spans = functools.lru_cache(maxsize=64)(_spans)


def _offsets(name: str) -> Callable[[int], int]:
    """The offset, in quarters, at a quarter."""
    if name == LOCAL:
        return lambda quarter: round(time.localtime(quarter * 900).tm_gmtoff / 900)
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(
            f"no time zone {name!r}; give an IANA name such as Europe/Berlin or UTC"
        ) from error

    def offset(quarter: int) -> int:
        when = dt.datetime.fromtimestamp(quarter * 900, zone)
        return round((when.utcoffset() or dt.timedelta()) / dt.timedelta(minutes=15))

    return offset


def _date(day: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=day)


def _number(date: dt.date) -> int:
    return (date - _EPOCH).days
