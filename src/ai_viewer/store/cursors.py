"""Cursors of paged answers: opaque, and good for the question they came from only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Any, TypeVar

import msgspec

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that SQLite can hold."""

T = TypeVar("T")


class CursorError(ValueError):
    """The text is no cursor, or one of another question."""


def encode(question: Any, position: Any) -> str:
    """Return the cursor for the answer to ``question`` that goes on behind ``position``."""
    packed = msgspec.msgpack.encode((_digest(question), position))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(text: str, question: Any, kind: type[T]) -> T:
    """Return the position that `encode` was given.

    Raises:
        CursorError: if ``text`` is not a cursor of this ``question``.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        digest, position = msgspec.msgpack.decode(packed, type=tuple[bytes, kind])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorError("not a cursor; take it from `next` of the page before") from error
    if digest != _digest(question):
        raise CursorError("the cursor of another question; start again without one")
    result: T = position
    return result


def _digest(question: Any) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(question), digest_size=6).digest()
