"""Questions about sessions: a page of them, one of them, and which one is meant.

Only sessions that were read are shown. A row that other sessions merely name (a parent whose
file is gone) is none: it is not listed, not linked, and its children count as roots. A fork
goes on from another session's history, but is no work of that session: it is a root as well,
with a link to where it came from.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from ai_viewer.errors import NotFoundError
from ai_viewer.model import Micros, SessionKind, SessionStatus
from ai_viewer.query import Query
from ai_viewer.store import changes, cursors, database, findings
from ai_viewer.store.conditions import of_sessions
from ai_viewer.store.cursors import Int64
from ai_viewer.store.rows import (
    OWN_TIMES,
    OWN_TOTALS,
    TREE_TIMES,
    TREE_TOTALS,
    Record,
    records,
    take_times,
    take_totals,
)
from ai_viewer.store.views import (
    SessionDetail,
    SessionFacet,
    SessionFacets,
    SessionLink,
    SessionPage,
    SessionRow,
    SourcePlace,
    TimeSplit,
)

ACTIVE_MICROS = 5 * 60 * 1_000_000
"""A running session that was written to within this time is active, else idle."""
FACETS_SHOWN = 20
CHILDREN_SHOWN = 10
"""Children in a session's detail; all of them are a page of `page` with ``parent``."""

UNKNOWN = "unknown"
"""The key of what tells no model, project, time, …"""
MAIN_AGENT = "main"
"""The agent of sessions that are no sub-agent's."""

AGENT_OF = f"coalesce({{0}}.agent, iif({{0}}.kind IN ('root', 'fork'), '{MAIN_AGENT}', '{UNKNOWN}'))"
"""A session's agent, by the name under which statistics have it as well; ``{0}`` is the table's alias."""
AGENT = AGENT_OF.format("s")
PROJECT = f"coalesce(nullif(s.cwd, ''), '{UNKNOWN}')"
"""A session's folder, in the same way."""

TITLE = (
    "coalesce({0}.title, (SELECT label FROM turn WHERE session_id = {0}.id AND label IS NOT NULL"
    " ORDER BY turn LIMIT 1))"
)
"""A session's title, else the start of its first prompt; ``{0}`` is the table's alias."""

_ROW = f"""
    s.id AS key, s.format || ':' || s.native_id AS id, s.format, s.native_id, s.kind,
    (SELECT format || ':' || native_id FROM session AS p
     WHERE p.id = s.parent_id AND p.owner_file IS NOT NULL) AS parent,
    {TITLE.format("s")} AS title,
    s.agent, s.model, s.provider, s.cwd, s.git_branch, s.client, s.call_path, s.pr_url, s.status,
    s.error_class, s.error_message,
    s.started_at, s.last_at, s.ended_at, s.busy_us, s.turns, s.context_peak, s.replays,
    {OWN_TOTALS}, {OWN_TIMES}
"""

_TEXT = (
    "folded(concat_ws(char(10), s.title, (SELECT label FROM turn WHERE session_id = s.id"
    " AND label IS NOT NULL ORDER BY turn LIMIT 1), s.cwd, s.native_id))"
)
"""What a session is found by in lists."""

_IS_ROOT = (
    "(s.parent_id IS NULL OR s.kind = 'fork' OR NOT EXISTS"
    " (SELECT 1 FROM session AS p WHERE p.id = s.parent_id AND p.owner_file IS NOT NULL))"
)

_TREES = f"""
WITH RECURSIVE tree (top, id) AS (
    SELECT value, value FROM json_each(?)
    UNION
    SELECT tree.top, child.id FROM tree JOIN session AS child ON child.parent_id = tree.id
    WHERE child.owner_file IS NOT NULL AND child.kind <> 'fork'
)
SELECT top, count(*) - 1 AS descendants, count(*) FILTER (WHERE parent_id = top) AS children, {TREE_TOTALS},
    {TREE_TIMES}
FROM tree JOIN session ON session.id = tree.id GROUP BY top
"""
"""Totals with all that the sessions started, however deep; a circle is walked once."""


class SessionFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which sessions to list; ``None`` lets all through.

    ``parent`` is a session's id, ``text`` is looked for in title, first prompt (its label),
    folder and native id whatever the case, and so is each term of ``query``. ``since`` and ``until``
    (included) bound the last activity. ``project``, ``model`` and ``agent`` may be `UNKNOWN`, ``agent``
    may be `MAIN_AGENT`.
    ``failed`` asks for a failure of the session itself or in one of its own ops.
    ``roots`` leaves out the sessions that another one, which was read, has started. ``keys`` are the
    store's own of the only sessions to look among.
    """

    format: str | None = None
    status: SessionStatus | None = None
    kind: SessionKind | None = None
    project: str | None = None
    model: str | None = None
    agent: str | None = None
    parent: str | None = None
    text: str | None = None
    query: Query | None = None
    failed: bool | None = None
    since: Micros | None = None
    until: Micros | None = None
    roots: bool | None = None
    keys: tuple[int, ...] | None = None


class Narrowing(msgspec.Struct, frozen=True):
    """A further condition on ``s``, a row of table ``session``; ``question`` tells it from others."""

    question: Any
    sql: str
    bindings: dict[str, Any]


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """Behind which row a page begins."""

    last_at: Int64 | None
    key: Int64


def page(
    connection: apsw.Connection,
    wanted: SessionFilter,
    *,
    now: Micros,
    cursor: str | None = None,
    limit: int = 100,
    narrowing: Narrowing | None = None,
    facets: bool = False,
) -> SessionPage:
    """Return the sessions that ``wanted`` lets through, latest activity first, unknown activity last.

    ``facets`` counts all of them by what they are.

    Raises:
        cursors.CursorError: if ``cursor`` is not one of a page of these sessions.
    """
    question: Any = wanted if narrowing is None else (wanted, narrowing.question)
    place = None if cursor is None else cursors.decode(cursor, question, _Position)
    filters, bindings = conditions(connection, wanted, now=now)
    if narrowing is not None:
        filters, bindings = [*filters, narrowing.sql], {**bindings, **narrowing.bindings}
    found = list(records(connection, *_page_query(wanted, filters, bindings, place, limit + 1)))
    more = len(found) > limit
    total = len(found)
    if more or place is not None:
        total = database.one(
            connection, f"SELECT count(*) FROM session AS s WHERE {' AND '.join(filters)}", bindings
        )
    found = found[:limit]
    last = _Position(found[-1]["last_at"], found[-1]["key"]) if more else None
    return SessionPage(
        sessions=_complete(connection, found, now),
        next=None if last is None else cursors.encode(question, last),
        total=total,
        facets=_facets(connection, filters, bindings) if facets else None,
    )


def detail(connection: apsw.Connection, session_id: str, *, now: Micros) -> SessionDetail:
    """Return one session's head, with its ancestors and the first `CHILDREN_SHOWN` of its children.

    Raises:
        NotFoundError: if no such session was read.
    """
    key = key_of(connection, session_id)
    own = list(records(connection, f"SELECT {_ROW} FROM session AS s WHERE s.id = ?", (key,)))
    children = list(
        records(
            connection,
            f"SELECT {_ROW} FROM session AS s WHERE s.parent_id = ? AND s.kind <> 'fork'"
            " AND s.owner_file IS NOT NULL ORDER BY s.started_at, s.id LIMIT ?",
            (key, CHILDREN_SHOWN),
        )
    )
    session, *others = _complete(connection, own + children, now)
    found, complete = findings.of_session(connection, key, session_id)
    return SessionDetail(
        session=session,
        ancestors=_ancestors(connection, key),
        children=others,
        findings=found,
        findings_complete=complete,
        file=file(connection, key),
        logs=database.one(connection, "SELECT count(*) FROM log WHERE session_id = ?", (key,)),
        revision=changes.revision(connection, key),
    )


def of_keys(connection: apsw.Connection, keys: Sequence[int], *, now: Micros) -> dict[int, SessionRow]:
    """Return sessions by their keys."""
    listed = msgspec.json.encode(keys).decode()
    query = f"SELECT {_ROW} FROM session AS s WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY s.id"
    found = list(records(connection, query, (listed,)))
    found_keys = [record["key"] for record in found]
    return dict(zip(found_keys, _complete(connection, found, now), strict=True))


def key_of(connection: apsw.Connection, session_id: str) -> int:
    """Return the key of the session with this id, which is ``<format>:<native id>``.

    Raises:
        NotFoundError: if no such session was read.
    """
    name, _, native_id = session_id.partition(":")
    key: int | None = database.one(
        connection,
        "SELECT id FROM session WHERE format = ? AND native_id = ? AND owner_file IS NOT NULL",
        (name, native_id),
    )
    if key is None:
        raise NotFoundError(f"no session {session_id!r}")
    return key


def keys_of(connection: apsw.Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return the keys of those of the sessions with these ids that were read."""
    query = """
        SELECT value, session.id FROM json_each(?) JOIN session
            ON format = substr(value, 1, instr(value, ':') - 1)
            AND native_id = substr(value, instr(value, ':') + 1)
        WHERE owner_file IS NOT NULL
    """
    return dict(database.rows(connection, query, (msgspec.json.encode(ids).decode(),)))


