"""The whole of a payload that is kept, from the way it is kept."""

from __future__ import annotations

import threading

import zstandard


def unpack(codec: str, data: bytes, size: int) -> bytes:
    """Return a payload's ``size`` bytes, kept as ``codec`` (``plain`` or ``zstd``) says."""
    return _decompressors.own.decompress(data, max_output_size=size) if codec == "zstd" else data


class _Decompressors(threading.local):
    """One a thread: making one takes longer than most texts, and two threads must not share it."""

    def __init__(self) -> None:
        self.own = zstandard.ZstdDecompressor()


_decompressors = _Decompressors()
