"""Read an artifact that is told whole whenever it changes, and find out what is new in it.

What happens to it, and what becomes of it:

* changed: read by a new parser; only what differs from what it told before is written;
* damaged, emptied: what it told before stays; of one that told nothing yet, all that can be
  read is;
* changed while it is read: to be read again later;
* too large to be held at once: told in several batches (`tell`), of which only the last moves
  the cursor. What a killed reading has written is forgotten by the next one.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Protocol, cast

import msgspec
import zstandard

from ai_viewer.adapters.base import Adapter, Artifact, Collection, Parser, Shape
from ai_viewer.ingest import told
from ai_viewer.ingest.decompress import DAMAGE, decompressed, describe
from ai_viewer.ingest.fold import Fold, Texts
from ai_viewer.ingest.folder import SourceFolder
from ai_viewer.ingest.named import NamedFiles
from ai_viewer.ingest.task import NEVER, LaterError, MemberOf, Task, kept
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpStarted,
    PayloadRef,
    TurnFinalized,
    TurnStarted,
)
from ai_viewer.store import foreign
from ai_viewer.store.batch import FileBatch, FileState, ProblemRow, Replacement, SessionRows, Unit

PIECE_BYTES = 1024 * 1024
"""What a parser of pieces is given at a time, and what is read before it is taken from."""
SPOOL_BYTES = 16 * 1024 * 1024
"""A member's records are held in memory up to this size, and else in a temporary file."""
WHOLE_BYTES = 512 * 1024 * 1024
"""A file that is one record is not decompressed any further."""

_compressor = zstandard.ZstdCompressor(level=3)
_LENGTH = struct.Struct("<Q")


def read(task: Task, adapter: Adapter, artifact: Artifact) -> FileBatch | None:
    """Read a snapshot at once; ``None`` if it is too large for that.

    Raises:
        LaterError: if it changed meanwhile, or is locked.
        Exception: one of `DAMAGE`, if nothing of it can be read.
    """
    with _opened(task, adapter) as content:
        if content.is_empty:
            return _empty(task, adapter, content)
        telling = _Telling(adapter.parser(artifact, None), content)
        folded = Fold(NamedFiles(Path(task.root)), Texts.ALL, task.dictionary)
        for events in telling:
            folded.add(events)
            if max(telling.fed, 2 * folded.held) > task.at_once and artifact.shape is not Shape.WHOLE:
                return None
        before = _told_before(task, adapter)
        now = {name: told.told(session) for name, session in folded.sessions.items()}
        if _is_worse(before, now, telling, folded):
            return _damaged(task, adapter, content, telling)
        sessions: list[SessionRows] = []
        for name, session in folded.sessions.items():
            earlier = None if before is None else before.sessions.get(name)
            if earlier is None:
                sessions.append(session.rows())
            elif (difference := told.difference(earlier, now[name])) is not None:
                sessions.append(difference.rows(session))
        return FileBatch(
            format=task.format,
            root=task.root,
            file=_end(task, adapter, content, telling, now),
            start=0,
            reset=before is None and task.known is not None,
            done=True,
            counts=telling.counts,
            problems=_problems(folded, telling),
            sessions=sessions,
            gone=[] if before is None else sorted(before.sessions.keys() - now.keys()),
        )


def tell(task: Task, adapter: Adapter, artifact: Artifact) -> Iterator[FileBatch]:
    """Read a snapshot of any size, a batch at a time.

    Raises:
        LaterError: if it changed meanwhile; what was yielded then is to be read anew.
    """
    with _opened(task, adapter) as content:
        if content.is_empty:
            yield _empty(task, adapter, content)
            return
        before = _told_before(task, adapter)
        telling = _Telling(adapter.parser(artifact, None), content)
        folded = Fold(NamedFiles(Path(task.root)), Texts.DIGESTS_ONLY)
        if before is None:
            # All of it is new, so it is written as it comes.
            reset = task.known is not None
            for events in telling:
                folded.add(events)
                yield _part(task, adapter, content, folded, _rows(task, events), reset=reset)
                reset = False
        else:
            for events in telling:
                folded.add(events)
                # Nothing to write yet; but whoever waits has a turn.
                yield _part(task, adapter, content, folded, [])
        now = {name: told.told(session) for name, session in folded.sessions.items()}
        if _is_worse(before, now, telling, folded):
            yield _damaged(task, adapter, content, telling)
            return
        if before is not None:
            yield from _tell_differences(task, adapter, artifact, content, before, folded, now)
        yield FileBatch(
            format=task.format,
            root=task.root,
            file=_end(task, adapter, content, telling, now),
            start=0,
            reset=False,
            done=True,
            counts=telling.counts,
            problems=_problems(folded, telling),
            sessions=[],
        )


