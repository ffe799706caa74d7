"""Read the files that payloads name instead of holding a text themselves."""

from __future__ import annotations

from pathlib import Path

from ai_viewer.ingest.decompress import DAMAGE, decompressed, is_compressed
from ai_viewer.ingest.fold import KEEP_BYTES

MEASURE_BYTES = 256 * 1024 * 1024
"""A compressed file is decompressed no further: a small one may be made to fill any disk."""
_STEP = 1024 * 1024


class NamedFiles:
    """Reads a file that a payload names, if it lies within the source's root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, path: str) -> tuple[bytes, int] | None:
        """Return a file's bytes, or the start of a very long one, and its whole size."""
        place = within(self.root, path)
        if place is None:
            return None
        try:
            return read_start(place, KEEP_BYTES + 1)
        except (OSError, *DAMAGE):
            return None


def within(root: Path, path: str) -> Path | None:
    """Return the regular file at ``path`` below ``root``; ``None`` if it lies elsewhere, links followed."""
    try:
        top = root.resolve()
        place = (top / path).resolve()
        return place if place.is_relative_to(top) and place.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def read_start(place: Path, limit: int) -> tuple[bytes, int]:
    """Return up to ``limit`` bytes of a file, decompressed, and how many it has.

    Of a compressed file the size is at most `MEASURE_BYTES`.

    Raises:
        OSError: if it cannot be read.
        Exception: one of `DAMAGE`, if its compression is damaged.
    """
    with place.open("rb") as file:
        if not is_compressed(place):
            return file.read(limit), place.stat().st_size
        stream = decompressed(file, place)
        parts: list[bytes] = []
        size = 0
        while size < MEASURE_BYTES and (part := stream.read(_STEP)):
            if size < limit:
                parts.append(part[: limit - size])
            size += len(part)
        return b"".join(parts), size
