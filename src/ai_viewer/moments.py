"""Times as people write them: absolute (ISO 8601, microseconds) or so long ago (``7d``)."""

from __future__ import annotations

import datetime as dt
import re
import time

_MICROS = re.compile(r"-?\d{1,16}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AGO = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)

EXPECTED = (
    "give ISO 8601 (2026-01-31, 2026-01-31T12:00Z), microseconds since 1970, or so long ago (12h, 7d, 2w)"
)
"""What can be read, for messages."""


def now() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


def read_moment(text: str, *, end: bool = False, zone: dt.tzinfo | None = None) -> int:
    """Return the time in microseconds since 1970.

    If it names no zone, it is in ``zone``, else this machine's own. A date alone is its first
    microsecond, or its last one if it is the ``end`` of a range. ``12h`` is twelve hours ago.

    Raises:
        ValueError: if it is none of these, or beyond all calendars.
    """
    if _MICROS.fullmatch(text):
        return int(text)
    try:
        if ago := _AGO.fullmatch(text):
            when = dt.datetime.now(dt.UTC) - dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            when = dt.datetime.fromisoformat(text)
            if end and _DATE.fullmatch(text):
                when += dt.timedelta(days=1, microseconds=-1)
            if when.tzinfo is None:
                when = when.replace(tzinfo=zone)
        # Whole numbers: seconds as a float are not exact to the microsecond.
        return (when.astimezone(dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a time; {EXPECTED}") from error
