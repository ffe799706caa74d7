"""``GET /api/events``: what changed, as it changes (server-sent events).

    event: change                                                    event: reset
    id: 4711                                                         id: 9000
    data: {"sessions": ["codex:0198…"], "left": [], "sources": true}  data: {}

Ids are the store's change numbers. A browser that reconnects sends the last one it saw, in
``Last-Event-ID``, and is told of everything since. Where that is no longer known it is told
to start anew: ``reset``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from ai_viewer.errors import StoreError
from ai_viewer.server.errors import BAD_QUERY
from ai_viewer.server.filters import SESSIONS
from ai_viewer.server.live import UNKNOWN, Live
from ai_viewer.store.listening import Matching, Wanted
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.views import View

HEARTBEAT_SECONDS = 15.0
RETRY_MS = 1_000
"""How soon a browser should come back when the connection is lost."""

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Change(View, frozen=True, kw_only=True):
    """The data of a ``change`` event: sessions with anything new, their ancestors among them.

    With filters, those that pass them now. ``left`` are those that changed and do not pass, but may
    have before: their status, model, title or failures are others. ``sources`` tells whether counts or
    problems of the sources may have changed.
    """

    sessions: list[str]
    left: list[str]
    sources: bool


@get(
    "/events",
    operation_id="events",
    dependencies=SESSIONS,
    media_type="text/event-stream",
    responses={
        200: ResponseSpec(
            Change,
            description="The data of each `change` event",
            media_type="text/event-stream",
            generate_examples=False,
        ),
        400: BAD_QUERY,
    },
)
async def events(
    live: NamedDependency[Live],
    wanted: NamedDependency[SessionFilter],
    session: Annotated[
        str | None, QueryParameter(name="session", description="Tell only of the session with this id")
    ] = None,
    tree: Annotated[
        bool,
        QueryParameter(name="tree", description="Together with `session`: and of all that it started"),
    ] = False,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="Tell what changed since this event")
    ] = None,
) -> Stream:
    """Tell what changes, from now on or from `Last-Event-ID` on, as server-sent events.

    An event `change` names sessions, those of the last quarter of a second together; `reset` says that
    anything may have changed. A comment comes every 15 seconds.
    """
    after = live.last if last_event_id is None else _number(last_event_id)
    asked = Wanted(sessions=wanted, session=session, tree=tree)
    return Stream(
        _stream(live, after, None if asked == Wanted() else asked),
        media_type="text/event-stream",
        headers=HEADERS,
    )


async def _stream(live: Live, after: int, wanted: Wanted | None) -> AsyncIterator[str]:
    with live.subscribe(after, sources=wanted is None) as subscription:
        # An id without data: should the connection break now, the browser knows where it was.
        yield f"retry: {RETRY_MS}\nid: {after}\n\n"
        last = after
        if after != live.last:
            try:
                missed = await asyncio.to_thread(live.missed, after)
            except StoreError:
                # The browser comes back, with the number it was given above.
                return
            last = missed.last
            subscription.add(missed)
        while True:
            try:
                news = await subscription.next(HEARTBEAT_SECONDS)
            except StopAsyncIteration:
                return
            if news is None:
                last = max(last, live.last)
                yield f": still here\nid: {last}\n\n"
                continue
            last = news.last
            if news.reset:
                yield event("reset", last, b"{}")
                continue
            found = Matching(news.sessions, [])
            if wanted is not None:
                try:
                    found = await asyncio.to_thread(live.matching, news.sessions, wanted)
                except StoreError:
                    return  # as above
            if wanted is None or found.sessions or found.left:
                data = Change(sessions=found.sessions, left=found.left, sources=news.sources)
                yield event("change", last, msgspec.json.encode(data))


def event(name: str, number: int, data: bytes) -> str:
    """Return an event as it is sent."""
    return f"event: {name}\nid: {number}\ndata: {data.decode()}\n\n"


def _number(last_event_id: str) -> int:
    """The number of an event; `UNKNOWN` for what cannot be one."""
    return int(last_event_id) if _NUMBER.fullmatch(last_event_id) else UNKNOWN
