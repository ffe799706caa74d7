"""Numbers as people read them: counts, sizes, spans of time, money."""

from __future__ import annotations

import datetime as dt

MISSING = "–"
UNPRICED = "unpriced"


def count(number: int | None) -> str:
    """Write a count in at most five places.

    >>> [count(n) for n in (None, 0, 999, 1234, 45678, 999_950, 1_234_567)]
    ['–', '0', '999', '1.2k', '46k', '1.0M', '1.2M']
    """
    if number is None:
        return MISSING
    if number < 1000:
        return str(number)
    for unit, size in (("k", 1e3), ("M", 1e6), ("G", 1e9)):
        value = number / size
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < 999.5:
            return f"{value:.0f}{unit}"
    return f"{number / 1e12:.1f}T"


def size(number: float | None) -> str:
    """Write a number of bytes.

    >>> [size(n) for n in (None, 0, 999, 1_500, 12_345_678)]
    ['–', '0 B', '999 B', '1.5 kB', '12.3 MB']
    """
    if number is None:
        return MISSING
    if number < 1000:
        return f"{number:.0f} B"
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 1000:
            return f"{number:.1f} {unit}"
    return f"{number / 1000:.1f} TB"


def duration(micros: float | None) -> str:
    """Write a span of microseconds.

    >>> [duration(us) for us in (None, 0, 850, 12_345, 4_560_000, 61_000_000, 7_260_000_000)]
    ['–', '0 ms', '<1 ms', '12 ms', '4.6 s', '1m 01s', '2h 01m']
    """
    if micros is None:
        return MISSING
    if micros < 999_500:
        return "<1 ms" if 0 < micros < 1000 else f"{micros / 1000:.0f} ms"
    if micros < 59_950_000:
        return f"{micros / 1e6:.1f} s"
    minutes, seconds = divmod(round(micros / 1e6), 60)
    if minutes < 60:
        return f"{minutes}m {seconds:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minutes:02d}m"
    return f"{hours // 24}d {hours % 24:02d}h"


def cost(dollars: float | None, unpriced_calls: int = 0) -> str:
    """Write a cost; calls without a price are told, never taken for free.

    >>> cost(1.234), cost(0.0012), cost(0.00001), cost(0.0), cost(None), cost(0.0, 3), cost(1.5, 2)
    ('$1.23', '$0.0012', '<$0.0001', '$0', 'unpriced', 'unpriced', '$1.50+')
    """
    if dollars is None or (dollars == 0 and unpriced_calls):
        return UNPRICED
    if dollars == 0:
        return "$0"
    amount = f"${dollars:,.2f}" if dollars >= 0.1 else f"${dollars:.4f}" if dollars >= 0.00005 else "<$0.0001"
    return amount + ("+" if unpriced_calls else "")


def moment(micros: int | None) -> str:
    """Write a time in the local zone, to the minute."""
    if micros is None:
        return MISSING
    return dt.datetime.fromtimestamp(micros / 1e6).astimezone().strftime("%Y-%m-%d %H:%M")


def clock(micros: int | None) -> str:
    """Write the time of day in the local zone, to the second."""
    if micros is None:
        return MISSING
    return dt.datetime.fromtimestamp(micros / 1e6).astimezone().strftime("%H:%M:%S")


def ago(micros: int | None, now: float) -> str:
    """Write how long before ``now`` (seconds since the epoch) a time was.

    >>> [ago(us, 100_000.0) for us in (None, 99_990_000_000, 99_000_000_000, 1_000_000)]
    ['–', '10s ago', '16m ago', '27h ago']
    """
    if micros is None:
        return MISSING
    seconds = max(0, int(now - micros / 1e6))
    for unit, length, limit in (("s", 1, 100), ("m", 60, 6_000), ("h", 3600, 172_800)):
        if seconds < limit:
            return f"{seconds // length}{unit} ago"
    return f"{seconds // 86_400}d ago"
