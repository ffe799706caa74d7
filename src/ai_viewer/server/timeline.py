"""``/api/sessions/{id}/timeline``: a session tree in time, a lane for each session."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.sessions import SessionId
from ai_viewer.store import timeline as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.views_timeline import Timeline


@get(
    "/sessions/{session_id:str}/timeline",
    operation_id="timeline",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def timeline(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    steps: Annotated[
        int,
        QueryParameter(
            name="steps",
            ge=1,
            le=4000,
            description="How finely to tell it: what begins within one step may be told as one bar",
        ),
    ] = stored.STEPS,
) -> Timeline:
    """Show what a session and all that it started did when: a lane each, and how many worked at once."""
    with reader.snapshot() as connection:
        return Redactor().view(stored.timeline(connection, session_id, steps=steps))