class _Content(Protocol):
    """A snapshot's records, which may be asked for more than once."""

    is_empty: bool
    in_pieces: bool

    def records(self) -> Iterator[tuple[bytes, int]]:
        """Yield the records with their offsets.

        Raises:
            Exception: one of `DAMAGE`, behind the last sound one.
        """

    def is_void(self) -> bool:
        """Whether what was read may be half of one state and half of another."""

    def cursor(self, path: str) -> FileState:
        """Return the cursor behind it all, but for the adapter's version and the state."""


class _File:
    def __init__(self, file: BinaryIO, artifact: Artifact) -> None:
        self.file = file
        self.artifact = artifact
        self.status = os.fstat(file.fileno())
        self.is_empty = self.status.st_size == 0
        self.in_pieces = artifact.shape is Shape.PIECES

    def records(self) -> Iterator[tuple[bytes, int]]:
        stream = decompressed(self.file, self.artifact.path)
        offset = 0
        parts: list[bytes] = []
        while part := stream.read(PIECE_BYTES):
            if self.in_pieces:
                yield part, offset
            else:
                parts.append(part)
            offset += len(part)
            if not self.in_pieces and offset > WHOLE_BYTES:
                raise ValueError(f"it is larger than {WHOLE_BYTES:,} bytes")
        if not self.in_pieces:
            yield b"".join(parts), 0

    def is_void(self) -> bool:
        now = os.fstat(self.file.fileno())
        return (now.st_size, now.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns)

    def cursor(self, path: str) -> FileState:
        status = self.status
        return FileState(path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_size, 0, 0, b"")


class _MemberRecords:
    """A member's records, copied, so that its collection is in use for a moment only."""

    in_pieces = False

    def __init__(self, of: MemberOf, records: Iterable[bytes], spool: IO[bytes]) -> None:
        self.member = of.member
        self.spool = spool
        self.count = 0
        for record in records:
            spool.write(_LENGTH.pack(len(record)))
            spool.write(record)
            self.count += 1
        self.is_empty = self.count == 0

    def records(self) -> Iterator[tuple[bytes, int]]:
        self.spool.seek(0)
        for number in range(self.count):
            (length,) = _LENGTH.unpack(self.spool.read(_LENGTH.size))
            yield self.spool.read(length), number

    def is_void(self) -> bool:
        return False

    def cursor(self, path: str) -> FileState:
        # An mtime of 0 would say that there is more to read.
        size, stamp = self.member.size, self.member.stamp
        return FileState(path, 0, size, stamp or 1, size, 0, 0, b"")


@contextmanager
def _opened(task: Task, adapter: Adapter) -> Iterator[_Content]:
    of = task.member
    if of is None:
        artifact = cast("Artifact", adapter.artifact(PurePosixPath(task.path)))
        with (Path(task.root) / task.path).open("rb") as file:
            yield _File(file, artifact)
        return
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        with opened_collection(Path(task.root), of.collection) as place:
            found = cast("Collection", adapter).records(of.collection, place, of.member.name)
            content = _MemberRecords(of, found, spool)
        yield content


@contextmanager
def opened_collection(root: Path, collection: Artifact) -> Iterator[foreign.ForeignDatabase | SourceFolder]:
    """Open a collection for reading.

    Raises:
        LaterError: if it is locked or changed while it was read.
    """
    if collection.shape is Shape.TREE:
        yield SourceFolder(root)
        return
    try:
        with foreign.opened(root / collection.path) as database:
            yield database
    except foreign.ForeignBusyError as error:
        raise LaterError(str(error)) from error


class _Telling:
    """All of a snapshot through one parser: its events a part at a time, then the counts."""

    def __init__(self, parser: Parser, content: _Content) -> None:
        self.parser = parser
        self.content = content
        self.counts: dict[str, int] = {}
        self.fed = 0
        self.damage: str | None = None
        """What is wrong with it behind ``fed`` bytes."""

    def __iter__(self) -> Iterator[list[Event]]:
        records = self.content.records()
        since = 0
        while True:
            try:
                found = next(records, None)
            except DAMAGE as error:
                if not self.fed:
                    raise
                self.damage = describe(error)
                found = None
            if found is None:
                break
            record, offset = found
            self.parser.feed(record, offset)
            self.fed += len(record)
            since += len(record)
            if since >= PIECE_BYTES:
                since = 0
                yield self._take()
        if self.content.in_pieces:
            self.parser.feed(b"", self.fed)
        yield self._take()
        if self.content.is_void():
            raise LaterError("it changed while it was read")

    def _take(self) -> list[Event]:
        events, _, self.counts = self.parser.take()
        return events


def _told_before(task: Task, adapter: Adapter) -> told.SnapshotState | None:
    """What the file is known to have told; ``None`` if it has to be told from nothing."""
    known = task.known
    if known is None or known.adapter_version != adapter.version or not known.state:
        return None
    return told.decode(zstandard.decompress(known.state))


