"""On which days (UTC) sessions have work, and which days are sealed.

Table ``session_day`` derives from ``rollup`` and ``turn``, in the transaction that changes them. A sealed
day's sums stand in table ``tally`` (see `ai_viewer.store.tally`); whatever changes them unseals the day
in the same transaction: news of that day itself, and of an earlier day of a session that has work on it,
because a sealed day tells since when each session was not seen.
"""

from __future__ import annotations

import apsw

from ai_viewer import moments
from ai_viewer.store import database
from ai_viewer.store.zones import QUARTER_US

DAY = 96
"""Quarters of a day."""
NO_DAY = -1
"""The day of what has no known time."""

SESSION_QUARTER = f"coalesce(s.started_at, s.last_at) / {QUARTER_US}"
"""The quarter of an hour of what tells no time of its own; ``s`` is its session."""
TURN_QUARTER = f"coalesce(t.start_ts, t.end_ts) / {QUARTER_US}"
TURN_HAS_WORK = "(t.ops > 0 OR t.replays = 0)"

_DAY_OF = f"coalesce({{}} / {DAY}, {NO_DAY})"
TRUTH = f"""
SELECT DISTINCT {_DAY_OF.format(f"iif(r.quarter >= 0, r.quarter, {SESSION_QUARTER})")}
FROM rollup AS r JOIN session AS s ON s.id = r.session_id WHERE r.session_id = ?1
UNION
SELECT {_DAY_OF.format(f"coalesce({TURN_QUARTER}, {SESSION_QUARTER})")}
FROM turn AS t JOIN session AS s ON s.id = t.session_id WHERE t.session_id = ?1 AND {TURN_HAS_WORK}
"""
_TURN_DAY = f"""
SELECT {_DAY_OF.format(f"coalesce({TURN_QUARTER}, {SESSION_QUARTER})")}, {TURN_HAS_WORK}
FROM turn AS t JOIN session AS s ON s.id = t.session_id WHERE t.session_id = ? AND t.turn = ?
"""


def today() -> int:
    """Return the day it is, by UTC."""
    return moments.now() // (DAY * QUARTER_US)


def derive_session(connection: apsw.Connection, session: int) -> None:
    """Compute a session's days anew, and unseal all that it had and has."""
    known = _days(connection, session)
    truth = {day for (day,) in database.rows(connection, TRUTH, (session,))}
    _write(connection, session, truth - known, known - truth)
    _unseal(connection, known | truth)


class Changes:
    """What of a session a transaction changed: quarters of an hour whose sums did, and turns."""

    def __init__(self) -> None:
        self.quarters: set[int] = set()
        self.left: set[int] = set()
        """Quarters in which something was that may be elsewhere now."""
        self.turns: set[int] = set()


def derive_changed(connection: apsw.Connection, session: int, changes: Changes) -> None:
    """Bring a session's days up to date where it changed."""
    if any(quarter < 0 for quarter in changes.quarters | changes.left):
        derive_session(connection, session)
        return
    present = {quarter // DAY for quarter in changes.quarters}
    left = {quarter // DAY for quarter in changes.left}
    for turn in changes.turns:
        for day, has_work in database.rows(connection, _TURN_DAY, (session, turn)):
            (present if has_work else left).add(day)
    known = _days(connection, session)
    if not (left <= present <= known):
        # Seldom: the first work of a day, or such that is gone.
        derive_session(connection, session)
    elif present:
        _unseal(connection, {day for day in known if day >= min(present)})


def _days(connection: apsw.Connection, session: int) -> set[int]:
    return {
        day
        for (day,) in database.rows(
            connection, "SELECT day FROM session_day WHERE session_id = ?", (session,)
        )
    }


def _write(connection: apsw.Connection, session: int, news: set[int], gone: set[int]) -> None:
    connection.executemany(
        "INSERT INTO session_day (session_id, day) VALUES (?, ?)", [(session, day) for day in sorted(news)]
    )
    connection.executemany(
        "DELETE FROM session_day WHERE session_id = ? AND day = ?", [(session, day) for day in sorted(gone)]
    )


def _unseal(connection: apsw.Connection, days: set[int]) -> None:
    connection.executemany(
        "INSERT INTO day (day) VALUES (?) ON CONFLICT DO UPDATE SET sealed = 0 WHERE sealed",
        [(day,) for day in sorted(days)],
    )
