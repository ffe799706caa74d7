"""What an adapter is, and what every adapter needs: numbering, accounting, tolerant reading.

An adapter knows one format and the vocabulary in `ai_viewer.model`, nothing else: it opens
no file, no database, no clock. `ai_viewer.ingest` finds the files, hands it their records
with their byte offsets, stores its state between runs and writes its events.

    adapter = ADAPTERS["codex"]
    artifact = adapter.artifact(PurePosixPath("2026/01/02/rollout-….jsonl"))
    parser = adapter.parser(artifact, state=None)
    parser.feed(b'{"timestamp": …}', offset=0)        # once per line, in order
    events, state, counts = parser.take()             # at any record boundary
    parser = adapter.parser(artifact, state)          # goes on as if never interrupted

**The law**: cutting a file anywhere between two records, saving the state and going on with
a new parser gives the same rows as reading it in one piece. A snapshot (see `Shape`) is never gone
on with by a new parser, and its state is not saved; but it may be taken from at any record boundary
too, with the same rows, and a parser of pieces gives the same rows whatever their size.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import msgspec

from ai_viewer.adapters.parts import Part
from ai_viewer.model import (
    Event,
    LogEntry,
    Micros,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionStarted,
    SessionUpdated,
    Severity,
    SourceError,
    Timing,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
)

Record: TypeAlias = dict[str, Any]
"""One decoded source record."""

INTERFACE = 1
"""The version of all this that other packages' adapters are written for: they say so in an
attribute ``interface``. Raised when those written for the number before no longer work."""

LABEL_LENGTH = 200


class Shape(enum.StrEnum):
    """How an artifact is read.

    ``lines``: it grows; each line is a record, and only what is new is read. All others are
    *snapshots*: a change may be anywhere, so a changed one is told whole by a new parser, and
    the ingest writes what differs from what was told before. ``whole``: a file that is one
    record. ``pieces``: a file that may be too large for memory; the parser is given pieces of
    any size, in order, and ``b""`` at the end. ``database`` and ``tree``: not one session but
    a `Collection` of many: an SQLite database, or a folder in which a session is many files.
    """

    LINES = "lines"
    WHOLE = "whole"
    PIECES = "pieces"
    DATABASE = "database"
    TREE = "tree"


class Artifact(msgspec.Struct, frozen=True):
    """One thing that a format wants read: a file, or a `Collection`.

    ``path`` is relative to the source's root, with ``/``. Names ending in ``.zst`` or ``.gz``
    are given decompressed.
    """

    path: str
    shape: Shape = Shape.LINES

    @property
    def stem(self) -> str:
        """The file's name without its extensions ``.zst``, ``.gz``, ``.jsonl``, ``.json``."""
        name = PurePosixPath(self.path).name.removesuffix(".zst").removesuffix(".gz")
        return name.removesuffix(".jsonl").removesuffix(".json")


class Parser(Protocol):
    """Reads one artifact's records in order; see the module's docstring for the law it keeps."""

    def feed(self, record: bytes, offset: int) -> None:
        """Take the next record: a line without its newline, a whole file, a piece, a member's record."""

    def take(self) -> tuple[list[Event], bytes, dict[str, int]]:
        """Hand over what has gathered since the last call: events, state, and the file's record counts.

        Counts are of the whole file so far, by outcome: ``mapped``, ``ignored:<rule>``,
        ``unknown:<type>``, ``malformed``.
        """


class Adapter(Protocol):
    """One format. ``name`` is its name in the store and on the command line."""

    name: str
    title: str
    """The product's name, as people say it."""
    version: int
    """Raised when the same bytes give other events than before: its files are then read anew."""

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return the folders this agent keeps its sessions in, whether they exist or not."""

    def folders(self, root: Path) -> list[Path]:
        """Return the folders at or below ``root`` to search; it may be any folder, not only the agent's."""

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read the file at ``path``, relative to the root; ``None`` if it is none of ours.

        Of a file that belongs to a collection (``opencode.db-wal``, any file in a tree) it is the
        collection, whose ``path`` is that of the database or the folder.
        """

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of ``artifact``, or where ``state`` was taken."""


