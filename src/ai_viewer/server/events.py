"""``GET /api/events``: what changed, as it changes (server-sent events).

    event: change                       event: reset
    id: 4711                            id: 9000
    data: {"sessions": ["codex:0198…"], "sources": true}      data: {}

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
from ai_viewer.server.live import UNKNOWN, Live, News, Wanted
from ai_viewer.store.views import View

HEARTBEAT_SECONDS = 15.0
RETRY_MS = 1_000
"""How soon a browser should come back when the connection is lost."""

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Change(View, frozen=True, kw_only=True):
    """The data of a ``change`` event: sessions with anything new, their ancestors among them.

    ``sources`` tells whether counts or problems of the sources may have changed.
    """

    sessions: list[str]
    sources: bool


@get(
    "/events",
    operation_id="events",
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
    session: Annotated[
        str | None, QueryParameter(name="session", description="Tell only of the session with this id")
    ] = None,
    format_name: Annotated[
        str | None, QueryParameter(name="format", description="Tell only of this format's sessions")
    ] = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="Tell what changed since this event")
    ] = None,
) -> Stream:
    """Tell what changes, from now on or from `Last-Event-ID` on, as server-sent events.

    An event `change` names sessions; `reset` says that anything may have changed. A comment
    comes every 15 seconds.
    """
    after = live.last if last_event_id is None else _number(last_event_id)
    return Stream(
        _stream(live, after, _wanted(session, format_name)), media_type="text/event-stream", headers=HEADERS
    )


async def _stream(live: Live, after: int, wanted: Wanted | None) -> AsyncIterator[str]:
    with live.subscribe(after, wanted) as subscription:
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
            last = max(last, live.last) if news is None else news.last
            yield f": still here\nid: {last}\n\n" if news is None else _event(news)


def _event(news: News) -> str:
    data = Change(sessions=news.sessions, sources=news.sources)
    name, body = ("reset", "{}") if news.reset else ("change", msgspec.json.encode(data).decode())
    return f"event: {name}\nid: {news.last}\ndata: {body}\n\n"


def _number(last_event_id: str) -> int:
    """The number of an event; `UNKNOWN` for what cannot be one."""
    return int(last_event_id) if _NUMBER.fullmatch(last_event_id) else UNKNOWN


def _wanted(session: str | None, format_name: str | None) -> Wanted | None:
    if session is None and format_name is None:
        return None
    prefix = f"{format_name}:" if format_name is not None else ""
    return lambda name: name.startswith(prefix) and session in {None, name}
