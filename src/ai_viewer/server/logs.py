"""``/api/sessions/{id}/logs`` and ``/api/ingest-errors``: notices of the agents, and of the ingest."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.model import Severity
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.overview import with_lines
from ai_viewer.server.sessions import Cursor, SessionId
from ai_viewer.store import logs as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.trace import Scope
from ai_viewer.store.views import IngestErrorPage, LogPage

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="Entries a page")]


@get(
    "/sessions/{session_id:str}/logs",
    operation_id="logs",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def logs(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    severity: Annotated[
        Severity, QueryParameter(name="severity", description="Those at least as severe as this")
    ] = Severity.DEBUG,
    sessions: Annotated[
        Scope, QueryParameter(name="scope", description="`tree`: with all that it started; `self`: alone")
    ] = "tree",
    cursor: Cursor = None,
    limit: Limit = 200,
) -> LogPage:
    """Show the agents' own notices in a session tree, in order of time."""
    with reader.snapshot() as connection:
        found = stored.logs(
            connection, session_id, severity=severity, tree=sessions == "tree", cursor=cursor, limit=limit
        )
    return Redactor().view(found)


@get(
    "/ingest-errors",
    operation_id="ingestErrors",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def ingest_errors(
    reader: NamedDependency[Reader],
    format_name: Annotated[
        str | None, QueryParameter(name="format", description="Of this format's sources")
    ] = None,
    root: Annotated[
        str | None, QueryParameter(name="root", description="Of the source in this folder")
    ] = None,
    session: Annotated[
        str | None,
        QueryParameter(name="session", description="Of the files that tell of the session with this id"),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> IngestErrorPage:
    """Show the records and files that could not be read, with their places and how they look."""
    with reader.snapshot() as connection:
        found = stored.ingest_errors(
            connection, format_name=format_name, root=root, session_id=session, cursor=cursor, limit=limit
        )
    numbered = with_lines(found.errors)
    return Redactor().view(msgspec.structs.replace(found, errors=numbered))
