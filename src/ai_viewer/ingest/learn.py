"""Learn what the texts of a store have in common, so that each of them can be kept in fewer bytes.

It is learnt once, before the first large reading, from the beginnings of files spread over all that
is to be read. What is learnt stands in the store (table ``dictionary``), which needs nothing else
to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TypeVar

import zstandard

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Shape
from ai_viewer.ingest.decompress import is_compressed
from ai_viewer.ingest.task import Task
from ai_viewer.model import PayloadRef

DICTIONARY_BYTES = 64 * 1024
FILES = 32
HEAD_BYTES = 256 * 1024
"""Of each file."""
SAMPLE_CHARACTERS = 8192
"""Of each text: what long texts have in common with others is mostly in their beginnings."""
ENOUGH_BYTES = 16 * DICTIONARY_BYTES
"""Less than this is not worth learning from."""
SHORTEST_BYTES = 64
"""Of a text that is compressed by a dictionary."""
LEVEL = 3


_Item = TypeVar("_Item")


class Packer:
    """Compresses texts, with a dictionary or without; ``codec`` is how table ``payload`` calls that."""

    def __init__(self, dictionary: bytes | None) -> None:
        self.codec = "zstd" if dictionary is None else "dictionary"
        self.least = 192 if dictionary is None else SHORTEST_BYTES
        """Bytes; a smaller text gains nothing."""
        if dictionary is None:
            self.compressor = zstandard.ZstdCompressor(level=LEVEL)
        else:
            content = zstandard.ZstdCompressionDict(dictionary)
            content.precompute_compress(level=LEVEL)
            self.compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=content)


@lru_cache(maxsize=4)
def packer(dictionary: bytes | None) -> Packer:
    """Return what compresses texts by this dictionary; made once for many texts."""
    return Packer(dictionary)


def spread(items: Sequence[_Item]) -> list[_Item]:
    """Return some of the items, from all over them: as many as are enough to learn from."""
    count = min(len(items), FILES)
    return [items[place * len(items) // count] for place in range(count)]


def learn(tasks: Iterable[Task]) -> bytes | None:
    """Return a dictionary for the texts of these files; ``None`` if there is too little to learn from."""
    samples: list[bytes | bytearray | memoryview] = [
        text for task in tasks for text in _beginnings(task) if len(text) >= SHORTEST_BYTES
    ]
    if sum(map(len, samples)) < ENOUGH_BYTES:
        return None
    try:
        return zstandard.train_dictionary(DICTIONARY_BYTES, samples, level=LEVEL).as_bytes()
    except zstandard.ZstdError:
        # It finds nothing that they have in common.
        return None


def _beginnings(task: Task) -> Iterable[bytes]:
    """The beginnings of the texts in a file's first records; none if they cannot be read."""
    adapter = ADAPTERS[task.format]
    artifact = adapter.artifact(PurePosixPath(task.path))
    if artifact is None or artifact.shape is not Shape.LINES or is_compressed(task.path):
        return []
    parser = adapter.parser(artifact, None)
    try:
        with (Path(task.root) / task.path).open("rb") as file:
            head = file.read(HEAD_BYTES)
        offset = 0
        for line in head.split(b"\n")[:-1]:
            parser.feed(line, offset)
            offset += len(line) + 1
        events, _, _ = parser.take()
    except Exception:  # noqa: BLE001 - whatever it is, it is told when the file is read
        return []
    return [
        event.text[:SAMPLE_CHARACTERS].encode("utf-8", "replace")
        for event in events
        if isinstance(event, PayloadRef) and event.text
    ]
