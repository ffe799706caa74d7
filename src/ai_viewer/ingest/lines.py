"""Read what is new of a file of lines, and fold it to rows.

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
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import zstandard

from ai_viewer.adapters.base import Adapter, Artifact, decode
from ai_viewer.ingest.decompress import Stream, decompressed, is_compressed
from ai_viewer.ingest.fold import fold
from ai_viewer.ingest.named import NamedFiles
from ai_viewer.ingest.task import CHUNK_BYTES, NEVER, Task, kept
from ai_viewer.model import SourceError
from ai_viewer.store.batch import FileBatch, FileState, ProblemRow

_FINGERPRINT_BYTES = 256

_compressor = zstandard.ZstdCompressor(level=3)


def read(task: Task, adapter: Adapter, artifact: Artifact) -> FileBatch:
    """Read the next `CHUNK_BYTES` of what is new (more if one record is longer)."""
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
        stream = _decompressed(file, artifact, start) if is_compressed(task.path) else _plain(file, start)
        offset, done = _feed_lines(parser, stream, start, CHUNK_BYTES, problems)
        events, state, counts = parser.take()
        sessions, source_errors = fold(events, NamedFiles(Path(task.root)), task.dictionary)
        return FileBatch(
            format=task.format,
            root=task.root,
            file=FileState(
                path=task.path,
                inode=status.st_ino,
                size=status.st_size,
                mtime_ns=status.st_mtime_ns if done else NEVER,
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
    if is_compressed(artifact.path):
        changed = (status.st_size, status.st_mtime_ns) != (known.size, known.mtime_ns)
        return changed and known.mtime_ns != NEVER
    return status.st_size < known.offset or _fingerprint(file, artifact, known.offset) != known.fingerprint


def _emptied(task: Task, known: FileState, status: os.stat_result) -> FileBatch:
    message = "the file was emptied; what had been read of it is kept"
    emptied = msgspec.structs.replace(known, size=0, mtime_ns=status.st_mtime_ns)
    return kept(task, emptied, known.offset, message)


def _plain(file: BinaryIO, start: int) -> Stream:
    file.seek(start)
    return file


def _decompressed(file: BinaryIO, artifact: Artifact, start: int) -> Stream:
    stream = decompressed(file, artifact.path)
    left = start
    while left and (skipped := len(stream.read(min(left, CHUNK_BYTES)))):
        left -= skipped
    return stream


class _Feedable(Protocol):
    def feed(self, record: bytes, offset: int) -> None: ...


def _feed_lines(
    parser: _Feedable, stream: Stream, start: int, limit: int, problems: list[ProblemRow]
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


def _fill(stream: Stream, size: int) -> bytes:
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
    if is_compressed(artifact.path):
        return 0
    file.seek(0)
    head = file.read(min(_FINGERPRINT_BYTES, offset))
    file.seek(max(0, offset - _FINGERPRINT_BYTES))
    tail = file.read(min(_FINGERPRINT_BYTES, offset))
    return int.from_bytes(hashlib.blake2b(head + tail, digest_size=8).digest(), "big", signed=True)
