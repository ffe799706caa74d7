"""Fold a file's events into rows: at most one per session, turn, op, payload and log entry.

It runs in the parse processes, so that the one writer has as little to do as can be. Folding
two events and writing the row is the same as writing both, one after the other; the rules are
those of `ai_viewer.model` and, once more in SQL, of `ai_viewer.store.write`.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec
import zstandard

from ai_viewer.ingest.learn import Packer, packer
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpStarted,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionFinalized,
    SessionStarted,
    SessionUpdated,
    SourceError,
    TurnFinalized,
    TurnStarted,
)
from ai_viewer.store.batch import LogRow, OpRow, PayloadRow, ProblemRow, SessionRows, TurnRow
from ai_viewer.store.payloads import is_text
from ai_viewer.store.words import indexable

KEEP_BYTES = 16 * 1024 * 1024
"""A larger payload is not kept; it is read from its source."""
SLICE = 1024 * 1024
"""Characters of a long text that are encoded and compressed at a time."""

ReadFile: TypeAlias = Callable[[str], tuple[bytes, int] | None]
"""Reads another file of the source, by the path a payload names: its bytes, or the start of a very
long one, and its whole size; ``None`` if it cannot."""

PayloadKey: TypeAlias = tuple[int, int, str, int]
"""turn, seq, kind, part."""


class Texts(enum.Enum):
    """What becomes of payloads: of a snapshot they are always kept, for it has no lasting offsets."""

    AS_SIZE_ALLOWS = enum.auto()
    ALL = enum.auto()
    DIGESTS_ONLY = enum.auto()


def fold(
    events: Iterable[Event], read_file: ReadFile, dictionary: bytes | None = None
) -> tuple[list[SessionRows], list[ProblemRow]]:
    """Return the events' rows, sessions in order of appearance, and the source's problems.

    Texts are compressed by ``dictionary``, if there is one.
    """
    folded = Fold(read_file, dictionary=dictionary)
    folded.add(events)
    return [session.rows() for session in folded.sessions.values()], folded.problems


class Fold:
    """Events as rows in the making, by session in order of appearance, and the source's problems.

    ``held`` is about how many bytes of texts it has gathered.
    """

    def __init__(
        self, read_file: ReadFile, texts: Texts = Texts.AS_SIZE_ALLOWS, dictionary: bytes | None = None
    ) -> None:
        self.read_file = read_file
        self.packer = packer(dictionary)
        self.texts = texts
        self.sessions: dict[str, FoldedSession] = {}
        self.problems: list[ProblemRow] = []
        self.held = 0

    def add(self, events: Iterable[Event]) -> None:
        """Fold more events, which come after those folded so far."""
        for event in events:
            if isinstance(event, SourceError):
                self.problems.append((event.offset, event.error_class, event.message, event.excerpt))
                continue
            name: str = event.session  # type: ignore[attr-defined]  # every other event has one
            session = self.sessions.get(name)
            if session is None:
                session = self.sessions[name] = FoldedSession(name)
            if isinstance(event, PayloadRef):
                self.take_payload(session, event)
            else:
                _TAKE[type(event)](session, event)

    def take_payload(self, session: FoldedSession, event: PayloadRef) -> None:
        """Fold a payload, read from its own file where it names one."""
        text, data, size = event.text, event.data, None
        found = None if event.path is None else self.read_file(event.path)
        if found is not None:
            data, size = found
            text = data.decode("utf-8", "replace") if is_text(event.media_type) else None
        key = (event.turn, event.seq, event.kind.value, event.part)
        if self.texts is not Texts.AS_SIZE_ALLOWS:
            session.digests[key] = _digest(event, text, data, size)
        if self.texts is not Texts.DIGESTS_ONLY:
            row = encode_payload(event, text, data, size, self.packer, keep=self.texts is Texts.ALL)
            session.payloads[key] = row
            self.held += len(row.data or b"") + len(row.search or "")


class FoldedSession:
    """One session's rows in the making; ``digests`` are those of a snapshot's payloads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rank = Rank.ECHO
        self.facts: dict[str, object] = {}
        self.turns: dict[int, TurnRow] = {}
        self.ops: dict[int, OpRow] = {}
        self.payloads: dict[PayloadKey, PayloadRow] = {}
        self.digests: dict[PayloadKey, bytes] = {}
        self.logs: dict[int, LogRow] = {}

    def rows(self) -> SessionRows:
        """Return all that has been folded."""
        return SessionRows(
            session=self.name,
            rank=self.rank,
            facts=SessionFacts(**self.facts),  # type: ignore[arg-type]  # by the names of its own fields
            turns=list(self.turns.values()),
            ops=list(self.ops.values()),
            payloads=list(self.payloads.values()),
            logs=list(self.logs.values()),
            content=bool(self.turns or self.ops or self.payloads or self.digests or self.logs),
        )

    def take_facts(self, event: SessionStarted | SessionUpdated) -> None:
        """Take over each fact that is told."""
        self.rank = min(self.rank, event.rank)
        for field in SessionFacts.__struct_fields__:
            value = getattr(event.facts, field)
            if value is not None:
                self.facts[field] = value

    def take_end(self, event: SessionFinalized) -> None:
        """Take over how the session ended."""
        self.rank = min(self.rank, event.rank)
        news = {
            "ended_at": event.ts,
            "status": event.status,
            "error_class": event.error_class,
            "error_message": event.error_message,
        }
        self.facts.update({field: value for field, value in news.items() if value is not None})

    def take_turn_start(self, event: TurnStarted) -> None:
        """Begin a turn."""
        turn = self._turn(event.turn)
        turn.start_ts = earlier(turn.start_ts, event.ts)
        turn.label = event.label or turn.label

    def take_turn_end(self, event: TurnFinalized) -> None:
        """End a turn."""
        turn = self._turn(event.turn)
        add_end(turn.ends, event.ts)
        turn.status = event.status
        turn.error_class = event.error_class or turn.error_class
        turn.error_message = event.error_message or turn.error_message

    def take_op_start(self, event: OpStarted) -> None:
        """Begin an op."""
        op = self._op(event.seq, event.turn)
        op.start_ts = earlier(op.start_ts, event.ts)
        op.kind = event.kind
        op.timing = event.timing
        op.copied = event.copied
        if event.parent is not None:
            op.parent_seq = event.parent
        if event.native_id is not None:
            op.native_id = event.native_id
        if event.name is not None:
            op.name = event.name
        if event.namespace is not None:
            op.namespace = event.namespace
        if event.model is not None:
            op.model = event.model
        if event.provider is not None:
            op.provider = event.provider
        if event.call is not None:
            op.call = event.call

    def take_op_end(self, event: OpFinalized) -> None:
        """End or correct an op."""
        op = self._op(event.seq, event.turn)
        add_end(op.ends, event.ts)
        op.status = event.status
        usage = event.usage
        if usage is not None:
            op.tokens_in = usage.input
            op.tokens_out = usage.output
            op.tokens_reasoning = usage.reasoning
            op.tokens_cache_read = usage.cache_read
            op.tokens_cache_write_5m = usage.cache_write_5m
            op.tokens_cache_write_1h = usage.cache_write_1h
        if event.timing is not None:
            op.timing = event.timing
        if event.error_class is not None:
            op.error_class = event.error_class
        if event.error_message is not None:
            op.error_message = event.error_message
        if event.cost is not None:
            op.cost = event.cost
        if event.context_used is not None:
            op.context_used = event.context_used
        if event.context_max is not None:
            op.context_max = event.context_max
        if event.bytes_in is not None:
            op.bytes_in = event.bytes_in
        if event.bytes_out is not None:
            op.bytes_out = event.bytes_out
        if event.child is not None:
            op.child = event.child
        if event.model is not None:
            op.model = event.model
        if event.tier is not None:
            op.tier = event.tier
        if event.web_searches is not None:
            op.web_searches = event.web_searches

    def take_log(self, event: LogEntry) -> None:
        """Take a log entry."""
        self.logs[event.n] = (
            event.n,
            event.turn,
            event.seq,
            event.ts,
            event.severity,
            event.name,
            event.message,
        )

    def _turn(self, n: int) -> TurnRow:
        turn = self.turns.get(n)
        if turn is None:
            turn = self.turns[n] = TurnRow(n)
        return turn

    def _op(self, seq: int, turn: int) -> OpRow:
        op = self.ops.get(seq)
        if op is None:
            op = self.ops[seq] = OpRow(seq, turn)
        return op


