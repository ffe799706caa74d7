"""Parts of a message: texts and data with their places, as every format's contents are read to."""

from __future__ import annotations

import binascii
from collections.abc import Iterable

import msgspec


class Part(msgspec.Struct, frozen=True):
    """A text, or an image or other file, with its JSON pointer within the record."""

    pointer: str
    text: str | None = None
    data: bytes | None = None
    media_type: str = "text/plain"

    @property
    def size(self) -> int:
        """Bytes of the part."""
        return text_size(self.text or "") if self.data is None else len(self.data)


def encoded_part(pointer: str, encoded: str, media_type: str) -> Part:
    """Read base64; what is none is told in words.

    >>> encoded_part("/data", "aGk=", "image/png")
    Part(pointer='/data', text=None, data=b'hi', media_type='image/png')
    >>> encoded_part("/data", "cut off", "image/png").text
    '[image/png that cannot be decoded]'
    """
    try:
        data = binascii.a2b_base64(encoded)
    except ValueError:
        data = b""
    return Part(pointer, data=data, media_type=media_type) if data else undecodable(pointer, media_type)


def undecodable(pointer: str, media_type: str) -> Part:
    """Say that something was there."""
    return Part(pointer, f"[{media_type} that cannot be decoded]")


def whole(parts: Iterable[Part]) -> str:
    """The texts of ``parts``, one after the other."""
    return "\n".join(part.text for part in parts if part.text is not None)


def text_size(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
