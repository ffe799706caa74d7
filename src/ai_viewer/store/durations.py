"""How long calls take: exact percentiles, from the ops themselves.

By nearest rank: of n durations in order, p95 is the ⌈0.95 n⌉-th. An op of one instant (its
source tells no end) has no duration and is left out, as are replays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw
import msgspec

from ai_viewer.store.sums import (
    KEYS,
    By,
    Key,
    Work,
    choose,
    part_bindings,
    part_conditions,
    quarter_bindings,
    window_conditions,
)
from ai_viewer.store.views_stats import DurationGroup, DurationGroups, Durations
from ai_viewer.store.zones import QUARTER_US

OP_TIME = (
    "coalesce(r.start_ts, r.end_ts,"
    " (SELECT start_ts FROM turn WHERE turn.session_id = r.session_id AND turn.turn = r.turn),"
    " (SELECT coalesce(started_at, last_at) FROM session WHERE session.id = r.session_id))"
)
"""When an op ``r`` was, as table ``rollup`` takes it."""


def durations(connection: apsw.Connection, work: Work) -> DurationGroups:
    """Return the durations of model calls by model and of tool calls by tool."""
    return DurationGroups(
        models=by_key(connection, work, KEYS[By.MODEL]), tools=by_key(connection, work, KEYS[By.TOOL])
    )


def by_key(connection: apsw.Connection, work: Work, key: Key) -> list[DurationGroup]:
    """Return the durations of ops by a key of ops, most ops first."""
    chosen, bindings = choose(connection, work)
    sql = f"""
        {chosen} SELECT {key.sql}, r.duration_us FROM op AS r
        WHERE {" AND ".join(op_conditions(work))} AND {key.only}
          AND r.duration_us IS NOT NULL AND r.timing <> 'point'
    """
    given = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    found = _ranked(connection.execute(sql, given))
    groups = [DurationGroup(key=name, **msgspec.structs.asdict(ranked)) for name, ranked in found.items()]
    return sorted(groups, key=lambda group: (-group.n, group.key))


def of_sessions(connection: apsw.Connection, work: Work, key: Key) -> dict[str, Durations]:
    """Return the busy times of whole sessions by a key of sessions."""
    chosen, bindings = choose(connection, work, [key.sql])
    sql = f"{chosen} SELECT k0, busy_us FROM chosen JOIN session ON session.id = chosen.id WHERE busy_us > 0"
    return _ranked(connection.execute(sql, bindings))


def op_conditions(work: Work) -> list[str]:
    """Return the conditions on ``r``, an op, that `row_conditions` puts on rows of table ``rollup``."""
    found = ["NOT r.replay", "r.session_id IN (SELECT id FROM chosen)", *part_conditions(work)]
    found += window_conditions(work)
    if work.first_quarter is not None:
        found.append(f"{OP_TIME} / {QUARTER_US} >= :first_quarter")
    if work.last_quarter is not None:
        found.append(f"{OP_TIME} / {QUARTER_US} <= :last_quarter")
    return found


def _ranked(rows: Iterable[tuple[str, int]]) -> dict[str, Durations]:
    # Sorted here, not by SQLite: a list of integers is many times faster to sort than rows are.
    found: dict[str, list[int]] = {}
    for key, duration in rows:
        found.setdefault(key, []).append(duration)
    return {key: _durations(sorted(some)) for key, some in found.items()}


def _durations(ordered: Sequence[int]) -> Durations:
    n = len(ordered)
    return Durations(
        n=n,
        p50_us=ordered[(n * 50 + 99) // 100 - 1],
        p95_us=ordered[(n * 95 + 99) // 100 - 1],
        max_us=ordered[-1],
    )
