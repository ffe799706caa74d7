"""How long calls take: exact percentiles, from the ops themselves.

By nearest rank: of n durations in order, p95 is the ⌈0.95 n⌉-th. An op of one instant (its
source tells no end) has no duration and is left out, as are replays.
"""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.store.rows import Record, records
from ai_viewer.store.sums import (
    KEYS,
    By,
    Key,
    Work,
    choose,
    part_bindings,
    part_conditions,
    quarter_bindings,
)
from ai_viewer.store.views_stats import DurationGroup, DurationGroups, Durations
from ai_viewer.store.zones import QUARTER_US

OP_TIME = (
    "coalesce(r.start_ts, r.end_ts,"
    " (SELECT start_ts FROM turn WHERE turn.session_id = r.session_id AND turn.turn = r.turn),"
    " (SELECT coalesce(started_at, last_at) FROM session WHERE session.id = r.session_id))"
)
"""When an op ``r`` was, as table ``rollup`` takes it."""

_RANKS = """
    SELECT key, max(n) AS n, max(iif(rank = (n * 50 + 99) / 100, duration_us, NULL)) AS p50_us,
        max(iif(rank = (n * 95 + 99) / 100, duration_us, NULL)) AS p95_us, max(duration_us) AS max_us
    FROM (
        SELECT key, duration_us, row_number() OVER (PARTITION BY key ORDER BY duration_us) AS rank,
            count(*) OVER (PARTITION BY key) AS n
        FROM timed
    ) GROUP BY key
"""


def durations(connection: apsw.Connection, work: Work) -> DurationGroups:
    """Return the durations of model calls by model and of tool calls by tool."""
    return DurationGroups(
        models=by_key(connection, work, KEYS[By.MODEL]), tools=by_key(connection, work, KEYS[By.TOOL])
    )


def by_key(connection: apsw.Connection, work: Work, key: Key) -> list[DurationGroup]:
    """Return the durations of ops by a key of ops, most ops first."""
    chosen, bindings = choose(connection, work)
    sql = f"""
        {chosen}, timed AS (
            SELECT {key.sql} AS key, r.duration_us FROM op AS r
            WHERE {" AND ".join(op_conditions(work))} AND {key.only}
              AND r.duration_us IS NOT NULL AND r.timing <> 'point'
        ) {_RANKS} ORDER BY n DESC, key
    """
    found = records(connection, sql, {**bindings, **quarter_bindings(work), **part_bindings(work)})
    return msgspec.convert(list(found), list[DurationGroup])


def of_sessions(connection: apsw.Connection, work: Work, key: Key) -> dict[str, Durations]:
    """Return the busy times of whole sessions by a key of sessions."""
    chosen, bindings = choose(connection, work, [key.sql])
    sql = f"""
        {chosen}, timed AS (
            SELECT k0 AS key, busy_us AS duration_us FROM chosen JOIN session ON session.id = chosen.id
            WHERE busy_us > 0
        ) {_RANKS}
    """
    return {record.pop("key"): _durations(record) for record in records(connection, sql, bindings)}


def op_conditions(work: Work) -> list[str]:
    """Return the conditions on ``r``, an op, that `row_conditions` puts on rows of table ``rollup``."""
    found = ["NOT r.replay", "r.session_id IN (SELECT id FROM chosen)", *part_conditions(work)]
    if work.first_quarter is not None:
        found.append(f"{OP_TIME} / {QUARTER_US} >= :first_quarter")
    if work.last_quarter is not None:
        found.append(f"{OP_TIME} / {QUARTER_US} <= :last_quarter")
    return found


def _durations(record: Record) -> Durations:
    return msgspec.convert(record, Durations)
