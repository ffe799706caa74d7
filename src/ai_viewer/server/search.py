"""``/api/search`` and ``/api/sessions/{id}/find``: full text, over everything or within a session tree."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ai_viewer import moments
from ai_viewer.query import parse
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.sessions import Cursor, SessionId
from ai_viewer.store import search as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.search import Sort
from ai_viewer.store.views_search import FoundPlaces, SearchPage

Text = Annotated[
    str,
    QueryParameter(
        name="q",
        description='Words, `"phrases"`, `begin*`, `*within*`, `-not`, `field:value` (docs/search.md)',
    ),
]
Typing = Annotated[
    bool, QueryParameter(name="typing", description="The last word may be the beginning of one only")
]


@get(
    "/search",
    operation_id="search",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 503: UNAVAILABLE},
)
def search(
    reader: NamedDependency[Reader],
    q: Text,
    typing: Typing = False,
    sort: Annotated[
        Sort, QueryParameter(name="sort", description="`best`: where the words are most of the text")
    ] = "newest",
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=200, description="Hits a page")] = 50,
) -> SearchPage:
    """Search prompts, answers, reasoning, tool inputs and outputs, titles, errors and logs."""
    query = parse(q, typing=typing)
    with reader.snapshot() as connection:
        return Redactor().view(
            stored.page(connection, query, now=moments.now(), sort=sort, cursor=cursor, limit=limit)
        )


@get(
    "/sessions/{session_id:str}/find",
    operation_id="find",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def find(
    reader: NamedDependency[Reader], session_id: SessionId, q: Text, typing: Typing = False
) -> FoundPlaces:
    """Tell where in a session and all that it started something is found, in order."""
    query = parse(q, typing=typing)
    with reader.snapshot() as connection:
        return Redactor().view(stored.find(connection, session_id, query, now=moments.now()))
