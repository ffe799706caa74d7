"""``/api/sessions/{id}/path``: what a turn waited for."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.sessions import SessionId
from ai_viewer.store import path as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.views import TurnPath


@get(
    "/sessions/{session_id:str}/path",
    operation_id="path",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def path(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    turn: Annotated[int, QueryParameter(name="turn", ge=0, le=2**53, description="The turn's number")],
) -> TurnPath:
    """Tell a turn's critical path, and how much of each op's time was its own."""
    with reader.snapshot() as connection:
        return stored.path(connection, session_id, turn)
