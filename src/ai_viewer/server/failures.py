"""``/api/failures``: what keeps failing."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, UNAVAILABLE
from ai_viewer.server.filters import WORK
from ai_viewer.store import failures as stored_failures
from ai_viewer.store.reader import Reader
from ai_viewer.store.sums import Work
from ai_viewer.store.views_stats import Failures


@get(
    "/failures",
    operation_id="failures",
    sync_to_thread=True,
    dependencies=WORK,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def failures(
    reader: NamedDependency[Reader],
    work: NamedDependency[Work],
    group: Annotated[
        str | None, QueryParameter(name="group", description="Only the group with this `key`")
    ] = None,
    examples: Annotated[
        int, QueryParameter(name="examples", ge=0, le=500, description="Examples of each group")
    ] = stored_failures.EXAMPLES,
    cursor: Annotated[
        str | None, QueryParameter(name="cursor", description="`next` of the page before")
    ] = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=200, description="Groups a page")] = 50,
) -> Failures:
    """List failed ops, those that differ in details only together, the most frequent first."""
    with reader.snapshot() as connection:
        return Redactor().view(
            stored_failures.failures(
                connection, work, group=group, examples=examples, cursor=cursor, limit=limit
            )
        )
