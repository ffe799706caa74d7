"""What changed since when: the numbered notices that the writer leaves."""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.store import database


class Changes(msgspec.Struct, frozen=True):
    """What the notices up to number ``last`` tell: the sessions that changed, each once.

    ``sources`` says that there is news of the sources: always when there is any, because
    whatever is read moves a file's counts.
    """

    last: int
    sessions: list[str]
    sources: bool


def newest(connection: apsw.Connection) -> int:
    """Return the newest notice's number; 0 if there never was one."""
    return int(database.one(connection, "SELECT max(id) FROM change") or 0)


def since(connection: apsw.Connection, after: int) -> Changes:
    """Return what changed after notice ``after``."""
    rows = database.rows(
        connection,
        "SELECT max(change.id), format || ':' || native_id FROM change"
        " LEFT JOIN session ON session.id = session_id"
        " WHERE change.id > ? GROUP BY session_id ORDER BY 1",
        (after,),
    )
    return Changes(
        last=rows[-1][0] if rows else after,
        sessions=[session for _, session in rows if session is not None],
        sources=bool(rows),
    )


def first_turns(connection: apsw.Connection, after: int) -> dict[int, int | None]:
    """Return the keys of the sessions that changed after notice ``after``.

    Each with the first of its turns that changed, in itself or in an op; ``None``: no turn did, only
    what is told of the session or of those it started.
    """
    return dict(
        database.rows(
            connection, "SELECT session_id, min(turn) FROM change WHERE id > ? GROUP BY session_id", (after,)
        )
    )


def reaches(connection: apsw.Connection, after: int) -> bool:
    """Tell whether all notices after number ``after`` are still there, and that number was given out."""
    oldest, last = database.rows(connection, "SELECT min(id), max(id) FROM change")[0]
    if last is None:
        return after == 0
    return bool(oldest - 1 <= after <= last)


def revision(connection: apsw.Connection, session: int) -> int:
    """Return the number of the newest notice of a session, by its key.

    Notices are dropped after a while: then it is the newest number that is gone, so that
    it never falls.
    """
    found = database.one(
        connection, "SELECT id FROM change WHERE session_id = ? ORDER BY id DESC LIMIT 1", (session,)
    )
    if found is None:
        found = database.one(connection, "SELECT min(id) - 1 FROM change")
    return int(found or 0)
