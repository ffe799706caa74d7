"""What the reading commands ask the store, with the patience of a command instead of a page's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from ai_viewer import moments
from ai_viewer.config import Config
from ai_viewer.query import Query
from ai_viewer.store import naming, sessions, turns
from ai_viewer.store import search as full_text
from ai_viewer.store.reader import Reader
from ai_viewer.store.views import SessionDetail, Turn
from ai_viewer.store.views_search import SearchPage

Connection: TypeAlias = Any
"""A connection to the store, which only the store looks into."""

SECONDS = 300.0
"""How long a command may ask."""
OPS_A_PAGE = 1000
HITS_A_PAGE = 200


@contextlib.contextmanager
def open_store(settings: Config) -> Iterator[Reader]:
    """Open the store for reading.

    Raises:
        StoreError: if there is no store, or it cannot be read.
    """
    reader = Reader(settings.db, connections=1, seconds=SECONDS)
    try:
        reader.check()
        yield reader
    finally:
        reader.close()


@contextlib.contextmanager
def reading(settings: Config) -> Iterator[Connection]:
    """Open the store and see one moment of it.

    Raises:
        StoreError: if there is no store, or it cannot be read.
    """
    with open_store(settings) as reader, reader.snapshot() as connection:
        yield connection


def resolve(connection: Connection, name: str) -> str:
    """Return the id of the session that ``name`` stands for: an id, a native id, or a beginning.

    Raises:
        NotFoundError: if it stands for none, or for several.
    """
    return naming.resolve(connection, name, now=moments.now())


def search(connection: Connection, query: Query, *, limit: int, sort: full_text.Sort) -> SearchPage:
    """Return the first ``limit`` hits as one page, however far back they are."""
    moment = moments.now()
    first = full_text.page(connection, query, now=moment, sort=sort, limit=min(limit, HITS_A_PAGE))
    groups = {group.session.id: group for group in first.groups}
    last = first
    while last.next is not None:
        missing = limit - sum(len(group.hits) for group in groups.values())
        if missing <= 0:
            break
        last = full_text.page(
            connection, query, now=moment, sort=sort, cursor=last.next, limit=min(missing, HITS_A_PAGE)
        )
        for group in last.groups:
            known = groups.get(group.session.id)
            groups[group.session.id] = (
                group if known is None else msgspec.structs.replace(known, hits=[*known.hits, *group.hits])
            )
    return msgspec.structs.replace(
        first, groups=list(groups.values()), next=last.next, searched_to=last.searched_to
    )


def whole_session(connection: Connection, session_id: str) -> tuple[SessionDetail, list[Turn]]:
    """Return a session's head and all of its turns, each in one piece."""
    found: dict[int, Turn] = {}
    cursor: str | None = None
    while True:
        page = turns.page(connection, session_id, cursor=cursor, limit=OPS_A_PAGE)
        for part in page.turns:
            first = found.get(part.turn)
            found[part.turn] = (
                part if first is None else msgspec.structs.replace(first, ops=[*first.ops, *part.ops])
            )
        cursor = page.next
        if cursor is None:
            return sessions.detail(connection, session_id, now=moments.now()), list(found.values())
