"""A payload that is kept, from the way it is kept.

Most texts are short, and alike from one to the next: compressed alone they keep what they have in
common with all others. So there is a dictionary of that in the store (``ai_viewer.ingest.learn``
makes it), and a text compressed by it names it by number.
"""

from __future__ import annotations

import io
import threading

import apsw
import zstandard

from ai_viewer.store import database


def unpack(connection: apsw.Connection, codec: str, data: bytes, size: int) -> bytes:
    """Return a payload's ``size`` bytes, kept as ``codec`` (``plain``, ``zstd`` or ``dictionary``) says.

    Raises:
        zstandard.ZstdError: if the data is damaged.
    """
    if codec == "plain":
        return data
    return _decompressors.of(connection, codec, data).decompress(data, max_output_size=size)


def unpack_start(connection: apsw.Connection, codec: str, data: bytes, length: int) -> bytes:
    """Return up to ``length`` bytes of a payload of which ``data`` is the whole or the start.

    Raises:
        zstandard.ZstdError: if the data is damaged.
    """
    if codec == "plain":
        return data[:length]
    return _decompressors.of(connection, codec, data).stream_reader(io.BytesIO(data)).read(length)


def dictionary(connection: apsw.Connection) -> bytes | None:
    """Return the dictionary by which the store's texts are compressed, if there is one."""
    data: bytes | None = database.one(connection, "SELECT data FROM dictionary")
    return data


class _Decompressors(threading.local):
    """One a thread: making one takes longer than most texts, and two threads must not share it."""

    def __init__(self) -> None:
        self.plain = zstandard.ZstdDecompressor()
        # Of any store: a dictionary's number is a hash of what is in it.
        self.by_dictionary: dict[int, zstandard.ZstdDecompressor] = {}

    def of(self, connection: apsw.Connection, codec: str, data: bytes) -> zstandard.ZstdDecompressor:
        if codec != "dictionary":
            return self.plain
        number = zstandard.get_frame_parameters(data).dict_id
        found = self.by_dictionary.get(number)
        if found is None:
            content: bytes | None = database.one(
                connection, "SELECT data FROM dictionary WHERE id = ?", (number,)
            )
            if content is None:
                raise zstandard.ZstdError(f"there is no dictionary {number}")
            found = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(content))
            self.by_dictionary[number] = found
        return found


_decompressors = _Decompressors()
