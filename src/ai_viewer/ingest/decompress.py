"""Read compressed files as a stream: what their names end in says how."""

from __future__ import annotations

import gzip
import zlib
from pathlib import PurePath
from typing import BinaryIO, Protocol

import zstandard

DAMAGE = (zstandard.ZstdError, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises at damaged data. All that stands before it was returned by then."""


class Stream(Protocol):
    """Bytes in order; fewer than asked for do not mean the end, none do."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""


def is_compressed(path: str | PurePath) -> bool:
    """Tell whether a file of this name is given decompressed."""
    return str(path).endswith((".zst", ".gz"))


def decompressed(file: BinaryIO, path: str | PurePath) -> Stream:
    """Return the content of ``file``, decompressed if its name in ``path`` says so; from its start."""
    file.seek(0)
    if str(path).endswith(".zst"):
        stream: Stream = zstandard.ZstdDecompressor().stream_reader(
            file, read_across_frames=True, closefd=False
        )
        return stream
    return _Gzip(file) if str(path).endswith(".gz") else file


class _Gzip:
    """A gzip stream that keeps nothing back when its next bytes are damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = gzip.GzipFile(fileobj=file, mode="rb")

    def read(self, size: int, /) -> bytes:
        return self._file.read1(size)


def describe(error: Exception) -> str:
    """Say what is wrong with damaged data."""
    if isinstance(error, zstandard.ZstdError):
        return f"damaged zstd data: {error}"
    if isinstance(error, EOFError):
        return "damaged gzip data: it is cut off"
    return f"damaged gzip data: {error}"
