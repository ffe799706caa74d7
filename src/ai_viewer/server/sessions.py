"""``/api/sessions``: the list, one session, its turns."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from ai_viewer import moments
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.filters import LISTED
from ai_viewer.server.query import moment
from ai_viewer.store import home
from ai_viewer.store import sessions as stored_sessions
from ai_viewer.store import turns as stored_turns
from ai_viewer.store.reader import Reader
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.views import SessionDetail, SessionPage, TurnPage
from ai_viewer.store.views_home import LiveState
from ai_viewer.store.worked import Worked, narrowing

SessionId = Annotated[str, PathParameter(description="The session's id: `<format>:<native id>`")]
Reveal = Annotated[
    bool,
    QueryParameter(
        name="reveal",
        description="Show what looks like a secret; else it is masked: `sk-p…[masked: OpenAI key]`",
    ),
]
Cursor = Annotated[str | None, QueryParameter(name="cursor", description="`next` of the page before")]


@get(
    "/sessions",
    operation_id="sessions",
    sync_to_thread=True,
    dependencies=LISTED,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def sessions(
    reader: NamedDependency[Reader],
    wanted: NamedDependency[SessionFilter],
    worked: NamedDependency[Worked],
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
    up_to: Annotated[
        LiveState | None,
        QueryParameter(name="up_to", description="Up to this now, as `/api/home` counts them"),
    ] = None,
    facets: Annotated[
        bool, QueryParameter(name="facets", description="Count them by what one can filter by, too")
    ] = False,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="Sessions a page")] = 100,
) -> SessionPage:
    """List sessions, latest activity first."""
    by_work = worked.anything
    own = msgspec.structs.replace(
        wanted, roots=wanted.parent is None if wanted.roots is None else wanted.roots
    )
    bounded = msgspec.structs.replace(
        SessionFilter() if by_work else own,
        since=moment("since", since),
        until=moment("until", until, end=True),
    )
    now = moments.now()
    with reader.snapshot() as connection:
        if up_to is not None:
            bounded = msgspec.structs.replace(bounded, keys=home.live_keys(connection, up_to, now))
        return Redactor().view(
            stored_sessions.page(
                connection,
                bounded,
                now=now,
                facets=facets,
                cursor=cursor,
                limit=limit,
                narrowing=narrowing(connection, worked) if by_work else None,
            )
        )


@get(
    "/sessions/{session_id:str}",
    operation_id="session",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def session(reader: NamedDependency[Reader], session_id: SessionId) -> SessionDetail:
    """Show one session: its head, its ancestors, and the first ten sessions that it started."""
    with reader.snapshot() as connection:
        return Redactor().view(stored_sessions.detail(connection, session_id, now=moments.now()))


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
    from_seq: Annotated[
        int | None,
        QueryParameter(
            name="from_seq", ge=0, le=2**53, description="Begin with this op of the turn `from_turn`"
        ),
    ] = None,
    order: Annotated[
        Literal["asc", "desc"],
        QueryParameter(name="order", description="`desc` goes from the session's end backwards, op by op"),
    ] = "asc",
    reveal: Reveal = False,
) -> TurnPage:
    """Show a session's turns and their ops, page by page; a turn may go on on the next page."""
    with reader.snapshot() as connection:
        found = stored_turns.page(
            connection,
            session_id,
            cursor=cursor,
            limit=limit,
            from_turn=from_turn,
            from_seq=from_seq,
            order=order,
        )
    return Redactor(on=not reveal).view(found)
