"""``/api/home``: what runs now, what today has cost and broken, in one request."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from ai_viewer import moments
from ai_viewer.config import Config
from ai_viewer.secrets import Redactor
from ai_viewer.server import overview
from ai_viewer.server.errors import BAD_QUERY, UNAVAILABLE
from ai_viewer.server.filters import zone as read_zone
from ai_viewer.store import home as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.views_home import Home, IngestState
from ai_viewer.store.zones import Zone

REASONS_SHOWN = 5


@get(
    "/home",
    operation_id="home",
    sync_to_thread=True,
    dependencies={"zone": Provide(read_zone, sync_to_thread=False)},
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def home(
    reader: NamedDependency[Reader],
    config: NamedDependency[Config],
    zone: NamedDependency[Zone],
    day: Annotated[
        dt.date | None,
        QueryParameter(
            name="day", description="Spend and failures of this day (`2026-01-31`; without it: today)"
        ),
    ] = None,
) -> Home:
    """Show what runs now and waits for its human, today's spend and failures, and the latest sessions."""
    health = overview.health(reader, config)
    ingest = IngestState(
        status=health.status,
        reasons=health.reasons[:REASONS_SHOWN],
        ingesting=health.ingesting,
        lag_us=max((source.lag_us for source in health.sources), default=0),
        errors=sum(source.errors for source in health.sources),
        sources=sum(Path(source.root).is_dir() for source in health.sources),
        backfill=health.backfill,
    )
    with reader.snapshot() as connection:
        found = stored.home(connection, zone, ingest, now=moments.now(), day=day)
    return Redactor().view(found)
