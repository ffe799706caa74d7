"""``/api/catalog``: every tool, model, agent, project and provider, and all about one."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from ai_viewer import moments
from ai_viewer.config import Config
from ai_viewer.pricing.bands import bands
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.filters import WORK
from ai_viewer.store import catalog as stored_catalog
from ai_viewer.store.catalog import CatalogKind
from ai_viewer.store.reader import Reader
from ai_viewer.store.sums import Work
from ai_viewer.store.views_stats import Catalog, CatalogDetail, PriceBand
from ai_viewer.store.zones import Zone

Kind = Annotated[
    CatalogKind,
    PathParameter(description="Of what: `tools`, `models`, `agents`, `projects` or `providers`"),
]


@get(
    "/catalog/{catalog_kind:str}",
    operation_id="catalog",
    sync_to_thread=True,
    dependencies=WORK,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def catalog(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    zone: NamedDependency[Zone],
    catalog_kind: Kind,
    durations: Annotated[
        bool,
        QueryParameter(
            name="durations",
            description="Also how long calls take; of tools, models and providers, that reads all calls",
        ),
    ] = False,
) -> Catalog:
    """List all tools, models, agents, projects or providers that were used, most ops first."""
    with reader.snapshot() as connection:
        return Redactor().view(
            stored_catalog.catalog(
                connection, catalog_kind, work, zone, now=moments.now(), with_durations=durations
            )
        )


@get(
    "/catalog/{catalog_kind:str}/detail",
    operation_id="catalogDetail",
    sync_to_thread=True,
    dependencies=WORK,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def detail(
    reader: NamedDependency[Reader],
    config: NamedDependency[Config],
    work: NamedDependency[Work],
    zone: NamedDependency[Zone],
    catalog_kind: Kind,
    # Not a part of the path: a folder begins with a slash, which would not survive there.
    name: Annotated[str, QueryParameter(name="name", description="Its name, as the list has it")],
) -> CatalogDetail:
    """Show all about one: its sums, the last 30 days, its failures, sessions, slowest and priciest calls."""
    now = moments.now()

    def prices(provider: str | None, model: str) -> list[PriceBand]:
        found = bands(config.prices(), provider, model, now)
        return [PriceBand(**msgspec.structs.asdict(band)) for band in found]

    with reader.snapshot() as connection:
        return Redactor().view(
            stored_catalog.detail(connection, catalog_kind, name, work, zone, now=now, prices=prices)
        )
