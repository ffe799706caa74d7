"""``/api/sessions``: the list, one session, its turns."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from ai_viewer.model import SessionKind, SessionStatus
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.query import moment
from ai_viewer.store import sessions as stored_sessions
from ai_viewer.store import turns as stored_turns
from ai_viewer.store.reader import Reader
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.views import SessionDetail, SessionPage, TurnPage

SessionId = Annotated[str, PathParameter(description="The session's id: `<format>:<native id>`")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", description="`next` of the page before")]


@get(
    "/sessions",
    operation_id="sessions",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def sessions(
    reader: NamedDependency[Reader],
    format_name: Annotated[
        str | None, QueryParameter(name="format", description="Of this format: `claude_code`, `codex`")
    ] = None,
    status: Annotated[
        SessionStatus | None, QueryParameter(name="status", description="With this status")
    ] = None,
    kind: Annotated[SessionKind | None, QueryParameter(name="kind", description="Of this kind")] = None,
    project: Annotated[
        str | None, QueryParameter(name="project", description="In exactly this folder")
    ] = None,
    model: Annotated[str | None, QueryParameter(name="model", description="With this model")] = None,
    agent: Annotated[
        str | None, QueryParameter(name="agent", description="Sub-agents of exactly this type")
    ] = None,
    parent: Annotated[
        str | None, QueryParameter(name="parent", description="Started by the session with this id")
    ] = None,
    q: Annotated[
        str | None,
        QueryParameter(
            name="q",
            description="With this text, whatever the case, in the title, the start of the first prompt,"
            " the folder or the native id",
        ),
    ] = None,
    failed: Annotated[
        bool | None,
        QueryParameter(
            name="failed", description="With (`false`: without) a failure of its own or of one of its ops"
        ),
    ] = None,
    since: Annotated[
        str | None,
        QueryParameter(
            name="since",
            description="Last active at this time or later: ISO 8601 (local time if it names no zone)"
            " or microseconds since 1970",
        ),
    ] = None,
    until: Annotated[
        str | None,
        QueryParameter(
            name="until", description="Last active at this time or earlier; a date means all of that day"
        ),
    ] = None,
    roots: Annotated[
        bool | None,
        QueryParameter(
            name="roots",
            description="Only sessions that no other one, as far as it was read, has started."
            " Without it: true, but false together with `parent`",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="Sessions a page")] = 100,
) -> SessionPage:
    """List sessions, latest activity first."""
    wanted = SessionFilter(
        format=format_name,
        status=status,
        kind=kind,
        project=project,
        model=model,
        agent=agent,
        parent=parent,
        text=q or None,
        failed=failed,
        since=moment("since", since),
        until=moment("until", until, end=True),
        roots=parent is None if roots is None else roots,
    )
    with reader.snapshot() as connection:
        return stored_sessions.page(connection, wanted, now=_now(), cursor=cursor, limit=limit)


@get(
    "/sessions/{session_id:str}",
    operation_id="session",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def session(reader: NamedDependency[Reader], session_id: SessionId) -> SessionDetail:
    """Show one session: its head, its ancestors, and the first 200 sessions that it started."""
    with reader.snapshot() as connection:
        return stored_sessions.detail(connection, session_id, now=_now())


@get(
    "/sessions/{session_id:str}/turns",
    operation_id="turns",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def turns(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="Ops a page")] = 200,
    from_turn: Annotated[
        int | None,
        QueryParameter(
            name="from_turn", ge=0, le=2**53, description="Begin with this turn; not with `cursor`"
        ),
    ] = None,
    order: Annotated[
        Literal["asc", "desc"],
        QueryParameter(name="order", description="`desc` goes from the session's end backwards, op by op"),
    ] = "asc",
) -> TurnPage:
    """Show a session's turns and their ops, page by page; a turn may go on on the next page."""
    with reader.snapshot() as connection:
        return stored_turns.page(
            connection, session_id, cursor=cursor, limit=limit, from_turn=from_turn, order=order
        )


def _now() -> int:
    return time.time_ns() // 1000
