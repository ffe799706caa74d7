"""``/api/sessions/{id}/export`` and ``…/secrets``: a session as a file, and what is secret in it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from ai_viewer.config import Config
from ai_viewer.export import FORMATS, Exporter
from ai_viewer.export.scan import scan
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE
from ai_viewer.server.sessions import Cursor, SessionId
from ai_viewer.store import trace
from ai_viewer.store.reader import Reader
from ai_viewer.store.trace import Scope
from ai_viewer.store.views import View

EXPORT_SECONDS = 300.0
"""How long one export may read the store; a page's question has a few seconds only."""
SCAN_SECONDS = 3.0
"""After this the scan stops and says where it goes on."""

FormatName = Literal["html", "markdown", "json", "perfetto", "otlp"]
Sessions = Annotated[
    Scope, QueryParameter(name="scope", description="`tree`: with all that it started; `self`: alone")
]


class SecretsInPayload(View, frozen=True, kw_only=True):
    """How many secrets of which kind one payload holds."""

    payload: str
    kind: str
    count: int


class SecretsInSession(View, frozen=True, kw_only=True):
    """Secrets in a session's prompts, answers and tools' texts, as far as it was looked through.

    ``next`` is the cursor to go on with; ``None``: all was looked through.
    """

    total: int
    kinds: dict[str, int]
    payloads: list[SecretsInPayload]
    next: str | None


@get(
    "/sessions/{session_id:str}/export",
    operation_id="exportSession",
    sync_to_thread=True,
    media_type="application/octet-stream",
    responses={
        200: ResponseSpec(
            bytes,
            description="The file, for download",
            media_type="application/octet-stream",
            generate_examples=False,
        ),
        400: BAD_QUERY,
        404: NOT_FOUND,
        503: UNAVAILABLE,
    },
)
def export(
    config: NamedDependency[Config],
    session_id: SessionId,
    form: Annotated[
        FormatName, QueryParameter(name="format", description="What to write; docs/export.md describes each")
    ] = "html",
    sessions: Sessions = "tree",
    redact: Annotated[
        bool, QueryParameter(name="redact", description="`false`: leave secrets as they are")
    ] = True,
    texts: Annotated[
        bool, QueryParameter(name="texts", description="With `otlp`: also prompts, answers and tools' texts")
    ] = False,
) -> Stream:
    """Write a session as one file, secrets masked."""
    reader = Reader(config.db, connections=1, seconds=EXPORT_SECONDS)
    with reader.snapshot() as connection:
        # What is not there is told before the file begins.
        trace.revision(connection, session_id, "self")
    about = FORMATS[form]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", session_id)[:120].strip("-.") or "session"

    def parts() -> Iterator[bytes]:
        try:
            with reader.snapshot() as connection:
                exporter = Exporter(connection, Redactor(on=redact), scope=sessions, texts=texts)
                yield from exporter.write([session_id], form)
        finally:
            reader.close()

    return Stream(
        parts(),
        media_type=about.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{about.extension}"',
            "Cache-Control": "no-store",
        },
    )


@get(
    "/sessions/{session_id:str}/secrets",
    operation_id="secrets",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def secrets(
    reader: NamedDependency[Reader], session_id: SessionId, cursor: Cursor = None
) -> SecretsInSession:
    """Look for secrets in one session's texts, for at most a few seconds."""
    deadline = time.monotonic() + SCAN_SECONDS
    found: list[SecretsInPayload] = []
    kinds: Counter[str] = Counter()
    following = cursor
    with reader.snapshot() as connection:
        for page in scan(connection, session_id, cursor):
            for payload, counts in page.found:
                kinds.update(counts)
                found += [
                    SecretsInPayload(payload=payload, kind=kind, count=number)
                    for kind, number in counts.items()
                ]
            following = page.next
            if time.monotonic() > deadline:
                break
    return SecretsInSession(total=kinds.total(), kinds=dict(kinds), payloads=found, next=following)