@runtime_checkable
class Expiring(Protocol):
    """An adapter, as well, whose agent deletes its own sessions after a time."""

    def kept_days(self, root: Path) -> int | None:
        """Return after how many days it deletes a session in ``root``; ``None``: it does not."""


class Database(Protocol):
    """An agent's SQLite database, opened read-only by the ingest for a moment."""

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none if there is no such table."""

    def query(self, sql: str, bindings: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a SELECT."""


class Entry(msgspec.Struct, frozen=True):
    """A file or folder in a `Folder`, as the file system shows it; of a folder ``size`` is 0."""

    name: str
    is_folder: bool
    size: int
    mtime_ns: int


class Folder(Protocol):
    """A folder of a source, for reading; paths are relative to the source's root."""

    def entries(self, path: str) -> list[Entry]:
        """Return what is in the folder ``path``, by name; nothing if it is none."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: if it cannot be read.
        """


class Member(msgspec.Struct, frozen=True):
    """One session of a collection. It has changed if ``size`` or ``stamp`` have.

    ``name`` is unique in its collection and never changes; with it, the session's file in the
    store is ``<collection's path>/<name>``. ``stamp`` is the time of its latest change in
    nanoseconds, or whatever grows with it; ``size`` about how many bytes it has.
    """

    name: str
    size: int
    stamp: int


class Collection(Protocol):
    """What an `Adapter` has as well if `Adapter.artifact` names databases or trees.

    Each member is read like a file of its own: a new parser for ``Artifact("<collection's
    path>/<name>", shape)`` is given all its records, numbered from 0 in place of offsets.
    """

    def members(
        self, artifact: Artifact, place: Database | Folder, since: int | None, changed: str | None
    ) -> Iterator[Member]:
        """Yield the sessions in ``place``: all of them, or at least those that may have changed.

        Args:
            artifact: The collection.
            place: A `Database` or a `Folder`, by ``artifact.shape``.
            since: Those with a ``stamp`` before this are known already; ``None``: none is.
            changed: The file within the tree that has changed, if only that one has.
        """

    def records(self, artifact: Artifact, place: Database | Folder, name: str) -> Iterator[bytes]:
        """Yield one member's records in the order in which its parser wants them."""


class Elsewhere(Protocol):
    """What an `Adapter` has as well if folders among its sessions hold none, and may hold much else."""

    def elsewhere(self, path: PurePosixPath) -> bool:
        """Whether the folder at ``path``, relative to the root, is neither to be searched nor watched."""


def is_elsewhere(adapter: Adapter, path: PurePosixPath) -> bool:
    """Whether the adapter wants the folder at ``path`` left out, and all that is in it."""
    left_out = getattr(adapter, "elsewhere", None)
    return left_out is not None and bool(left_out(path))


class Outcome(str):
    """What became of a record; compares and counts as its text."""

    __slots__ = ()


MAPPED = Outcome("mapped")
MALFORMED = Outcome("malformed")


def ignored(rule: str) -> Outcome:
    """Outcome of a record that a named rule leaves out on purpose."""
    return Outcome(f"ignored:{rule}")


def unknown(kind: object) -> Outcome:
    """Outcome of a record of a type this adapter does not know."""
    return Outcome(f"unknown:{str(kind)[:60]}")


