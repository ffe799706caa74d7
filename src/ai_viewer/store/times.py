"""Where the time of turns went, and what of it was waiting for the human.

A turn's *window* is its span, cut where the next turn starts. Before it lies the *wait*: since
the window before. So windows and waits follow each other without gap or overlap, from a
session's first start to its last end. A turn whose start or end is not known has no window, and
neither has one that is all copies: its time was another session's.

    turn 1   |######|..|                 its last result came when turn 2 had begun
    turn 2          |#####|
    turn 3                    |###|
              window window wait window

Order is that of starts, not of numbers: clocks are set.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import apsw

from ai_viewer.analysis.attribution import split
from ai_viewer.model import Micros
from ai_viewer.store import database

WITHIN_TURNS = ("compaction_us", "model_us", "tool_us", "agent_us", "idle_us")
"""Columns of tables ``turn`` and ``session``, in the order of `Split`: together the windows."""
TIMES = (*WITHIN_TURNS, "wait_us")

_OWN = "start_ts IS NOT NULL AND (ops > 0 OR replays = 0)"
_WINDOW = f"{_OWN} AND duration_us IS NOT NULL"

_NEXT_START = f"""
SELECT start_ts FROM turn WHERE session_id = ? AND (start_ts, turn) > (?, ?) AND {_OWN}
ORDER BY start_ts, turn LIMIT 1
"""
_BEFORE = f"""
SELECT start_ts, turn, end_ts FROM turn WHERE session_id = ? AND (start_ts, turn) < (?, ?) AND {_WINDOW}
ORDER BY start_ts DESC, turn DESC LIMIT 1
"""
# Whose times depend on a turn that starts, or no longer starts, at a moment: it and those that
# start with it, the one before (its window ends there) and the one behind (its wait begins there).
_CONCERNED = f"""
SELECT turn FROM turn WHERE session_id = ?1 AND start_ts = ?2
UNION SELECT turn FROM (
    SELECT turn FROM turn WHERE session_id = ?1 AND start_ts < ?2 AND {_WINDOW}
    ORDER BY start_ts DESC, turn DESC LIMIT 1)
UNION SELECT turn FROM (
    SELECT turn FROM turn WHERE session_id = ?1 AND start_ts > ?2 AND {_WINDOW}
    ORDER BY start_ts, turn LIMIT 1)
"""
_TURN = f"""
SELECT start_ts, end_ts, {_WINDOW}, first_seq, last_seq, {", ".join(TIMES)}
FROM turn WHERE session_id = ? AND turn = ?
"""
_BUSY = """
SELECT kind, start_ts, end_ts FROM op
WHERE session_id = ? AND turn = ? AND seq BETWEEN ? AND ? AND NOT replay AND duration_us > 0
"""


class Window(NamedTuple):
    """From a turn's start to its end, or to the next turn's start if that is earlier."""

    start: Micros
    end: Micros


def derive_times(
    connection: apsw.Connection,
    turns: Iterable[tuple[int, int]],
    earlier_starts: Iterable[tuple[int, Micros]],
) -> list[tuple[int, int]]:
    """Compute the times anew of ``turns`` (session, turn) and those that depend on them; write what differs.

    ``earlier_starts`` are the moments (session, start) at which some of the turns had started
    before they changed. Returns the turns that were written.
    """
    changed = set(turns)
    moments = set(earlier_starts)
    for key in changed:
        start = database.one(connection, "SELECT start_ts FROM turn WHERE session_id = ? AND turn = ?", key)
        if start is not None:
            moments.add((key[0], start))
    concerned = {
        (session, turn)
        for session, moment in moments
        for (turn,) in database.rows(connection, _CONCERNED, (session, moment))
    }
    return [
        (session, turn)
        for session, turn in sorted(changed | concerned)
        if _derive_turn(connection, session, turn, ops_changed=(session, turn) in changed)
    ]


def window(connection: apsw.Connection, session: int, turn: int) -> Window | None:
    """Return a turn's window, if it has one."""
    query = f"SELECT start_ts, end_ts FROM turn WHERE session_id = ? AND turn = ? AND {_WINDOW}"
    found = database.rows(connection, query, (session, turn))
    return _window(connection, session, turn, *found[0]) if found else None


def _derive_turn(connection: apsw.Connection, session: int, turn: int, *, ops_changed: bool) -> bool:
    """Compute a turn's times anew; return whether they differed."""
    [(start, end, has_window, first, last, *stored)] = database.rows(connection, _TURN, (session, turn))
    truth = (0,) * len(TIMES)
    if has_window:
        span = _window(connection, session, turn, start, end)
        parts = tuple(stored[:-1])
        # Without news of its ops or start, only its window's end may have moved.
        if ops_changed or sum(parts) != span.end - span.start:
            busy = database.rows(connection, _BUSY, (session, turn, first, last))
            parts = split(span.start, span.end, busy)
        truth = (*parts, _wait(connection, session, turn, start))
    if truth == tuple(stored):
        return False
    connection.execute(
        f"UPDATE turn SET {', '.join(f'{column} = ?' for column in TIMES)} WHERE session_id = ? AND turn = ?",
        (*truth, session, turn),
    )
    return True


def _window(connection: apsw.Connection, session: int, turn: int, start: Micros, end: Micros) -> Window:
    following: Micros | None = database.one(connection, _NEXT_START, (session, start, turn))
    return Window(start, end if following is None else min(end, following))


def _wait(connection: apsw.Connection, session: int, turn: int, start: Micros) -> Micros:
    before = database.rows(connection, _BEFORE, (session, start, turn))
    if not before:
        return 0
    [(earlier_start, earlier_turn, earlier_end)] = before
    return start - _window(connection, session, earlier_turn, earlier_start, earlier_end).end
