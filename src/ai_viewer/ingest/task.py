"""What the parse processes are asked, and what they answer."""

from __future__ import annotations

import msgspec

from ai_viewer.adapters.base import Artifact, Member, Shape
from ai_viewer.store.batch import FileBatch, FileState

CHUNK_BYTES = 4 * 1024 * 1024
"""Bytes read at a time: what one batch, one transaction and one process' memory are made for."""
AT_ONCE_BYTES = 32 * 1024 * 1024
"""A snapshot of more bytes, or of half as many of texts, is not read at once in a parse process."""
AT_ONCE_INLINE_BYTES = 4 * 1024 * 1024
"""Nor is one of more than this in line, where fresh files wait for it."""
NEVER = 0
"""An mtime no file has: it says that there is more to read."""


class MemberOf(msgspec.Struct, frozen=True, array_like=True):
    """A session in a collection: the collection's path and shape, and the session as it was listed."""

    path: str
    shape: Shape
    member: Member

    @property
    def collection(self) -> Artifact:
        """The collection."""
        return Artifact(self.path, self.shape)


class Task(msgspec.Struct, frozen=True, array_like=True):
    """Read one file, or member of a collection, on from where it was left.

    ``known`` is ``None`` for a new one; a snapshot of more than ``at_once`` bytes is left to
    `ai_viewer.ingest.read.tell`. Texts are compressed by ``dictionary``, if there is one.
    """

    format: str
    root: str
    path: str
    known: FileState | None = None
    member: MemberOf | None = None
    at_once: int = AT_ONCE_BYTES
    dictionary: bytes | None = None


class Answer(msgspec.Struct, array_like=True):
    """What came of a task: a batch, or why it must be tried ``later``.

    Neither says that it is too large to be read at once; see `ai_viewer.ingest.read.tell`.
    ``seconds`` is how long the reading took.
    """

    batch: FileBatch | None
    later: str | None = None
    seconds: float = 0.0


class LaterError(Exception):
    """Something cannot be read just now, but soon can: it is being written."""


def unread(task: Task, message: str) -> FileBatch:
    """Return a batch that says why nothing could be read; the cursor stays."""
    known = task.known
    state = FileState(task.path, 0, 0, NEVER, 0, 0, 0, b"") if known is None else known
    return FileBatch(
        format=task.format,
        root=task.root,
        file=state,
        start=state.offset,
        reset=False,
        done=True,
        counts=None,
        problems=[(state.offset, "file", message, "")],
        sessions=[],
        error=message,
    )


def kept(task: Task, state: FileState, start: int, message: str) -> FileBatch:
    """Return a batch that moves the cursor to ``state`` and says why what had been read is kept."""
    return FileBatch(
        format=task.format,
        root=task.root,
        file=state,
        start=start,
        reset=False,
        done=True,
        counts=None,
        problems=[(start, "file", message, "")],
        sessions=[],
        error=message,
    )
