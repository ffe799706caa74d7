"""Settle events into rows: the rules of `ai_viewer.model` in their plainest form."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from ai_viewer.model import (
    Event,
    LogEntry,
    Micros,
    OpFinalized,
    OpStarted,
    PayloadRef,
    Rank,
    SessionFinalized,
    SessionStarted,
    SessionUpdated,
    SourceError,
    TurnFinalized,
    TurnStarted,
)

Rows: TypeAlias = dict[str, Any]
"""What a file tells, as plain values: sessions with their turns, ops, payloads and logs; problems."""


def settle(events: Sequence[Event]) -> Rows:
    """Fold events into final rows.

    ``None`` changes nothing, what comes later replaces what came before, the earliest start
    holds, and an end of 0 or before the start never replaces a good one. Times are written
    as ISO 8601, bytes as size and digest; what is not known is left out.
    """
    sessions: dict[str, _Session] = {}
    problems: list[Rows] = []
    for event in events:
        if isinstance(event, SourceError):
            problems.append(
                {
                    "offset": event.offset,
                    "error_class": event.error_class,
                    "message": event.message,
                    "excerpt": event.excerpt,
                }
            )
            continue
        name: str = event.session  # type: ignore[attr-defined]  # every other event has one
        sessions.setdefault(name, _Session()).take(event)
    settled: Rows = {"sessions": {name: session.rows() for name, session in sorted(sessions.items())}}
    if problems:
        settled["problems"] = problems
    return settled


class _Session:
    """One session's rows in the making; within a row, ``start`` and ``end`` are still numbers."""

    def __init__(self) -> None:
        self.rank = Rank.ECHO
        self.facts: Rows = {}
        self.turns: dict[int, Rows] = {}
        self.ops: dict[int, Rows] = {}
        self.payloads: dict[tuple[int, int, str, int], Rows] = {}
        self.logs: dict[int, Rows] = {}

    def take(self, event: Event) -> None:
        match event:
            case SessionStarted() | SessionUpdated():
                self.rank = min(self.rank, event.rank)
                _put(self.facts, msgspec.structs.asdict(event.facts))
            case SessionFinalized():
                self.rank = min(self.rank, event.rank)
                _put(self.facts, {"ended_at": event.ts})
                _put(self.facts, _fields(event, "status", "error_class", "error_message"))
            case TurnStarted():
                turn = self.turns.setdefault(event.turn, {"turn": event.turn})
                _start(turn, event.ts)
                _put(turn, _fields(event, "label"))
            case TurnFinalized():
                turn = self.turns.setdefault(event.turn, {"turn": event.turn})
                _end(turn, event.ts)
                _put(turn, _fields(event, "status", "error_class", "error_message"))
            case OpStarted():
                op = self.ops.setdefault(event.seq, {"seq": event.seq, "turn": event.turn})
                _start(op, event.ts)
                _put(op, _fields(event, *_OP_STARTED))
                op.pop("copied", None)
                if event.copied:
                    op["copied"] = True
            case OpFinalized():
                op = self.ops.setdefault(event.seq, {"seq": event.seq, "turn": event.turn})
                _end(op, event.ts)
                _put(op, _fields(event, *_OP_FINALIZED))
                if event.usage is not None:
                    op["usage"] = {name: count for name, count in _named(event.usage) if count}
            case PayloadRef():
                row = {"turn": event.turn, "seq": event.seq, "kind": event.kind.value, "part": event.part}
                _put(row, _fields(event, "media_type", "text", "path", "offset", "length", "pointer"))
                if event.data is not None:
                    digest = hashlib.sha256(event.data).hexdigest()[:16]
                    row["data"] = f"{len(event.data)} bytes, sha256 {digest}…"
                self.payloads[event.turn, event.seq, event.kind, event.part] = row
            case LogEntry():
                row = {"n": event.n, "turn": event.turn}
                _put(row, {"at": event.ts, **_fields(event, "severity", "name", "message")})
                if event.seq:
                    row["seq"] = event.seq
                self.logs[event.n] = row

    def rows(self) -> Rows:
        lists = {
            "turns": [self.turns[n] for n in sorted(self.turns)],
            "ops": [self.ops[n] for n in sorted(self.ops)],
            "payloads": [self.payloads[key] for key in sorted(self.payloads)],
            "logs": [self.logs[n] for n in sorted(self.logs)],
        }
        return {
            "rank": self.rank.name.lower(),
            **_readable(self.facts),
            **{name: [_readable(row) for row in rows] for name, rows in lists.items() if rows},
        }


_OP_STARTED = (
    "kind", "name", "namespace", "native_id", "parent", "call", "model", "provider", "timing",
)  # fmt: skip
_OP_FINALIZED = (
    "status", "error_class", "error_message", "cost", "context_used", "context_max", "bytes_in", "bytes_out",
    "child", "model", "timing", "tier", "web_searches",
)  # fmt: skip
_TIMES = frozenset({"start", "end", "at", "started_at", "last_at", "ended_at"})
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _fields(event: Event, *names: str) -> Rows:
    return {name: getattr(event, name) for name in names}


def _named(struct: msgspec.Struct) -> list[tuple[str, Any]]:
    return [(name, getattr(struct, name)) for name in struct.__struct_fields__]


def _put(row: Rows, news: Rows) -> None:
    row.update({name: value for name, value in news.items() if value is not None})


def _start(row: Rows, ts: Micros | None) -> None:
    before = row.get("start")
    if ts is not None and (before is None or ts < before):
        row["start"] = ts
    if "end" in row and row["end"] < row.get("start", 0):
        del row["end"]


def _end(row: Rows, ts: Micros | None) -> None:
    if ts is not None and ts > 0 and ts >= row.get("start", 0):
        row["end"] = ts


def _readable(row: Rows) -> Rows:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name in _TIMES and isinstance(value, int):
        moment = _EPOCH + dt.timedelta(microseconds=value)
        return moment.isoformat(timespec="microseconds" if value % 1000 else "milliseconds")[:-6] + "Z"
    return value.value if hasattr(value, "value") else value