def _is_worse(before: told.SnapshotState | None, now: told.Sessions, telling: _Telling, folded: Fold) -> bool:
    """Whether what was told before is better than this: a damaged file takes nothing back."""
    if before is None or not before.sound or not before.sessions:
        return False
    return telling.damage is not None or (not now and bool(folded.problems))


def _end(task: Task, adapter: Adapter, content: _Content, telling: _Telling, now: told.Sessions) -> FileState:
    state = told.encode(told.SnapshotState(telling.damage is None, now))
    return msgspec.structs.replace(
        content.cursor(task.path), adapter_version=adapter.version, state=_compressor.compress(state)
    )


def _part(
    task: Task,
    adapter: Adapter,
    content: _Content,
    folded: Fold,
    sessions: list[SessionRows],
    *,
    reset: bool = False,
    gone: list[str] | None = None,
) -> FileBatch:
    """Return a batch after which there are more: its cursor says that nothing is read."""
    return FileBatch(
        format=task.format,
        root=task.root,
        file=msgspec.structs.replace(
            content.cursor(task.path), mtime_ns=NEVER, offset=0, adapter_version=adapter.version
        ),
        start=0,
        reset=reset,
        done=False,
        counts=None,
        problems=list(folded.problems),
        sessions=sessions,
        gone=gone or [],
    )


def _rows(task: Task, events: list[Event]) -> list[SessionRows]:
    part = Fold(NamedFiles(Path(task.root)), Texts.ALL, task.dictionary)
    part.add(events)
    return [session.rows() for session in part.sessions.values()]


def _tell_differences(
    task: Task,
    adapter: Adapter,
    artifact: Artifact,
    content: _Content,
    before: told.SnapshotState,
    folded: Fold,
    now: told.Sessions,
) -> Iterator[FileBatch]:
    """Read it once more for what differs: first what is taken back, then what is told anew."""
    heads: dict[str, SessionRows] = {}
    changed: dict[str, frozenset[Unit]] = {}
    for name, session in folded.sessions.items():
        difference = told.difference(before.sessions.get(name), now[name])
        if difference is not None:
            head = session.rows()
            head.turns, head.ops, head.payloads, head.logs = [], [], [], []
            head.replacement = difference.replacement
            heads[name], changed[name] = head, difference.changed
    gone = sorted(before.sessions.keys() - now.keys())
    if not heads and not gone:
        return
    yield _part(task, adapter, content, folded, list(heads.values()), gone=gone)
    # Whether a unit is the session's only one was decided with the first batch.
    added = {
        name: Replacement([], [], head.replacement.whole)
        for name, head in heads.items()
        if head.replacement is not None
    }
    for events in _Telling(adapter.parser(artifact, None), content):
        news = [event for event in events if _unit(event, folded) in changed.get(_session(event), ())]
        rows = _rows(task, news)
        for part in rows:
            head = heads[part.session]
            part.rank, part.facts, part.content = head.rank, head.facts, head.content
            part.replacement = added[part.session]
        yield _part(task, adapter, content, folded, rows)


def _session(event: Event) -> str:
    name: str = getattr(event, "session", "")
    return name


def _unit(event: Event, folded: Fold) -> Unit | None:
    """The unit that an event tells of; ``None`` for one of a session or of the source itself."""
    match event:
        case TurnStarted() | TurnFinalized():
            return event.turn, 0
        case OpStarted() | OpFinalized():
            return folded.sessions[event.session].ops[event.seq].turn, event.seq
        case PayloadRef() | LogEntry():
            return event.turn, event.seq
        case _:
            return None


def _problems(folded: Fold, telling: _Telling) -> list[ProblemRow]:
    if telling.damage is None:
        return folded.problems
    return [*folded.problems, (telling.fed, "damaged file", telling.damage, "")]


def _damaged(task: Task, adapter: Adapter, content: _Content, telling: _Telling) -> FileBatch:
    reason = telling.damage or "nothing in it can be read"
    return _as_before(task, adapter, content, f"{reason}; what had been read of it is kept")


def _empty(task: Task, adapter: Adapter, content: _Content) -> FileBatch:
    if task.known is not None and task.known.offset > 0:
        return _as_before(task, adapter, content, "the file was emptied; what had been read of it is kept")
    batch = _as_before(task, adapter, content, "the file is empty")
    batch.error = None
    return batch


def _as_before(task: Task, adapter: Adapter, content: _Content, message: str) -> FileBatch:
    """Take note of the file as it is, and leave what it told."""
    now = content.cursor(task.path)
    if task.known is None:
        now = msgspec.structs.replace(now, adapter_version=adapter.version)
    else:
        now = msgspec.structs.replace(task.known, inode=now.inode, size=now.size, mtime_ns=now.mtime_ns)
    return kept(task, now, 0, message)
