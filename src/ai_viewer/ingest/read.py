"""Read what is new of one file and fold it to rows. Runs in the parse processes as well as in line.

What happens to a file, and what becomes of it:

* grown: only what is new is read, from the saved offset, with the saved parser state;
* half-written last line: left until its newline comes, or until it is whole JSON without
  one; meanwhile it stands among the file's problems;
* truncated, replaced, rewritten: told anew from the beginning (`FileBatch.reset`);
* shrunk to nothing, deleted, not readable: what was read stays.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

import msgspec
import zstandard

from ai_viewer.adapters import ADAPTERS
from ai_viewer.adapters.base import Adapter, Artifact, Shape, decode
from ai_viewer.ingest.fold import KEEP_BYTES, fold
from ai_viewer.model import SourceError
from ai_viewer.store.batch import FileBatch, FileState, ProblemRow

CHUNK_BYTES = 4 * 1024 * 1024
"""Bytes read at a time: what one batch, one transaction and one process' memory are made for."""
_FINGERPRINT_BYTES = 256
_NEVER = 0
"""An mtime no file has: it says that there is more to read."""

_compressor = zstandard.ZstdCompressor(level=3)


class Task(msgspec.Struct, frozen=True, array_like=True):
    """Read one file on from where it was left; ``known`` is ``None`` for a new file."""

    format: str
    root: str
    path: str
    known: FileState | None = None


def read_all(tasks: list[Task]) -> bytes:
    """Read each task's next chunk; returns the msgpack of their batches, for the way between processes."""
    return msgspec.msgpack.encode([read(task) for task in tasks])


def read(task: Task, limit: int = CHUNK_BYTES) -> FileBatch:
    """Read up to ``limit`` bytes of what is new (more if one record is longer) and fold them.

    Trouble with the file as a whole is in the batch's ``error``; its cursor then stays.
    """
    try:
        return _read(task, limit)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
    except zstandard.ZstdError as error:
        message = f"damaged zstd data: {error}"
    except Exception as error:  # noqa: BLE001 - one file must not stop the others
        message = f"reading failed, please report it: {type(error).__name__}: {error}"
    known = task.known
    state = FileState(task.path, 0, 0, _NEVER, 0, 0, 0, b"") if known is None else known
    problem = (state.offset, "file", message, "")
    return FileBatch(
        format=task.format,
        root=task.root,
        file=state,
        start=state.offset,
        reset=False,
        done=True,
        counts=None,
        problems=[problem],
        sessions=[],
        error=message,
    )


def _read(task: Task, limit: int) -> FileBatch:
    adapter = ADAPTERS[task.format]
    artifact = adapter.artifact(PurePosixPath(task.path))
    if artifact is None:
        raise ValueError(f"{adapter.name} reads no such file")
    with (Path(task.root) / task.path).open("rb") as file:
        status = os.fstat(file.fileno())
        known = task.known
        reset = known is not None and _told_anew(artifact, adapter, known, file, status)
        if known is not None and reset and status.st_size == 0 and known.offset > 0:
            return _emptied(task, known, status)
        resumed = known if known is not None and not reset else None
        start = resumed.offset if resumed else 0
        parser = adapter.parser(
            artifact, zstandard.decompress(resumed.state) if resumed and resumed.state else None
        )
        problems: list[ProblemRow] = []
        if artifact.shape is not Shape.LINES:
            data = file.read()
            parser.feed(data, 0)
            offset, done = len(data), True
        else:
            stream = _decompressed(file, start) if artifact.path.endswith(".zst") else _plain(file, start)
            offset, done = _feed_lines(parser, stream, start, limit, problems)
        events, state, counts = parser.take()
        sessions, source_errors = fold(events, _TextReader(Path(task.root)))
        return FileBatch(
            format=task.format,
            root=task.root,
            file=FileState(
                path=task.path,
                inode=status.st_ino,
                size=status.st_size,
                mtime_ns=status.st_mtime_ns if done else _NEVER,
                offset=offset,
                fingerprint=_fingerprint(file, artifact, offset),
                adapter_version=adapter.version,
                state=_compressor.compress(state),
            ),
            start=start,
            reset=reset,
            done=done,
            counts=counts,
            problems=source_errors + problems,
            sessions=sessions,
        )


