"""Questions about notices: the agents' own, of a session and what it started, and the ingest's.

Both are paged by what orders them, so that a page costs what it holds.
"""

from __future__ import annotations

from typing import Any

import apsw
import msgspec

from ai_viewer.model import Severity
from ai_viewer.store import cursors
from ai_viewer.store.cursors import Int64
from ai_viewer.store.rows import records
from ai_viewer.store.sessions import key_of
from ai_viewer.store.views import IngestError, IngestErrorPage, LogPage, SessionLog

SEVERITIES = tuple(Severity)
"""From the least severe to the most."""


class _LogQuestion(msgspec.Struct, frozen=True, array_like=True):
    session: str
    severity: Severity
    tree: bool


class _LogPosition(msgspec.Struct, frozen=True, array_like=True):
    """Behind which entry a page begins; an unknown time is 0."""

    ts: Int64
    session: Int64
    n: Int64


# Forks are work of their own, as everywhere.
_LOGS = """
WITH RECURSIVE tree (id) AS (
    SELECT :session
    UNION
    SELECT child.id FROM tree JOIN session AS child ON child.parent_id = tree.id
    WHERE :tree AND child.owner_file IS NOT NULL AND child.kind <> 'fork'
)
SELECT coalesce(ts, 0) AS place, session_id, s.format || ':' || s.native_id AS session, s.agent,
    turn, seq, n, ts, severity, name, message
FROM tree JOIN log ON log.session_id = tree.id JOIN session AS s ON s.id = session_id
WHERE severity IN (SELECT value FROM json_each(:severities))
    AND (coalesce(ts, 0), session_id, n) > (:ts, :key, :n)
ORDER BY place, session_id, n LIMIT :rows
"""


def logs(
    connection: apsw.Connection,
    session_id: str,
    *,
    severity: Severity = Severity.DEBUG,
    tree: bool = True,
    cursor: str | None = None,
    limit: int = 200,
) -> LogPage:
    """Return the entries of at least ``severity``, in order of time; those without a time come first.

    Raises:
        NotFoundError: if no such session was read.
        cursors.CursorError: if ``cursor`` is not one of this question.
    """
    question = _LogQuestion(session_id, severity, tree)
    place = _LogPosition(-1, 0, 0) if cursor is None else cursors.decode(cursor, question, _LogPosition)
    wanted = SEVERITIES[SEVERITIES.index(severity) :]
    found = list(
        records(
            connection,
            _LOGS,
            {
                "session": key_of(connection, session_id),
                "tree": tree,
                "severities": msgspec.json.encode(wanted).decode(),
                "ts": place.ts,
                "key": place.session,
                "n": place.n,
                "rows": limit + 1,
            },
        )
    )
    more = len(found) > limit
    places = [_LogPosition(row.pop("place"), row.pop("session_id"), row["n"]) for row in found]
    return LogPage(
        logs=msgspec.convert(found[:limit], list[SessionLog]),
        next=cursors.encode(question, places[limit - 1]) if more else None,
    )


class _ErrorQuestion(msgspec.Struct, frozen=True, array_like=True):
    format: str | None
    root: str | None
    session: str | None


class _ErrorPosition(msgspec.Struct, frozen=True, array_like=True):
    file: Int64
    offset: Int64


def ingest_errors(
    connection: apsw.Connection,
    *,
    format_name: str | None = None,
    root: str | None = None,
    session_id: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> IngestErrorPage:
    """Return what could not be read, file by file and by its place there.

    ``session_id`` asks for the files that tell something of that session.

    Raises:
        NotFoundError: if no such session was read.
        cursors.CursorError: if ``cursor`` is not one of this question.
    """
    question = _ErrorQuestion(format_name, root, session_id)
    place = _ErrorPosition(0, -1) if cursor is None else cursors.decode(cursor, question, _ErrorPosition)
    conditions = ["(file_id, problem.offset) > (:file, :offset)"]
    bindings: dict[str, Any] = {"file": place.file, "offset": place.offset, "rows": limit + 1}
    for condition, name, value in (
        ("format = :format", "format", format_name),
        ("root = :root", "root", root),
        (
            "file_id IN (SELECT file_id FROM session_fact WHERE session_id = :session)",
            "session",
            None if session_id is None else key_of(connection, session_id),
        ),
    ):
        if value is not None:
            conditions.append(condition)
            bindings[name] = value
    found = list(
        records(
            connection,
            "SELECT file_id, format, root, path, problem.offset, NULL AS line, error_class, message,"
            " excerpt FROM problem"
            " JOIN file ON file.id = file_id JOIN source ON source.id = source_id"
            f" WHERE {' AND '.join(conditions)} ORDER BY file_id, problem.offset LIMIT :rows",
            bindings,
        )
    )
    more = len(found) > limit
    places = [_ErrorPosition(row.pop("file_id"), row["offset"]) for row in found]
    return IngestErrorPage(
        errors=msgspec.convert(found[:limit], list[IngestError]),
        next=cursors.encode(question, places[limit - 1]) if more else None,
    )
