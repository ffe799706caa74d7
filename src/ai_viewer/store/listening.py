"""Of which changed sessions a client wants to hear."""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.store import database
from ai_viewer.store.sessions import SessionFilter, conditions


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Of which sessions a client wants to hear; with ``tree`` of all that ``session`` started as well."""

    sessions: SessionFilter = SessionFilter()
    session: str | None = None
    tree: bool = False


class Matching(msgspec.Struct, frozen=True):
    """Which of some sessions are wanted.

    ``left`` are those that would be but for what changes in a session's life (its status, model, title,
    failures): they may have been wanted before.
    """

    sessions: list[str]
    left: list[str]


_TRANSIENT = {"status": None, "model": None, "text": None, "failed": None}
_TREE = """
    tree (id) AS (
        SELECT id FROM session WHERE format = :top_format AND native_id = :top
        UNION
        SELECT child.id FROM tree JOIN session AS child ON child.parent_id = tree.id
        WHERE child.owner_file IS NOT NULL AND child.kind <> 'fork'
    ),
"""


def matching(connection: apsw.Connection, names: list[str], wanted: Wanted) -> Matching:
    """Return which of the sessions with these ids are wanted now."""
    lasting = msgspec.structs.replace(wanted.sessions, **_TRANSIENT)
    now = _passing(connection, names, wanted, wanted.sessions)
    if lasting == wanted.sessions:
        return Matching(now, [])
    passing = set(now)
    before = _passing(connection, names, wanted, lasting)
    return Matching(now, [name for name in before if name not in passing])


def _passing(
    connection: apsw.Connection, names: list[str], wanted: Wanted, sessions: SessionFilter
) -> list[str]:
    where, bindings = conditions(connection, sessions)
    if wanted.session is not None:
        bindings["top_format"], _, bindings["top"] = wanted.session.partition(":")
        where.append("s.id IN tree" if wanted.tree else "s.format = :top_format AND s.native_id = :top")
    tree = _TREE if wanted.tree and wanted.session is not None else ""
    sql = f"""
        WITH RECURSIVE {tree} named (place, format, native_id) AS MATERIALIZED (
            SELECT key, substr(value, 1, instr(value, ':') - 1), substr(value, instr(value, ':') + 1)
            FROM json_each(:names)
        )
        SELECT s.format || ':' || s.native_id FROM named CROSS JOIN session AS s USING (format, native_id)
        WHERE {" AND ".join(where)} ORDER BY place
    """
    given = {**bindings, "names": msgspec.json.encode(names).decode()}
    return [name for (name,) in database.rows(connection, sql, given)]
