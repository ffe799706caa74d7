"""``/api/sessions/{id}/payloads/{id}``: the whole of a text or image, or a part of it.

What comes from an agent is never shown as a page: text is text/plain, pictures that can hold
no script are pictures, all else is for download.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from ai_viewer.ingest.originals import read_original
from ai_viewer.secrets import Redactor
from ai_viewer.server import captures
from ai_viewer.server.bodies import Bodies, Body
from ai_viewer.server.errors import BAD_QUERY, NOT_FOUND, UNAVAILABLE, Error, RangeError
from ai_viewer.server.sessions import Reveal, SessionId
from ai_viewer.store import changes
from ai_viewer.store import payloads as stored
from ai_viewer.store.payloads import WholePayload
from ai_viewer.store.reader import Reader
from ai_viewer.store.sessions import key_of

RASTER_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
"""Pictures that hold no script; every other one is only for download."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@get(
    "/sessions/{session_id:str}/payloads/{payload_id:str}",
    operation_id="payload",
    sync_to_thread=True,
    media_type="text/plain",
    responses={
        200: ResponseSpec(
            bytes,
            description="A text as text/plain, a picture as it is, anything else for download",
            media_type="text/plain",
            generate_examples=False,
        ),
        206: ResponseSpec(
            bytes,
            description="The part that `Range` asked for; `Content-Range` tells the whole's size in bytes",
            media_type="text/plain",
            generate_examples=False,
        ),
        304: ResponseSpec(None, description="It is still what the `ETag` in `If-None-Match` was of"),
        400: BAD_QUERY,
        404: NOT_FOUND,
        410: ResponseSpec(
            Error, description="Only its source had it, and has it no longer", generate_examples=False
        ),
        416: ResponseSpec(
            Error, description="`Range` asks for what is behind its end", generate_examples=False
        ),
        503: UNAVAILABLE,
    },
)
def payload(
    reader: NamedDependency[Reader],
    bodies: NamedDependency[Bodies],
    session_id: SessionId,
    payload_id: Annotated[str, PathParameter(description="The payload's id: `turn.seq.kind.part`")],
    decode: Annotated[
        bool,
        QueryParameter(
            name="decode",
            description="Of what was recorded of HTTP, the body: unpacked, its events joined",
        ),
    ] = False,
    pretty: Annotated[
        bool, QueryParameter(name="pretty", description="JSON with line breaks and indentation")
    ] = False,
    reveal: Reveal = False,
    wanted: Annotated[
        str | None, HeaderParameter(name="Range", description="A part of it: `bytes=0-65535`")
    ] = None,
    known: Annotated[
        str | None, HeaderParameter(name="If-None-Match", description="The `ETag` of the answer one has")
    ] = None,
) -> Response[bytes]:
    """Hand out the whole of one text or image, or a part of it."""
    with reader.snapshot() as connection:
        revision = changes.revision(connection, key_of(connection, session_id))

    def prepare() -> Body:
        with reader.snapshot() as connection:
            found = stored.whole(connection, session_id, payload_id)
        return _prepared(found, decode=decode, pretty=pretty, reveal=reveal)

    body = bodies.get((session_id, payload_id, revision, decode, pretty, reveal), prepare)
    data, media_type, tag = body.data, body.media_type, body.tag
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "no-cache"}
    if body.masked:
        headers["X-Masked-Secrets"] = str(body.masked)
    if known == tag:
        return Response(b"", status_code=304, headers=headers)
    # Never as HTML, whatever it looks like.
    shown = "text/plain" if stored.is_text(media_type) else media_type
    if shown not in {"text/plain", *RASTER_IMAGES}:
        shown = "application/octet-stream"
        headers["Content-Disposition"] = f'attachment; filename="{payload_id}"'
    part = _part(wanted, len(data))
    if part is None:
        return Response(data, media_type=shown, headers=headers)
    if not part:
        raise RangeError(len(data))
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return Response(data[part.start : part.stop], status_code=206, media_type=shown, headers=headers)


def _prepared(found: WholePayload, *, decode: bool, pretty: bool, reveal: bool) -> Body:
    data = read_original(found) if found.data is None else found.data
    media_type = found.media_type
    if decode:
        data, media_type = captures.decode(data, media_type)
    if pretty:
        data = captures.prettify(data)
    redactor = Redactor(on=not reveal and stored.is_text(media_type))
    data = redactor.data(data)
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    return Body(data, media_type, tag, redactor.total)


def _part(wanted: str | None, size: int) -> range | None:
    """The bytes that a Range header asks for: none at all if it cannot be met, ``None`` for the whole.

    What is not one range of bytes may be answered with the whole (RFC 9110, 14.2).
    """
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        return range(max(0, size - int(found[2])), size)
    first = int(found[1])
    last = size - 1 if found[2] == "" else int(found[2])
    if last < first and found[2] != "":
        return None
    return range(first, min(last + 1, size)) if first < size else range(0)