def _told_anew(
    artifact: Artifact, adapter: Adapter, known: FileState, file: BinaryIO, status: os.stat_result
) -> bool:
    """Whether what was read of the file no longer holds."""
    if known.adapter_version != adapter.version:
        return True
    if artifact.shape is not Shape.LINES:
        return True
    if artifact.path.endswith(".zst"):
        changed = (status.st_size, status.st_mtime_ns) != (known.size, known.mtime_ns)
        return changed and known.mtime_ns != _NEVER
    return status.st_size < known.offset or _fingerprint(file, artifact, known.offset) != known.fingerprint


def _emptied(task: Task, known: FileState, status: os.stat_result) -> FileBatch:
    message = "the file was emptied; what had been read of it is kept"
    return FileBatch(
        format=task.format,
        root=task.root,
        file=msgspec.structs.replace(known, size=0, mtime_ns=status.st_mtime_ns),
        start=known.offset,
        reset=False,
        done=True,
        counts=None,
        problems=[(known.offset, "file", message, "")],
        sessions=[],
        error=message,
    )


class _Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def _plain(file: BinaryIO, start: int) -> _Stream:
    file.seek(start)
    return file


def _decompressed(file: BinaryIO, start: int) -> _Stream:
    file.seek(0)
    stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False)
    left = start
    while left and (skipped := len(stream.read(min(left, CHUNK_BYTES)))):
        left -= skipped
    return stream


class _Feedable(Protocol):
    def feed(self, record: bytes, offset: int) -> None: ...


def _feed_lines(
    parser: _Feedable, stream: _Stream, start: int, limit: int, problems: list[ProblemRow]
) -> tuple[int, bool]:
    """Feed whole lines; return the offset behind the last one, and whether the end was reached."""
    data = _fill(stream, limit)
    at_end = len(data) < limit
    while not at_end and b"\n" not in data:
        more = _fill(stream, len(data))
        at_end = len(more) < len(data)
        data += more
    end = data.rfind(b"\n") + 1
    offset = start
    for line in data[:end].split(b"\n"):
        if line and not line.isspace():
            parser.feed(line, offset)
        offset += len(line) + 1
    offset = start + end
    tail = data[end:]
    if at_end and tail and not tail.isspace():
        # A writer may leave out the last newline. A cut object is never whole JSON, so what
        # decodes to one is a record.
        if _is_record(tail):
            parser.feed(tail, offset)
            offset += len(tail)
        else:
            excerpt = tail[: SourceError.EXCERPT_LENGTH].decode("utf-8", "replace")
            problems.append((offset, "unfinished line", "the last line has no end yet", excerpt))
    return offset, at_end


def _fill(stream: _Stream, size: int) -> bytes:
    """Read ``size`` bytes, or fewer only at the end."""
    parts: list[bytes] = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(decode(line), dict)
    except ValueError:
        return False


def _fingerprint(file: BinaryIO, artifact: Artifact, offset: int) -> int:
    """A hash of the first bytes and of those before ``offset``: it changes if the file was rewritten."""
    if artifact.shape is not Shape.LINES or artifact.path.endswith(".zst"):
        return 0
    file.seek(0)
    head = file.read(min(_FINGERPRINT_BYTES, offset))
    file.seek(max(0, offset - _FINGERPRINT_BYTES))
    tail = file.read(min(_FINGERPRINT_BYTES, offset))
    return int.from_bytes(hashlib.blake2b(head + tail, digest_size=8).digest(), "big", signed=True)


class _TextReader:
    """Reads a file that a payload names, if it lies within the source's root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, path: str) -> tuple[str, int] | None:
        root = self.root.resolve()
        place = (root / path).resolve()
        if not place.is_relative_to(root):
            return None
        try:
            with place.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                data = file.read(KEEP_BYTES + 1)
        except OSError:
            return None
        return data.decode("utf-8", "replace"), size
