"""``/api/stats``: sums over everything."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.server.errors import BAD_QUERY, UNAVAILABLE
from ai_viewer.store import stats as stored_stats
from ai_viewer.store.reader import Reader
from ai_viewer.store.stats import By
from ai_viewer.store.views import Stats


@get("/stats", operation_id="stats", sync_to_thread=True, responses={400: BAD_QUERY, 503: UNAVAILABLE})
def stats(
    reader: NamedDependency[Reader],
    by: Annotated[
        By | None,
        QueryParameter(
            name="by", description="Sum up by this as well; days are those of the server's time zone"
        ),
    ] = None,
) -> Stats:
    """Sum up sessions, turns, ops, tokens and cost, all together and by group."""
    with reader.snapshot() as connection:
        return stored_stats.stats(connection, by)