class JsonParser:
    """Base of parsers for files of JSON records: decoding, accounting, errors with their place.

    A subclass gives `record`, and `save`/`load` for its state (a msgspec Struct). ``offset``
    and ``length`` are those of the record being read; ``emit`` adds an event.
    """

    state_type: ClassVar[type[msgspec.Struct]]

    def __init__(self, artifact: Artifact, state: bytes | None) -> None:
        self.artifact = artifact
        self.offset = 0
        self.length = 0
        self._events: list[Event] = []
        self._counts: Counter[str] = Counter()
        if state is not None:
            counts, saved = msgspec.msgpack.decode(state, type=tuple[dict[str, int], msgspec.Raw])
            self._counts.update(counts)
            self.load(msgspec.msgpack.decode(saved, type=self.state_type))

    def emit(self, event: Event) -> None:
        """Add an event to what `take` hands over."""
        self._events.append(event)

    def feed(self, record: bytes, offset: int) -> None:
        """Decode and map one record; whatever is wrong with it is counted and told, never raised."""
        self.offset, self.length = offset, len(record)
        if not record or record.isspace():
            self._counts["ignored:blank_line"] += 1
            return
        try:
            decoded = self.decode(record)
        except ValueError as error:
            self.malformed("not JSON", str(error), record)
            return
        if not isinstance(decoded, dict):
            self.malformed("not an object", f"expected a JSON object, found {type(decoded).__name__}", record)
            return
        mark = len(self._events)
        try:
            outcome = self.record(decoded)
        except Exception as error:  # noqa: BLE001 - one odd record must not cost the rest of the file
            del self._events[mark:]
            self.malformed("unexpected shape", f"{type(error).__name__}: {error}", record)
            return
        self._counts[outcome] += 1

    def decode(self, record: bytes) -> Any:
        """Decode one record; a format with very large ones may leave out what it does not need."""
        return decode(record)

    def malformed(self, error_class: str, message: str, record: bytes) -> None:
        """Count the current record as malformed and tell where it is."""
        self._counts[MALFORMED] += 1
        excerpt = record[: SourceError.EXCERPT_LENGTH].decode("utf-8", "replace")
        self.emit(SourceError(offset=self.offset, error_class=error_class, message=message, excerpt=excerpt))

    def take(self) -> tuple[list[Event], bytes, dict[str, int]]:
        """Hand over events, state and counts; see `Parser.take`."""
        self.flush()
        events, self._events = self._events, []
        counts = dict(self._counts)
        return events, msgspec.msgpack.encode((counts, self.save())), counts

    def record(self, record: Record) -> Outcome:
        """Map one record to events."""
        raise NotImplementedError

    def flush(self) -> None:
        """Emit what depends on all records so far, such as a session's last activity."""

    def save(self) -> msgspec.Struct:
        """Return this parser's state."""
        raise NotImplementedError

    def load(self, state: Any) -> None:
        """Take up a state that `save` returned."""
        raise NotImplementedError


class TrailState(msgspec.Struct):
    """Where a `Trail` stands; part of a parser's saved state."""

    session: str
    rank: Rank
    turn: int = 0
    seq: int = 0
    logs: int = 0
    in_turn: bool = False
    """Whether the current turn has been started and not finalized."""
    turn_at: Micros | None = None
    """When the current turn began."""
    first_at: Micros | None = None
    last_at: Micros | None = None
    told_first: Micros | None = None
    told_last: Micros | None = None
    told_turn: int = -1
    """The open turn whose end so far was told last; -1 if none was open."""


