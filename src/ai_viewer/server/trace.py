"""``/api/sessions/{id}/trace``: a session tree as columns, binary or JSON."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.sessions import SessionId
from ai_viewer.store import trace as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.trace import Scope, TraceView

Format = Literal["columns", "json"]
MEDIA_TYPES: dict[Format, str] = {"columns": "application/octet-stream", "json": "application/json"}

_KEPT_BYTES = 32_000_000


class Traces:
    """The answers given last, by what they are of: a long session is looked at more than once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> bytes | None:
        """Return the answer, if it is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, body: bytes) -> None:
        """Keep an answer, and let go of those that were not asked for longest."""
        with self._lock:
            self._size += len(body) - len(self._kept.pop(key, b""))
            self._kept[key] = body
            while self._size > _KEPT_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])


@get(
    "/sessions/{session_id:str}/trace",
    operation_id="trace",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(
            TraceView,
            description="With `format=json` this; else the same as binary columns (docs/api.md)",
            generate_examples=False,
        ),
        304: ResponseSpec(None, description="Nothing has changed since the `ETag` in `If-None-Match`"),
        400: BAD_QUERY,
        404: NOT_FOUND,
        503: UNAVAILABLE,
    },
)
def trace(
    reader: NamedDependency[Reader],
    traces: NamedDependency[Traces],
    session_id: SessionId,
    sessions: Annotated[
        Scope, QueryParameter(name="scope", description="`tree`: with all that it started; `self`: alone")
    ] = "tree",
    form: Annotated[
        Format, QueryParameter(name="format", description="`columns`: binary, small and quick; or `json`")
    ] = "columns",
    after: Annotated[
        int | None,
        QueryParameter(
            name="after",
            ge=0,
            le=2**53,
            description="The `revision` of a trace of the same scope: tell what changed since it",
        ),
    ] = None,
    known: Annotated[
        str | None, HeaderParameter(name="If-None-Match", description="The `ETag` of the answer one has")
    ] = None,
) -> Response[Any]:
    """Tell every op and turn of a session tree, without texts, one list of numbers a column."""
    with reader.snapshot() as connection:
        revision = stored.revision(connection, session_id, sessions)
        tag = f'"{stored.VERSION}.{revision}.{sessions}.{form}.{"all" if after is None else after}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if known == tag:
            return Response(None, status_code=304, headers=headers)
        key = (reader.identity(), session_id, tag)
        body = traces.get(key)
        if body is None:
            found = stored.trace(connection, session_id, sessions, after=after)
            found = msgspec.structs.replace(found, head=Redactor().view(found.head))
            body = stored.encode(found) if form == "columns" else msgspec.json.encode(stored.view(found))
            traces.put(key, body)
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)
