"""``/api/marks``: what people noted of sessions; the only thing that the server writes."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from ai_viewer.config import Config
from ai_viewer.server.errors import BAD_BODY, BAD_QUERY, NO_MARK, UNAVAILABLE
from ai_viewer.store import marks as stored
from ai_viewer.store.marks import MarkChange, MarkInput
from ai_viewer.store.views import Mark, Marks

MarkId = Annotated[int, PathParameter(description="The mark's number", ge=1, le=2**53)]


@get("/marks", operation_id="marks", sync_to_thread=True, responses={400: BAD_QUERY, 503: UNAVAILABLE})
def marks(
    config: NamedDependency[Config],
    session: Annotated[
        str | None, QueryParameter(name="session", description="Only those of the session with this id")
    ] = None,
) -> Marks:
    """List the marks, oldest first."""
    return stored.find(config.db, session)


@post("/marks", operation_id="addMark", sync_to_thread=True, responses={400: BAD_BODY, 503: UNAVAILABLE})
def add_mark(config: NamedDependency[Config], data: JSONBody[MarkInput]) -> Mark:
    """Mark a session, a turn, an op or a stretch of time, with a colour and a note."""
    return stored.add(config.db, data)


@patch(
    "/marks/{mark_id:int}",
    operation_id="changeMark",
    sync_to_thread=True,
    responses={400: BAD_BODY, 404: NO_MARK, 503: UNAVAILABLE},
)
def change_mark(config: NamedDependency[Config], mark_id: MarkId, data: JSONBody[MarkChange]) -> Mark:
    """Change a mark's colour or note."""
    return stored.change(config.db, mark_id, data)


@delete(
    "/marks/{mark_id:int}",
    operation_id="removeMark",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NO_MARK, 503: UNAVAILABLE},
)
def remove_mark(config: NamedDependency[Config], mark_id: MarkId) -> None:
    """Remove a mark."""
    stored.remove(config.db, mark_id)
