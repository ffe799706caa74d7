"""How full the context windows became: of each turn and session, the fullest moment."""

from __future__ import annotations

import apsw

from ai_viewer.store.rows import records
from ai_viewer.store.sums import Work, choose, part_bindings, quarter_bindings, row_conditions
from ai_viewer.store.top import links
from ai_viewer.store.views_stats import ContextPressure, PressedSession, PressureStep

ABOVE_PERCENT = 80
_STEPS = 10
"""Steps below 100 %; a last one is for what a source tells beyond its own limit."""

_TURNS = """
    peak (session_id, turn, share, used) AS MATERIALIZED (
        SELECT r.session_id, r.turn, max(r.context_share), max(r.context_peak) FROM rollup AS r
        WHERE r.kind = 'llm' AND {} GROUP BY 1, 2
    ),
    whole (session_id, share, used, pressed) AS MATERIALIZED (
        SELECT session_id, max(share), max(used), count(*) FILTER (WHERE share > :above) FROM peak GROUP BY 1
    )
"""


def pressure(
    connection: apsw.Connection, work: Work, *, above_percent: int = ABOVE_PERCENT, limit: int = 50
) -> ContextPressure:
    """Return how many turns and sessions came how near to the end of their model's window.

    Shares are known to a tenth of a percent. Only model calls whose source tells the window's
    size, or whose adapter knows it, count.
    """
    chosen, bindings = choose(connection, work)
    start = f"{chosen}, {_TURNS.format(' AND '.join(row_conditions(work) or ['true']))}"
    given = {**bindings, **quarter_bindings(work), **part_bindings(work), "above": above_percent * 10}
    counts: dict[str, dict[int, int]] = {}
    for table in ("peak", "whole"):
        counts[table] = dict(
            connection.execute(
                f"{start} SELECT min(share / 100, {_STEPS}), count(*) FROM {table} WHERE share > 0"
                " GROUP BY 1",
                given,
            )
        )
    ((pressed, unknown),) = connection.execute(
        f"{start} SELECT count(*) FILTER (WHERE pressed > 0), count(*) FILTER (WHERE share = 0) FROM whole",
        given,
    )
    fullest = list(
        records(
            connection,
            f"{start} SELECT session.id AS key, share, used, pressed, session.last_at FROM whole"
            " JOIN session ON session.id = whole.session_id"
            " WHERE pressed > 0 ORDER BY share DESC, session.id LIMIT :limit",
            {**given, "limit": limit},
        )
    )
    linked = links(connection, (record["key"] for record in fullest))
    return ContextPressure(
        above_percent=above_percent,
        steps=[
            PressureStep(
                from_percent=100 // _STEPS * step,
                to_percent=100 // _STEPS * (step + 1) if step < _STEPS else None,
                turns=counts["peak"].get(step, 0),
                sessions=counts["whole"].get(step, 0),
            )
            for step in range(_STEPS + 1)
        ],
        pressed=pressed,
        sessions=[
            PressedSession(
                session=linked[record["key"]],
                peak_percent=record["share"] / 10,
                context_peak=record["used"],
                turns=record["pressed"],
                last_at=record["last_at"],
            )
            for record in fullest
        ],
        unknown_sessions=unknown,
    )
