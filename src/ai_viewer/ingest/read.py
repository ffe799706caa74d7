"""Read what is new of one file or member of a collection. Runs in the parse processes and in line."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import PurePosixPath

import msgspec

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Adapter, Artifact, Shape
from ai_viewer.ingest import lines, snapshot
from ai_viewer.ingest.decompress import DAMAGE, describe
from ai_viewer.ingest.task import Answer, LaterError, Task, unread
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.foreign import ForeignError


def give_way() -> None:
    """Let other programs go first, and the one that writes what this process reads."""
    if hasattr(os, "nice"):
        os.nice(5)


def read_all(tasks: list[Task]) -> bytes:
    """Read each task's next chunk; returns the msgpack of the answers, for the way between processes."""
    return msgspec.msgpack.encode([read(task) for task in tasks])


def read(task: Task) -> Answer:
    """Read the next chunk of what is new, or a whole snapshot, and fold it.

    Trouble with the file as a whole is in the batch's ``error``; its cursor then stays.
    """
    started = time.monotonic()
    try:
        adapter, artifact = _artifact(task)
        if artifact.shape is Shape.LINES:
            answer = Answer(lines.read(task, adapter, artifact))
        else:
            answer = Answer(snapshot.read(task, adapter, artifact))
    except LaterError as error:
        answer = Answer(None, str(error))
    except Exception as error:  # noqa: BLE001 - one file must not stop the others
        answer = Answer(unread(task, trouble(error)))
    answer.seconds = time.monotonic() - started
    return answer


def tell(task: Task) -> Generator[FileBatch]:
    """Read a snapshot that is too large to be read at once, a batch at a time.

    Raises:
        LaterError: if it must be read again from its beginning, later.
    """
    try:
        yield from snapshot.tell(task, *_artifact(task))
    except LaterError:
        raise
    except Exception as error:  # noqa: BLE001 - one file must not stop the others
        yield unread(task, trouble(error))


def trouble(error: Exception) -> str:
    """Say why a file cannot be read."""
    if isinstance(error, DAMAGE):
        return describe(error)
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    if isinstance(error, ForeignError):
        return str(error)
    return f"reading failed, please report it: {type(error).__name__}: {error}"


def _artifact(task: Task) -> tuple[Adapter, Artifact]:
    adapter = ADAPTERS[task.format]
    if task.member is not None:
        return adapter, Artifact(task.path, task.member.shape)
    artifact = adapter.artifact(PurePosixPath(task.path))
    if artifact is None:
        raise ValueError(f"{adapter.name} reads no such file")
    return adapter, artifact