def ids_like(connection: apsw.Connection, text: str, limit: int = 10) -> list[str]:
    """Return the ids a person may mean by ``text``: that id or native id, else those that begin so."""
    query = (
        "SELECT format || ':' || native_id FROM session WHERE owner_file IS NOT NULL AND {}"
        " ORDER BY last_at DESC, id DESC LIMIT ?"
    )
    exact = database.rows(
        connection, query.format("(native_id = ?1 OR format || ':' || native_id = ?1)"), (text, limit)
    )
    found = exact or database.rows(
        connection,
        query.format(
            "(substr(native_id, 1, length(?1)) = ?1"
            " OR substr(format || ':' || native_id, 1, length(?1)) = ?1)"
        ),
        (text, limit),
    )
    return [session for (session,) in found]


def count(connection: apsw.Connection) -> int:
    """Return how many sessions were read."""
    number: int = database.one(connection, "SELECT count(*) FROM session WHERE owner_file IS NOT NULL")
    return number


def newest(connection: apsw.Connection) -> Micros | None:
    """Return when a session was last active."""
    last: Micros | None = database.one(
        connection,
        "SELECT max(last_at) FROM session INDEXED BY session_recent WHERE owner_file IS NOT NULL",
    )
    return last


def conditions(
    connection: apsw.Connection, wanted: SessionFilter, *, now: Micros | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on ``s``, a row of table ``session``, and their bindings.

    ``connection`` learns a function that they may use. ``now`` is what ``7d`` in a query goes back from.

    Raises:
        QueryError: if the query has conditions that sessions do not meet or fail.
    """
    texts = {
        "format": "s.format = :format",
        "status": "s.status = :status",
        "kind": "s.kind = :kind",
        "project": f"{PROJECT} = :project",
        "model": f"coalesce(s.model, '{UNKNOWN}') = :model",
        "agent": f"{AGENT} = :agent",
        "parent": (
            "s.kind <> 'fork' AND s.parent_id ="
            " (SELECT id FROM session WHERE format = :parent_format AND native_id = :parent)"
        ),
        "text": f"instr({_TEXT}, :text)",
        "since": "s.last_at >= :since",
        "until": "s.last_at <= :until",
    }
    given = {field: getattr(wanted, field) for field in texts if getattr(wanted, field) is not None}
    filters = ["s.owner_file IS NOT NULL", *(texts[field] for field in given)]
    if wanted.failed is not None:
        filters.append(f"{'' if wanted.failed else 'NOT '}(s.failures > 0 OR s.status = 'failed')")
    if wanted.roots:
        filters.append(_IS_ROOT)
    if wanted.keys is not None:
        filters.append("s.id IN (SELECT value FROM json_each(:keys))")
        given["keys"] = msgspec.json.encode(wanted.keys).decode()
    if wanted.parent is not None:
        given["parent_format"], _, given["parent"] = wanted.parent.partition(":")
    if wanted.text is not None or wanted.query is not None:
        connection.create_scalar_function("folded", _folded, 1, deterministic=True)
    if wanted.text is not None:
        given["text"] = _folded(wanted.text)
    if wanted.query is not None:
        where = of_sessions(wanted.query, time.time_ns() // 1000 if now is None else now)
        for term in wanted.query.terms:
            there = f"instr({_TEXT}, {where.bind(_folded(term.text))})"
            where.sql.append(f"NOT {there}" if term.negated else there)
        filters += where.sql
        given |= where.bindings
    return filters, given


def _facets(connection: apsw.Connection, filters: Sequence[str], bindings: dict[str, Any]) -> SessionFacets:
    """Count the sessions by each of a few columns, in one look at them."""
    columns = {"format": "s.format", "status": "s.status", "project": PROJECT, "agent": AGENT}
    columns["model"] = f"coalesce(s.model, '{UNKNOWN}')"
    counted: dict[str, Counter[str]] = {name: Counter() for name in columns}
    failed = 0
    keys = ", ".join(f"{column} AS {name}" for name, column in columns.items())
    query = (
        f"SELECT {keys}, count(*) AS n,"
        " count(*) FILTER (WHERE s.failures > 0 OR s.status = 'failed') AS failed"
        f" FROM session AS s WHERE {' AND '.join(filters)} GROUP BY 1, 2, 3, 4, 5"
    )
    for record in records(connection, query, bindings):
        failed += record["failed"]
        for name, counter in counted.items():
            counter[record[name]] += record["n"]
    most = {
        name: sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:FACETS_SHOWN]
        for name, counter in counted.items()
    }
    return SessionFacets(
        failed=failed,
        **{
            name: [SessionFacet(value=value, count=number) for value, number in pairs]
            for name, pairs in most.items()
        },
    )


def _page_query(
    wanted: SessionFilter,
    filters: Sequence[str],
    bindings: dict[str, Any],
    place: _Position | None,
    rows: int,
) -> tuple[str, dict[str, Any]]:
    """The page's rows: those of known activity, then, if there is room, the others."""
    # Left alone, SQLite would sort all sessions of a format to show the newest few.
    table = "session AS s" if wanted.parent is not None else "session AS s INDEXED BY session_recent"
    known, unknown = [*filters, "s.last_at IS NOT NULL"], [*filters, "s.last_at IS NULL"]
    if place is not None:
        bindings = {**bindings, "last_at": place.last_at, "key": place.key}
        if place.last_at is None:
            known, unknown = [], [*unknown, "s.id < :key"]
        else:
            known.append("(s.last_at, s.id) < (:last_at, :key)")
    parts = [
        f"SELECT * FROM (SELECT {_ROW} FROM {table} WHERE {' AND '.join(part)}"
        " ORDER BY s.last_at DESC, s.id DESC LIMIT :rows)"
        for part in (known, unknown)
        if part
    ]
    return f"{' UNION ALL '.join(parts)} LIMIT :rows", {**bindings, "rows": rows}


def _complete(connection: apsw.Connection, found: list[Record], now: Micros) -> list[SessionRow]:
    keys = msgspec.json.encode([record["key"] for record in found]).decode()
    trees = {record.pop("top"): record for record in records(connection, _TREES, (keys,))}
    for record in found:
        tree = trees[record.pop("key")]
        record["tree"] = take_totals(tree, "tree")
        record["own"] = take_totals(record, "own")
        record["time"], record["tree_time"] = take_times(record, "own"), take_times(tree, "tree")
        record["parallelism"] = _parallelism(record["time"], record["tree_time"])
        record["active"] = (
            record["status"] == SessionStatus.RUNNING
            and record["last_at"] is not None
            and record["last_at"] >= now - ACTIVE_MICROS
        )
        record.update(tree)
    return msgspec.convert(found, list[SessionRow])


def _parallelism(own: TimeSplit, tree: TimeSplit) -> float | None:
    in_turns = own.model_us + own.tool_us + own.agent_us + own.compaction_us + own.idle_us
    work = tree.model_us + tree.tool_us + tree.compaction_us
    return work / in_turns if in_turns else None


def _ancestors(connection: apsw.Connection, key: int) -> list[SessionLink]:
    """The sessions above, outermost first, as far up as they were read."""
    query = f"""
        WITH RECURSIVE up (id, depth) AS (
            SELECT ?1, 0
            UNION
            SELECT p.id, depth + 1 FROM up JOIN session AS s ON s.id = up.id
            JOIN session AS p ON p.id = s.parent_id
            WHERE p.owner_file IS NOT NULL AND depth < 100
        )
        SELECT format || ':' || native_id AS id, {TITLE.format("s")} AS title, agent
        FROM up JOIN session AS s ON s.id = up.id WHERE s.id <> ?1 GROUP BY s.id ORDER BY min(depth) DESC
    """
    return msgspec.convert(list(records(connection, query, (key,))), list[SessionLink])


def file(connection: apsw.Connection, key: int) -> SourcePlace | None:
    """Return the file that a session, by its key, is read from."""
    found = list(
        records(
            connection,
            "SELECT source.format, root, path FROM session JOIN file ON file.id = owner_file"
            " JOIN source ON source.id = source_id WHERE session.id = ?",
            (key,),
        )
    )
    return msgspec.convert(found[0], SourcePlace) if found else None


def _folded(*texts: Any) -> str:
    return "\n".join(map(str, texts)).casefold()
