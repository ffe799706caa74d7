"""Look into what was recorded of HTTP: unpack a body, join the events of a stream, indent JSON."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator

import msgspec
import zstandard

MOST_BYTES = 256 * 1024 * 1024
"""A body that unpacks to more is cut there: it may be made to fill the memory."""

_STEP_BYTES = 1 << 20
_START_LINE = re.compile(rb"(?:HTTP/\d(?:\.\d)? \d{3}\b|[A-Z]{3,10} \S+ HTTP/\d(?:\.\d)?\r?\n)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_EVENT = re.compile(rb"(?m)^(?:data|event|id|retry):")


def decode(data: bytes, media_type: str) -> tuple[bytes, str]:
    """Return the body of a recorded request or answer, unpacked, and its media type.

    Data that is gzip or zstd is unpacked; of an HTTP message the head is left out; server-sent
    events become their data, one a line. What is nothing of this comes back as it is.
    """
    data, unpacked = _unpack(data)
    if unpacked:
        media_type = "text/plain" if _is_utf8(data) else "application/octet-stream"
    if _START_LINE.match(data) and (end := _HEAD_END.search(data)):
        headers = dict(_headers(data[: end.start()]))
        data = data[end.end() :]
        if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
            data = _without_chunks(data)
        data, _ = _unpack(data)
        media_type = (
            headers.get(b"content-type", media_type.encode()).split(b";")[0].strip().decode("latin-1")
        )
    if media_type == "text/event-stream" or (_is_text(media_type) and _EVENT.match(data.lstrip())):
        data = b"".join(_events(data))
        media_type = "text/plain"
    return data, media_type


def prettify(data: bytes) -> bytes:
    """Return JSON, or lines of JSON, indented; what is none as it is."""
    try:
        return msgspec.json.format(data, indent=2)
    except msgspec.DecodeError:
        pass
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) < 2:
        return data
    try:
        return b"\n".join(msgspec.json.format(line, indent=2) for line in lines)
    except msgspec.DecodeError:
        return data


def _headers(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.splitlines()[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip().lower(), value.strip()


def _unpack(data: bytes) -> tuple[bytes, bool]:
    """Unpack gzip or zstd, as much of it as is sound: what came before damage is worth showing."""
    if data.startswith(b"\x1f\x8b"):
        return _joined(_gunzip(data)), True
    if data.startswith(zstandard.FRAME_HEADER):
        stream = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        return _joined(iter(lambda: stream.read(_STEP_BYTES), b"")), True
    return data, False


def _joined(parts: Iterator[bytes]) -> bytes:
    found: list[bytes] = []
    size = 0
    with contextlib.suppress(zlib.error, zstandard.ZstdError):
        for part in parts:
            found.append(part[: MOST_BYTES - size])
            size += len(part)
            if size >= MOST_BYTES:
                break
    return b"".join(found)


def _gunzip(data: bytes) -> Iterator[bytes]:
    """Unpack one gzip member after another, a little at a time."""
    while data.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        while data and not member.eof:
            yield member.decompress(data, _STEP_BYTES)
            data = member.unconsumed_tail
        data = member.unused_data


def _without_chunks(data: bytes) -> bytes:
    """Join the chunks of a body; captures often hold it joined already."""
    parts: list[bytes] = []
    rest = data
    while found := re.match(rb"([0-9a-fA-F]{1,8})(?:;[^\r\n]*)?\r\n", rest):
        size = int(found[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(rest[found.end() : found.end() + size])
        rest = rest[found.end() + size :].removeprefix(b"\r\n")
    return data if rest == data else b"".join(parts) + rest


def _events(data: bytes) -> Iterator[bytes]:
    """The data of each event, one a line; an event's own lines are joined as its reader sees them."""
    gathered: list[bytes] = []
    for line in (*data.splitlines(), b""):
        if line.startswith(b"data:"):
            gathered.append(line.removeprefix(b"data:").removeprefix(b" "))
        elif not line.strip() and gathered:
            yield b"\n".join(gathered) + b"\n"
            gathered = []


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/json"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