class Trail:
    """One session being told: numbers its turns, ops and logs, and emits their events.

    Payload places (offset, length) come from the parser, so that every text knows its record.
    """

    def __init__(self, parser: JsonParser, state: TrailState) -> None:
        self.parser = parser
        self.state = state

    @property
    def turn(self) -> int:
        """The current turn's number; 0 before the first prompt."""
        return self.state.turn

    @property
    def last_at(self) -> Micros | None:
        """Time of the latest record seen."""
        return self.state.last_at

    def seen(self, ts: Micros | None) -> None:
        """Note that the session was active at ``ts``."""
        if ts is None:
            return
        state = self.state
        if state.first_at is None or ts < state.first_at:
            state.first_at = ts
        if state.last_at is None or ts > state.last_at:
            state.last_at = ts

    def started(self, facts: SessionFacts) -> None:
        """Emit the session's start with what is known of it."""
        self.parser.emit(SessionStarted(session=self.state.session, rank=self.state.rank, facts=facts))

    def update(self, **facts: Any) -> None:
        """Emit facts of the session (fields of `SessionFacts`) that were learnt just now."""
        self.parser.emit(
            SessionUpdated(session=self.state.session, rank=self.state.rank, facts=SessionFacts(**facts))
        )

    def start_turn(self, ts: Micros | None, label: str | None) -> int:
        """Close the open turn at the last activity before now, begin the next, return its number.

        Call it before `seen` of the prompt's own record, so that the wait for the human is
        in no turn.
        """
        if self.state.in_turn:
            self.finish_turn(self.state.last_at, TurnStatus.COMPLETED)
        self.state.turn += 1
        self.state.in_turn = True
        self.state.turn_at = ts
        self.parser.emit(TurnStarted(session=self.state.session, turn=self.state.turn, ts=ts, label=label))
        self.seen(ts)
        return self.state.turn

    def begin_turn_0(self, ts: Micros | None) -> None:
        """Begin turn 0, unless a turn has begun: there is something to show before the first prompt."""
        state = self.state
        if state.turn == 0 and not state.in_turn:
            state.in_turn = True
            if state.turn_at is None or (ts is not None and ts < state.turn_at):
                state.turn_at = ts
            self.parser.emit(TurnStarted(session=state.session, turn=0, ts=ts))

    def finish_turn(
        self,
        ts: Micros | None,
        status: TurnStatus,
        error_class: str | None = None,
        error_message: str | None = None,
    ) -> None:
        """End the current turn. Work that still comes before the next prompt stays in it.

        With a time before its start (a clock was set back) it ends at the last activity: that may
        have been told as its end so far, and its end must not depend on whether it was.
        """
        state = self.state
        if ts is not None and state.turn_at is not None and ts < state.turn_at:
            ts = state.last_at
        state.in_turn = False
        state.told_turn = -1
        self.parser.emit(
            TurnFinalized(
                session=self.state.session,
                turn=self.state.turn,
                ts=ts,
                status=status,
                error_class=error_class,
                error_message=error_message,
            )
        )

    def start_op(
        self,
        ts: Micros | None,
        kind: OpKind,
        *,
        name: str | None = None,
        namespace: str | None = None,
        native_id: str | None = None,
        parent: int | None = None,
        call: int | None = None,
        copied: bool = False,
        model: str | None = None,
        provider: str | None = None,
        timing: Timing = Timing.DERIVED,
    ) -> int:
        """Begin an op in the current turn and return its seq."""
        state = self.state
        self.begin_turn_0(ts)
        state.seq += 1
        self.parser.emit(
            OpStarted(
                session=state.session,
                turn=state.turn,
                seq=state.seq,
                ts=ts,
                kind=kind,
                name=name,
                namespace=namespace,
                native_id=native_id,
                parent=parent,
                call=call,
                copied=copied,
                model=model,
                provider=provider,
                timing=timing,
            )
        )
        return state.seq

    def finish_op(
        self,
        turn: int,
        seq: int,
        ts: Micros | None,
        status: OpStatus = OpStatus.COMPLETED,
        *,
        error_class: str | None = None,
        error_message: str | None = None,
        usage: Usage | None = None,
        cost: int | None = None,
        context_used: int | None = None,
        context_max: int | None = None,
        bytes_in: int | None = None,
        bytes_out: int | None = None,
        child: str | None = None,
        model: str | None = None,
        timing: Timing | None = None,
        tier: str | None = None,
        web_searches: int | None = None,
    ) -> None:
        """End (or correct) the op ``seq``, which began in ``turn``."""
        self.parser.emit(
            OpFinalized(
                session=self.state.session,
                turn=turn,
                seq=seq,
                ts=ts,
                status=status,
                error_class=error_class,
                error_message=error_message,
                usage=usage,
                cost=cost,
                context_used=context_used,
                context_max=context_max,
                bytes_in=bytes_in,
                bytes_out=bytes_out,
                child=child,
                model=model,
                timing=timing,
                tier=tier,
                web_searches=web_searches,
            )
        )

    def payload(
        self,
        turn: int,
        seq: int,
        kind: PayloadKind,
        *,
        part: int = 0,
        text: str | None = None,
        data: bytes | None = None,
        path: str | None = None,
        media_type: str = "text/plain",
        pointer: str = "",
    ) -> None:
        """Attach a text, bytes or another file's text to op ``seq`` (0: to the turn itself)."""
        if turn == 0:
            self.begin_turn_0(self.state.last_at)
        self.parser.emit(
            PayloadRef(
                session=self.state.session,
                turn=turn,
                seq=seq,
                kind=kind,
                part=part,
                media_type=media_type,
                text=text,
                data=data,
                path=path,
                offset=self.parser.offset,
                length=self.parser.length,
                pointer=pointer,
            )
        )

    def part(self, turn: int, seq: int, kind: PayloadKind, number: int, part: Part) -> None:
        """Attach the part ``number`` of a message to op ``seq`` (0: to the turn itself)."""
        self.payload(
            turn,
            seq,
            kind,
            part=number,
            text=part.text,
            data=part.data,
            media_type=part.media_type,
            pointer=part.pointer,
        )

    def log(self, ts: Micros | None, severity: Severity, name: str, message: str, seq: int = 0) -> None:
        """Add a log entry to the current turn."""
        self.begin_turn_0(ts)
        self.state.logs += 1
        self.parser.emit(
            LogEntry(
                session=self.state.session,
                turn=self.state.turn,
                n=self.state.logs,
                ts=ts,
                severity=severity,
                name=name,
                message=message,
                seq=seq,
            )
        )

    def flush(self) -> None:
        """Emit first and last activity, and the open turn's end so far."""
        state = self.state
        open_turn = state.turn if state.in_turn else -1
        if (state.first_at, state.last_at, open_turn) == (state.told_first, state.told_last, state.told_turn):
            return
        state.told_first, state.told_last, state.told_turn = state.first_at, state.last_at, open_turn
        self.update(started_at=state.first_at, last_at=state.last_at)
        if state.in_turn:
            self.parser.emit(
                TurnFinalized(
                    session=state.session, turn=state.turn, ts=state.last_at, status=TurnStatus.RUNNING
                )
            )


