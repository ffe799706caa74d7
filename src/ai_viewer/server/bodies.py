"""Bodies of large payloads as they are handed out, so that reading one in parts prepares it once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import msgspec

LARGE_BYTES = 1024 * 1024
"""What is smaller is prepared again sooner than it is looked up and held."""
MOST_BYTES = 128 * 1024 * 1024
"""All that are held together; a larger one is not."""


class Body(msgspec.Struct, frozen=True):
    """A payload unpacked and masked: its bytes, type and tag, and how many secrets were masked."""

    data: bytes
    media_type: str
    tag: str
    masked: int


class Bodies:
    """The bodies asked for last. A key names all that a body depends on; the same body, the same key."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Body] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, prepare: Callable[[], Body]) -> Body:
        """Return the body that is held, or prepare it."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        body = prepare()
        if LARGE_BYTES <= len(body.data) <= MOST_BYTES:
            self._hold(key, body)
        return body

    def _hold(self, key: Hashable, body: Body) -> None:
        with self._lock:
            before = self._held.pop(key, None)
            self._bytes += len(body.data) - (0 if before is None else len(before.data))
            self._held[key] = body
            while self._bytes > MOST_BYTES:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.data)
