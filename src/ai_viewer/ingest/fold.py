"""Fold a file's events into rows: at most one per session, turn, op, payload and log entry.

It runs in the parse processes, so that the one writer has as little to do as can be. Folding
two events and writing the row is the same as writing both, one after the other; the rules are
those of `ai_viewer.model` and, once more in SQL, of `ai_viewer.store.write`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import zstandard

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

KEEP_BYTES = 16 * 1024 * 1024
"""A larger payload is not kept; it is read from its source."""
PLAIN_BYTES = 192
"""A smaller text gains nothing from compression."""

_compressor = zstandard.ZstdCompressor(level=3)

ReadText = Callable[[str], tuple[str, int] | None]
"""Reads another file of the source, by the path a payload names: its text, or the start of a very
long one, and its size in bytes; ``None`` if it cannot."""


def fold(events: Iterable[Event], read_text: ReadText) -> tuple[list[SessionRows], list[ProblemRow]]:
    """Return the events' rows, sessions in order of appearance, and the source's problems."""
    sessions: dict[str, _Session] = {}
    problems: list[ProblemRow] = []
    for event in events:
        if isinstance(event, SourceError):
            problems.append((event.offset, event.error_class, event.message, event.excerpt))
            continue
        name: str = event.session  # type: ignore[attr-defined]  # every other event has one
        session = sessions.get(name)
        if session is None:
            session = sessions[name] = _Session(name)
        _TAKE[type(event)](session, event, read_text)
    return [session.rows() for session in sessions.values()], problems


class _Session:
    """One session's rows in the making."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rank = Rank.ECHO
        self.facts: dict[str, object] = {}
        self.turns: dict[int, TurnRow] = {}
        self.ops: dict[int, OpRow] = {}
        self.payloads: dict[tuple[int, int, str, int], PayloadRow] = {}
        self.logs: dict[int, LogRow] = {}

    def rows(self) -> SessionRows:
        return SessionRows(
            session=self.name,
            rank=self.rank,
            facts=SessionFacts(**self.facts),  # type: ignore[arg-type]  # by the names of its own fields
            turns=list(self.turns.values()),
            ops=list(self.ops.values()),
            payloads=list(self.payloads.values()),
            logs=list(self.logs.values()),
        )

    def take_facts(self, event: SessionStarted | SessionUpdated, _read: ReadText) -> None:
        self.rank = min(self.rank, event.rank)
        for field in SessionFacts.__struct_fields__:
            value = getattr(event.facts, field)
            if value is not None:
                self.facts[field] = value

    def take_end(self, event: SessionFinalized, _read: ReadText) -> None:
        self.rank = min(self.rank, event.rank)
        news = {
            "ended_at": event.ts,
            "status": event.status,
            "error_class": event.error_class,
            "error_message": event.error_message,
        }
        self.facts.update({field: value for field, value in news.items() if value is not None})

    def take_turn_start(self, event: TurnStarted, _read: ReadText) -> None:
        turn = self._turn(event.turn)
        turn.start_ts = earlier(turn.start_ts, event.ts)
        turn.label = event.label or turn.label

    def take_turn_end(self, event: TurnFinalized, _read: ReadText) -> None:
        turn = self._turn(event.turn)
        add_end(turn.ends, event.ts)
        turn.status = event.status
        turn.error_class = event.error_class or turn.error_class
        turn.error_message = event.error_message or turn.error_message

    def take_op_start(self, event: OpStarted, _read: ReadText) -> None:
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

    def take_op_end(self, event: OpFinalized, _read: ReadText) -> None:
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

    def take_payload(self, event: PayloadRef, read: ReadText) -> None:
        text, size = event.text, None
        if event.path is not None:
            text, size = read(event.path) or (text, None)
        self.payloads[event.turn, event.seq, event.kind, event.part] = encode_payload(event, text, size)

    def take_log(self, event: LogEntry, _read: ReadText) -> None:
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
    SessionStarted: _Session.take_facts,
    SessionUpdated: _Session.take_facts,
    SessionFinalized: _Session.take_end,
    TurnStarted: _Session.take_turn_start,
    TurnFinalized: _Session.take_turn_end,
    OpStarted: _Session.take_op_start,
    OpFinalized: _Session.take_op_end,
    PayloadRef: _Session.take_payload,
    LogEntry: _Session.take_log,
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


def encode_payload(event: PayloadRef, text: str | None, size: int | None = None) -> PayloadRow:
    """Return the payload as it is stored: compressed where that helps, left out where too large.

    ``size`` is the whole text's, where ``text`` is only its start.
    """
    data = event.data if text is None else text.encode("utf-8", "replace")
    if data is None:
        data = b""
    size = max(len(data), size or 0)
    codec = "plain"
    kept: bytes | None = data
    if size > KEEP_BYTES:
        codec, kept = "none", None
    elif size > PLAIN_BYTES and not event.media_type.startswith("image/"):
        packed = _compressor.compress(data)
        if len(packed) < size:
            codec, kept = "zstd", packed
    return PayloadRow(
        turn=event.turn,
        seq=event.seq,
        kind=event.kind,
        part=event.part,
        media_type=event.media_type,
        size=size,
        codec=codec,
        data=kept,
        path=event.path,
        offset=event.offset,
        length=event.length,
        pointer=event.pointer,
        search=text or None,
    )