def decode(record: bytes) -> Any:
    """Decode JSON as agents write it.

    JavaScript writes a string cut within a surrogate pair with a lone half of it as an escape,
    which strict readers refuse: those halves become U+FFFD.

    Raises:
        ValueError: if ``record`` is not JSON.
    """
    try:
        return msgspec.json.decode(record)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except msgspec.DecodeError as error:
        try:
            return _without_surrogates(json.loads(record))
        except RecursionError:
            raise ValueError("nested too deeply") from error
        except ValueError:
            raise ValueError(str(error)) from error


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


_EARLIEST: Micros = 946_684_800_000_000
"""2000-01-01: an earlier time is a placeholder or a broken clock, not a session's."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def iso_micros(value: object) -> Micros | None:
    """Read an ISO 8601 time (UTC when it names no zone); ``None`` for anything else.

    >>> iso_micros("2026-01-02T03:04:05.678Z")
    1767323045678000
    >>> iso_micros("[trimmed]") is None
    True
    """
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    micros = (moment - _EPOCH) // _MICROSECOND
    return micros if micros >= _EARLIEST else None


def number_micros(value: object, unit: int) -> Micros | None:
    """Read a number of seconds (``unit`` 1_000_000), milliseconds (1_000) or microseconds (1)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        micros = int(value * unit)
    except (OverflowError, ValueError):
        return None
    return micros if _EARLIEST <= micros < 2**53 else None


def as_dict(value: object) -> Record:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """``value`` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_str(value: object) -> str | None:
    """``value`` if it is a string with something in it, else ``None``."""
    return value if isinstance(value, str) and value else None


_MOST = 10**12


def as_count(value: object) -> int:
    """``value`` if it is a whole number from 0 up to a million millions, else 0.

    What is larger counts nothing that an agent has done, and sums of it would fit no database.
    """
    # By far the most frequent question to a record, nearly always with this answer.
    if type(value) is int and 0 <= value <= _MOST:
        return value
    count = as_whole(value)
    return count if count <= _MOST else 0


def as_whole(value: object) -> int:
    """``value`` if it is a whole number of at least 0 that fits 63 bits, else 0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value < 2**63 else 0


def label(text: str) -> str | None:
    r"""The start of ``text`` on one line, for lists; ``None`` if there is none.

    >>> label("Fix\n  the tests")
    'Fix the tests'
    """
    line = " ".join(text[: 4 * LABEL_LENGTH].split())
    return (line[: LABEL_LENGTH - 1] + "…" if len(line) > LABEL_LENGTH else line) or None
