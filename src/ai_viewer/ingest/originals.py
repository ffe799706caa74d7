"""Read a payload that was too large to keep from the file it came from, if that is still the same.

Nothing outside the source's folder is read, whatever the store or a link says.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import msgspec

from ai_viewer.adapters.base import decode
from ai_viewer.errors import GoneError
from ai_viewer.ingest.decompress import DAMAGE, decompressed, is_compressed
from ai_viewer.ingest.named import MEASURE_BYTES, read_start, within
from ai_viewer.store.payloads import SourceRange, WholePayload, is_text

SKIP_BYTES = 4 * 1024 * 1024


def read_original(payload: WholePayload) -> bytes:
    """Return the payload's bytes.

    Raises:
        GoneError: if the source has it no longer.
    """
    place = payload.place
    if place is None:
        raise GoneError(f"this payload ({payload.size:,} bytes) was not kept")
    gone = GoneError(
        f"this payload ({payload.size:,} bytes) was too large to keep, "
        f"and {place.path} does not hold it any more"
    )
    path = within(Path(place.root), place.path)
    if path is None:
        raise gone
    try:
        if place.own_file:
            data, size = read_start(path, MEASURE_BYTES)
            if size > len(data) or (is_compressed(path) and size >= MEASURE_BYTES):
                raise GoneError(
                    f"this payload was too large to keep, and {place.path} is too large to be shown"
                )
            # Of a file this large the ingest has looked at the start only.
            same = size >= payload.size
        else:
            value = _resolve(decode(_read_record(path, place)), place.pointer)
            data = _bytes_of(value, payload.media_type)
            same = len(data) == payload.size
    except (OSError, *DAMAGE, LookupError, TypeError, ValueError) as error:
        raise gone from error
    if not same:
        raise gone
    return data


def _read_record(path: Path, place: SourceRange) -> bytes:
    with path.open("rb") as file:
        if not is_compressed(path):
            file.seek(place.offset)
            return file.read(place.length)
        # Offsets are those of the decompressed text.
        stream = decompressed(file, path)
        left = place.offset
        while left and (skipped := len(stream.read(min(left, SKIP_BYTES)))):
            left -= skipped
        record = bytearray()
        while len(record) < place.length and (part := stream.read(place.length - len(record))):
            record += part
        return bytes(record)


def _resolve(value: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def _bytes_of(value: Any, media_type: str) -> bytes:
    if not is_text(media_type):
        # "data:image/png;base64,iVBOR…", or what follows the comma.
        return base64.b64decode(value.rpartition(",")[2])
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return msgspec.json.encode(value)
