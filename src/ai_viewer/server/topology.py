"""``/api/topology`` and ``/api/sessions/{id}/topology``: who called what."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.filters import WORK
from ai_viewer.server.sessions import SessionId
from ai_viewer.store import topology as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.sums import Work
from ai_viewer.store.topology import MOST_NODES, NODES, Level, Size
from ai_viewer.store.views_topology import Topology

SizeParameter = Annotated[
    Size, QueryParameter(name="size", description="What decides which nodes have room: those with most of it")
]
Nodes = Annotated[
    int,
    QueryParameter(
        name="nodes", ge=10, le=MOST_NODES, description="At most this many nodes; the rest stand together"
    ),
]


@get(
    "/sessions/{session_id:str}/topology",
    operation_id="sessionTopology",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def session_topology(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    level: Annotated[
        Level,
        QueryParameter(
            name="level",
            description="`agents`: what each agent called, by name; `turns`: turn by turn; `calls`: each op",
        ),
    ] = Level.AGENTS,
    size: SizeParameter = Size.DURATION,
    nodes: Nodes = NODES,
) -> Topology:
    """Show who called what in a session and all that it started: a tree of agents and their tools."""
    with reader.snapshot() as connection:
        return Redactor().view(stored.of_session(connection, session_id, level=level, size=size, limit=nodes))


@get(
    "/topology",
    operation_id="topology",
    sync_to_thread=True,
    dependencies=WORK,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def topology(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    size: SizeParameter = Size.DURATION,
    nodes: Nodes = NODES,
) -> Topology:
    """Show which types of agents called which tools, models and other agents, over many sessions."""
    with reader.snapshot() as connection:
        return Redactor().view(stored.of_work(connection, work, size=size, limit=nodes))
