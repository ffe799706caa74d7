"""The whole of a payload that is kept, from the way it is kept."""

from __future__ import annotations

import zstandard


def unpack(codec: str, data: bytes, size: int) -> bytes:
    """Return a payload's ``size`` bytes, kept as ``codec`` (``plain`` or ``zstd``) says."""
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=size) if codec == "zstd" else data
