"""``/api/sessions/{id}/ops``: some of a session's ops, or one with all that is known of it."""

from __future__ import annotations

import re
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from ai_viewer.config import Config
from ai_viewer.secrets import Redactor
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE, ParameterError
from ai_viewer.server.sessions import SessionId
from ai_viewer.store import ops as stored
from ai_viewer.store.reader import Reader
from ai_viewer.store.views_ops import OpDetail, OpRange

_RANGE = re.compile(r"(?P<first>\d{0,15})(?P<dots>\.\.)?(?P<last>\d{0,15})", re.ASCII)
_LAST = 2**53


@get(
    "/sessions/{session_id:str}/ops",
    operation_id="ops",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def ops(
    reader: NamedDependency[Reader],
    session_id: SessionId,
    seq: Annotated[
        str,
        QueryParameter(name="seq", description="Which ops: `5`, `5..20` (both included), `5..` or `..20`"),
    ] = "..",
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=1000, description="At most this many")] = 200,
) -> OpRange:
    """Show some of a session's ops, with the starts of their texts."""
    first, last = _bounds(seq)
    with reader.snapshot() as connection:
        return Redactor().view(stored.in_range(connection, session_id, first, last, limit=limit))


@get(
    "/sessions/{session_id:str}/ops/{seq:int}",
    operation_id="op",
    sync_to_thread=True,
    responses={400: BAD_QUERY, 404: NOT_FOUND, 503: UNAVAILABLE},
)
def op(
    reader: NamedDependency[Reader],
    config: NamedDependency[Config],
    session_id: SessionId,
    seq: Annotated[int, PathParameter(ge=0, le=_LAST, description="The op's number in its session")],
) -> OpDetail:
    """Show one op: times, tokens, how its price comes about, what it belongs to, and where it was read."""
    prices = config.prices()
    with reader.snapshot() as connection:
        return Redactor().view(stored.detail(connection, session_id, seq, prices))


def _bounds(text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if found is None or not (found["first"] or found["dots"]) or (found["last"] and not found["dots"]):
        raise ParameterError("seq", "a number, or two with `..` between: `5`, `5..20`, `5..`, `..20`")
    first = int(found["first"] or 0)
    if not found["dots"]:
        return first, first
    last = int(found["last"] or _LAST)
    if last < first:
        raise ParameterError("seq", f"{last} comes before {first}")
    return first, last
