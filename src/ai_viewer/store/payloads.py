"""Questions about payloads: the starts of many, or the whole of one.

A payload's id is ``turn.seq.kind.part`` within its session, seq 0 being the turn's prompt:
``3.17.tool_output.0``.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

import apsw
import msgspec

from ai_viewer.errors import NotFoundError
from ai_viewer.model import PayloadKind
from ai_viewer.store.rows import records
from ai_viewer.store.sessions import key_of
from ai_viewer.store.unpack import unpack, unpack_start
from ai_viewer.store.views import Payload

PREVIEW_CHARACTERS = 2_000
_PREVIEW_BYTES = 4 * PREVIEW_CHARACTERS + 4
"""UTF-8 takes at most four bytes a character; one character more tells that there is more."""
_INLINE_BYTES = 65_536
"""Longer data is read from its start only, by SQLite's incremental access."""
_PREFIX_BYTES = 160_000
"""Holds the first block of any zstd data: at most 128 KiB and what stands before it."""

_ID = re.compile(r"(\d{1,15})\.(\d{1,15})\.([a-z_]{1,30})\.(\d{1,15})", re.ASCII)

_COLUMNS = (
    "payload.id AS rowid, turn, seq, kind, part, media_type, bytes, codec,"
    f" CASE WHEN length(data) <= {_INLINE_BYTES} THEN data END AS data"
)


class SourceRange(msgspec.Struct, frozen=True):
    """Where the source has a payload that was too large to keep.

    ``path`` below ``root`` is a file of its own if ``pointer`` is empty and ``length`` 0, else
    the text stands at the JSON pointer within the record of ``length`` bytes at ``offset``.
    """

    root: str
    path: str
    own_file: bool
    offset: int
    length: int
    pointer: str


class WholePayload(msgspec.Struct, frozen=True):
    """A payload of ``size`` bytes: its ``data``, or where the source has it."""

    media_type: str
    size: int
    data: bytes | None
    place: SourceRange | None


def is_text(media_type: str) -> bool:
    """Tell whether a payload of this type is text, in UTF-8."""
    return media_type.startswith("text/") or media_type.endswith(("/json", "+json", "/xml", "+xml"))


def starts(
    connection: apsw.Connection, session: int, ranges: list[tuple[int, int, int]]
) -> dict[tuple[int, int], list[Payload]]:
    """Return the payloads of ops and prompts by (turn, seq), with the starts of their texts.

    ``session`` is its key; ``ranges`` are turns with the first and last seq that is wanted of each.
    """
    found: dict[tuple[int, int], list[Payload]] = {}
    wanted = msgspec.json.encode(ranges).decode()
    query = (
        f"SELECT {_COLUMNS} FROM json_each(?1) AS wanted CROSS JOIN payload"
        " WHERE session_id = ?2 AND turn = wanted.value ->> 0"
        " AND seq BETWEEN wanted.value ->> 1 AND wanted.value ->> 2 ORDER BY turn, seq, kind, part"
    )
    for record in records(connection, query, (wanted, session)):
        text, truncated = _start(connection, record)
        place = (record["turn"], record["seq"])
        found.setdefault(place, []).append(
            Payload(
                id=f"{place[0]}.{place[1]}.{record['kind']}.{record['part']}",
                kind=PayloadKind(record["kind"]),
                media_type=record["media_type"],
                bytes=record["bytes"],
                text=text,
                truncated=truncated,
                kept=record["codec"] != "none",
            )
        )
    return found


def whole(connection: apsw.Connection, session_id: str, payload_id: str) -> WholePayload:
    """Return a payload, or where to find it.

    Raises:
        NotFoundError: if there is no such session or payload.
    """
    key = key_of(connection, session_id)
    parts = _ID.fullmatch(payload_id)
    found = (
        parts
        and connection.execute(
            "SELECT media_type, bytes, codec, data, payload.path, payload.offset, length, pointer, root,"
            " file.path FROM payload JOIN session ON session.id = session_id"
            " JOIN file ON file.id = owner_file JOIN source ON source.id = source_id"
            " WHERE session_id = ? AND turn = ? AND seq = ? AND payload.kind = ? AND part = ?",
            (key, int(parts[1]), int(parts[2]), parts[3], int(parts[4])),
        ).fetchone()
    )
    if not found:
        raise NotFoundError(f"session {session_id!r} has no payload {payload_id!r}")
    media_type, size, codec, data, own_path, offset, length, pointer, root, path = found
    if codec == "none":
        place = SourceRange(root, own_path or path, own_path is not None, offset, length, pointer)
        return WholePayload(media_type, size, None, place)
    return WholePayload(media_type, size, unpack(connection, codec, data, size), None)


def _start(connection: apsw.Connection, record: dict[str, Any]) -> tuple[str | None, bool]:
    """The start of a payload's text, and whether there is more of the payload than that."""
    if not is_text(record["media_type"]) or record["codec"] == "none":
        return None, record["bytes"] > 0
    data = record["data"]
    if data is None:
        with connection.blob_open("main", "payload", "data", record["rowid"], False) as blob:
            data = blob.read(_PREFIX_BYTES)
    data = unpack_start(connection, record["codec"], data, _PREVIEW_BYTES)
    # A character that the cut went through is left out.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    return text[:PREVIEW_CHARACTERS], len(text) > PREVIEW_CHARACTERS or len(data) < record["bytes"]