_TAKE: dict[type[Event], Callable[..., None]] = {
    SessionStarted: FoldedSession.take_facts,
    SessionUpdated: FoldedSession.take_facts,
    SessionFinalized: FoldedSession.take_end,
    TurnStarted: FoldedSession.take_turn_start,
    TurnFinalized: FoldedSession.take_turn_end,
    OpStarted: FoldedSession.take_op_start,
    OpFinalized: FoldedSession.take_op_end,
    LogEntry: FoldedSession.take_log,
}


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two starts, or the one that is known."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def add_end(ends: list[int], new: int | None) -> None:
    """Add an end to those that may hold: one told before it, and not later, no longer can."""
    if new is None or new <= 0:
        return
    while ends and ends[-1] <= new:
        ends.pop()
    ends.append(new)


def encode_payload(
    event: PayloadRef,
    text: str | None,
    data: bytes | None,
    size: int | None,
    packer: Packer,
    *,
    keep: bool,
) -> PayloadRow:
    """Return the payload as it is stored: compressed where that helps, left out where too large.

    ``size`` is the whole's, where ``text`` or ``data`` is only its start. With ``keep`` only such
    a one is left out, and a place in the source is not told: it would not last.
    """
    raw: bytes | None = None
    if text is None:
        raw = data or b""
    elif len(text) <= SLICE:
        raw = text.encode("utf-8", "replace")
    length = sum(map(len, _slices(text or ""))) if raw is None else len(raw)
    length = max(length, size or 0)
    at_hand = size is None or size <= KEEP_BYTES
    codec, kept = "plain", raw
    if not at_hand or (length > KEEP_BYTES and not keep):
        codec, kept = "none", None
    elif length > packer.least and not event.media_type.startswith("image/"):
        compressor = packer.compressor
        packed = _compress(compressor, text or "", length) if raw is None else compressor.compress(raw)
        if raw is None or len(packed) < length:
            codec, kept = packer.codec, packed
    return PayloadRow(
        turn=event.turn,
        seq=event.seq,
        kind=event.kind,
        part=event.part,
        media_type=event.media_type,
        size=length,
        codec=codec,
        data=kept,
        path=event.path,
        offset=0 if keep else event.offset,
        length=0 if keep else event.length,
        pointer=event.pointer,
        search=indexable(text) if text else None,
    )


def _slices(text: str) -> Iterator[bytes]:
    """The text in UTF-8, a part at a time: a long text is held once, not three times."""
    for start in range(0, len(text), SLICE):
        yield text[start : start + SLICE].encode("utf-8", "replace")


def _compress(compressor: zstandard.ZstdCompressor, text: str, length: int) -> bytes:
    stream = compressor.compressobj(size=length)
    parts = [stream.compress(part) for part in _slices(text)]
    return b"".join((*parts, stream.flush()))


def _digest(event: PayloadRef, text: str | None, data: bytes | None, size: int | None) -> bytes:
    """A hash of all of a payload that a snapshot writes."""
    digest = hashlib.blake2b(
        msgspec.msgpack.encode((event.media_type, event.path, event.pointer, size, text is None)),
        digest_size=8,
    )
    for part in _slices(text) if text is not None else (data or b"",):
        digest.update(part)
    return digest.digest()
