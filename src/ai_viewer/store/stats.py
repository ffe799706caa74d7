"""Sums over everything that is asked for, and by group.

Sources, formats, clients, agents, projects, branches, states, kinds and times part all ops
between them; models and providers part the model calls, tools and namespaces the tool calls.
A session or turn counts in each group in which it has something.
"""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.store.rows import Record
from ai_viewer.store.sessions import UNKNOWN
from ai_viewer.store.sums import BUCKETS, KEYS, By, Metric, Work, check, key_of, merged, totals, value
from ai_viewer.store.tally import sums
from ai_viewer.store.views_stats import Stats, StatsGroup, StatsTotals
from ai_viewer.store.zones import QUARTER_US, Zone


def stats(
    connection: apsw.Connection,
    by: By | None = None,
    work: Work | None = None,
    zone: Zone | None = None,
    *,
    sort: Metric | None = None,
    limit: int | None = None,
) -> Stats:
    """Return the sums over ``work``, and by group.

    Groups come greatest first, by the metric ``sort``, else by their number of ops; times
    come in order unless ``sort`` is given. ``limit`` keeps the first of them, of times in
    order the last.

    Raises:
        StatsQuestionError: if no group has a part of the metric ``sort``.
    """
    work, zone = work or Work(), zone or Zone()
    first, last = work.first_quarter, work.last_quarter
    if sort is not None and by is not None:
        check(sort, work, by)
    parts = sums(connection, work, [key_of(by, zone)]) if by else []
    if by and key_of(by, zone).level == "session":
        whole = merged(parts)  # each session is in one group: no need to look again
    else:
        (whole,) = sums(connection, work)
    return Stats(
        tz=zone.name,
        since=None if first is None else first * QUARTER_US,
        until=None if last is None else (last + 1) * QUARTER_US,
        totals=msgspec.convert(totals(whole, whole_turns=not work.partial), StatsTotals),
        groups=_groups(parts, by, work, zone, sort, limit) if by else [],
    )


def _groups(
    found: list[Record], by: By, work: Work, zone: Zone, sort: Metric | None, limit: int | None
) -> list[StatsGroup]:
    if sort is not None:
        found.sort(key=lambda record: (-(value(record, sort) or 0), str(record["k0"])))
        found = found[:limit]
    elif by in BUCKETS:
        found.sort(key=lambda record: (record["k0"] is None, record["k0"]))
        found = found[-limit:] if limit else found
    else:
        found.sort(key=lambda record: (-record["ops"], record["k0"]))
        found = found[:limit]
    whole_turns = not work.partial and (by in BUCKETS or KEYS[by].level == "session")
    return msgspec.convert(
        [{**totals(record, whole_turns=whole_turns), "key": _label(by, zone, record)} for record in found],
        list[StatsGroup],
    )


def _label(by: By, zone: Zone, record: Record) -> str:
    key = record["k0"]
    if by not in BUCKETS:
        return str(key)
    return UNKNOWN if key is None else zone.label(BUCKETS[by], key)
