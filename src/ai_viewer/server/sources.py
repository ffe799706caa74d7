"""``/api/sources`` and ``/api/health``: what is read, and whether all is well."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency

from ai_viewer.config import Config
from ai_viewer.server import overview
from ai_viewer.server.errors import UNAVAILABLE
from ai_viewer.store.reader import Reader
from ai_viewer.store.views import Health, Sources


@get("/sources", operation_id="sources", sync_to_thread=True, responses={503: UNAVAILABLE})
def sources(reader: NamedDependency[Reader], config: NamedDependency[Config]) -> Sources:
    """Show the folders that are read, and what became of every record in them."""
    return overview.all_sources(reader, config)


@get("/health", operation_id="health", sync_to_thread=True, responses={503: UNAVAILABLE})
def health(reader: NamedDependency[Reader], config: NamedDependency[Config]) -> Health:
    """Tell whether all is well, and if not, why."""
    return overview.health(reader, config)
