"""Look for secrets in the texts of one session, a page of ops at a time."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ai_viewer.export.content import Connection, Content
from ai_viewer.ingest.originals import read_original
from ai_viewer.secrets import Redactor
from ai_viewer.store import turns

OPS_A_STEP = 50


class Scanned(msgspec.Struct, frozen=True):
    """One page's secrets by payload and kind; ``next`` is the cursor of the next page."""

    found: list[tuple[str, dict[str, int]]]
    next: str | None


def scan(connection: Connection, session_id: str, cursor: str | None) -> Iterator[Scanned]:
    """Yield what is found page by page, from ``cursor`` on; stop when it has been enough.

    Raises:
        NotFoundError: if no such session was read.
        CursorError: if ``cursor`` is none of this session.
    """
    while True:
        page = turns.page(connection, session_id, cursor=cursor, limit=OPS_A_STEP)
        found: list[tuple[str, dict[str, int]]] = []
        for turn in page.turns:
            for payload in (*turn.payloads, *(payload for op in turn.ops for payload in op.payloads)):
                redactor = Redactor()
                Content(connection, redactor, read_original, "self").body(session_id, payload)
                if redactor.total:
                    found.append((payload.id, dict(redactor.counts)))
        cursor = page.next
        yield Scanned(found, cursor)
        if cursor is None:
            return
