"""The application: its routes, what they share, and the process that serves it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, Router, get
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig

from ai_viewer import __version__
from ai_viewer.config import Config, check_host
from ai_viewer.errors import StoreError, UsageError
from ai_viewer.server import (
    catalog,
    events,
    exports,
    failures,
    guard,
    home,
    logs,
    marks,
    ops,
    path,
    payloads,
    search,
    sessions,
    sources,
    static,
    stats,
    timeline,
    topology,
    trace,
)
from ai_viewer.server.bodies import Bodies
from ai_viewer.server.errors import EXCEPTION_HANDLERS
from ai_viewer.server.live import Live
from ai_viewer.server.query import check_query
from ai_viewer.store.reader import Reader

STOP_SECONDS = 3
"""How long answers under way may take when the server is asked to stop."""


OPENAPI = OpenAPIConfig(
    title="ai-viewer",
    version=__version__,
    use_handler_docstrings=True,
    description="What AI coding agents did: sessions, turns and ops, read from the trails they leave. "
    "Times are microseconds since 1970 (UTC), durations microseconds, money US dollars.",
)


def describe(app: Litestar) -> bytes:
    """Return the description of the API (OpenAPI 3.1) as JSON."""
    return msgspec.json.format(msgspec.json.encode(app.openapi_schema.to_schema()))


@get("/openapi.json", include_in_schema=False, sync_to_thread=True)
def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Describe this API."""
    return Response(describe(request.app), media_type="application/json")


@get(["/", "/{path:path}"], include_in_schema=False, sync_to_thread=False)
def unknown(request: Request[Any, Any, Any]) -> None:
    """Refuse a path of the API that is none."""
    raise NotFoundException(f"no {request.scope['path']}; /api/openapi.json tells what there is")


def create_app(config: Config) -> Litestar:
    """Return the application. It opens the store when it starts up, and closes it at its end."""
    reader = Reader(config.db)
    live = Live(reader)

    @contextlib.asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await live.start()
        try:
            yield
        finally:
            await live.stop()
            reader.close()

    shared: dict[str, Any] = {
        "config": config,
        "reader": reader,
        "live": live,
        "traces": trace.Traces(),
        "bodies": Bodies(),
    }
    api = Router(
        path="/api",
        route_handlers=[
            home.home,
            sources.health,
            sources.sources,
            sessions.sessions,
            sessions.session,
            sessions.turns,
            ops.ops,
            ops.op,
            path.path,
            timeline.timeline,
            topology.session_topology,
            topology.topology,
            payloads.payload,
            exports.export,
            exports.secrets,
            trace.trace,
            search.search,
            search.find,
            logs.logs,
            logs.ingest_errors,
            stats.stats,
            stats.series,
            stats.heatmap,
            stats.top_sessions,
            stats.top_ops,
            stats.durations,
            stats.distributions,
            stats.context,
            catalog.catalog,
            catalog.detail,
            failures.failures,
            events.events,
            marks.marks,
            marks.add_mark,
            marks.change_mark,
            marks.remove_mark,
            openapi,
            unknown,
        ],
        before_request=check_query,
        dependencies={name: _provide(value) for name, value in shared.items()},
    )
    app = Litestar(
        route_handlers=[api, static.web_app],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        openapi_config=OPENAPI,
        logging_config=None,
    )
    app.state.live = live
    # Around everything: Litestar's own middleware does not see what matches no route.
    app.asgi_handler = guard.Guard(app.asgi_handler, config.host)
    return app


def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        StoreError: if there is no store, or none of this version.
        UsageError: if the host or the port cannot be listened on.
    """
    check_host(config.host)
    reader = Reader(config.db, connections=1)
    reader.check()
    reader.close()
    app = create_app(config)
    listening = _listen(config)
    logging.basicConfig(level=logging.WARNING, format="ai-viewer: %(message)s")
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        ),
        app.state.live,
    )
    server.run(sockets=[listening])
    if not server.started:
        raise StoreError(f"{config.db}: the server could not start")


class _Server(uvicorn.Server):
    """Ends the event streams first: uvicorn waits for every answer under way, and those never end."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.close_streams()
        await super().shutdown(sockets)


def _listen(config: Config) -> socket.socket:
    with contextlib.ExitStack() as undo:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                config.host or None, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = undo.enter_context(socket.socket(family, kind, protocol))
            if os.name == "posix":
                # A port that another server has just left is free.
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError as error:
            raise UsageError(
                f"cannot listen on {config.host} port {config.port}: {error.strerror};"
                " choose another with --port"
            ) from error
        undo.pop_all()
    return listening


def _provide(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)
