"""Session trees as Chrome trace events (JSON), for Perfetto, speedscope and chrome://tracing.

    process            a session: ``Explore: Find the tests``
      track ``main``     its turns, their ops within them, reasoning within its model call
      track ``lane 2``   what ran at the same time as something on the track before

Ops with a known, non-zero duration are complete events (``X``); the others are instants (``i``).
An arrow (``s``, ``f``) leads from the op that ran a session to that session. Times are
microseconds since 1970; an op of unknown time stands where its turn or session begins. Tokens
and cost are among the ``args`` of model calls. Copies of other sessions' ops are left out: they
would count twice.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

from ai_viewer import __version__
from ai_viewer.export.content import Content
from ai_viewer.export.wording import one_line
from ai_viewer.store import trace
from ai_viewer.store.trace import NONE, REPLAY, Trace, TraceSession

Event: TypeAlias = dict[str, Any]

_TOKENS = (
    "tokens_in", "tokens_out", "tokens_reasoning", "cache_read", "cache_write", "context_used", "context_max",
)  # fmt: skip


class _Span(msgspec.Struct, frozen=True):
    """An op, by its row, or a turn, by its number below 0; and what its event says."""

    start: float
    duration: float
    key: int
    wholes: tuple[int, ...]
    event: Event


class Lanes:
    """Puts spans, given by start and the longer first, on as few tracks as it takes.

    On one track, a span is behind the one before or within it; and within it only if it is a
    part of it, for readers take what stands below a span for what it called.
    """

    def __init__(self) -> None:
        self._open: list[list[tuple[int, float]]] = []

    def place(self, key: int, start: float, end: float, wholes: tuple[int, ...]) -> int:
        """Return the track, from 1, for the next span; ``wholes`` are the spans it is a part of."""
        for number, track in enumerate(self._open, 1):
            while track and track[-1][1] <= start:
                track.pop()
            if not track or (track[-1][0] in wholes and track[-1][1] >= end):
                track.append((key, end))
                return number
        self._open.append([(key, end)])
        return len(self._open)


def write(content: Content, wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield the file piece by piece."""
    yield b'{"displayTimeUnit":"ms","traceEvents":[\n'
    comma = b""
    process = 0
    seen: set[str] = set()
    for session_id in wanted:
        if session_id in seen:
            continue
        found = trace.trace(content.connection, session_id, content.scope)
        for event in _events(found, content, process, seen):
            yield comma + msgspec.json.encode(event)
            comma = b",\n"
        process += len(found.head.sessions)
        seen.update(session.id for session in found.head.sessions)
    told = {
        "generator": f"ai-viewer {__version__}",
        "redaction": {"on": content.redactor.on, "masked": content.redactor.total},
        "left_out": {"ops of unknown time": content.untimed},
    }
    yield b'\n],"otherData":' + msgspec.json.encode(told) + b"}\n"


def _events(found: Trace, content: Content, first_process: int, seen: set[str]) -> Iterator[Event]:
    call_of = {row: number for number, row in enumerate(found.tables["calls"]["op"])}
    turn_rows: dict[int, list[int]] = {}
    for row, index in enumerate(found.tables["turns"]["session"]):
        turn_rows.setdefault(index, []).append(row)
    # Where an arrow begins: parents come before what they started.
    tails: dict[int, Event] = {}
    spawns = {session.parent_op for session in found.head.sessions if session.parent_op is not None}
    for index, session in enumerate(found.head.sessions):
        if session.id in seen:
            continue
        process = first_process + index + 1
        yield _named("process_name", process, 0, _title(session, content))
        yield {**_named("process_sort_index", process, 0, ""), "args": {"sort_index": process}}
        lanes = Lanes()
        tracks = 0
        head: Event | None = None
        spans = _spans(found, content, session, turn_rows.get(index, []), call_of)
        for span in sorted(spans, key=lambda one: (one.start, -one.duration, one.key)):
            event = {**span.event, "pid": process, "ts": span.start}
            if span.duration > 0:
                track = lanes.place(span.key, span.start, span.start + span.duration, span.wholes)
                event.update(ph="X", dur=span.duration, tid=track)
            else:
                track = 1
                event.update(ph="i", s="t", tid=track)
            if track > tracks:
                tracks = track
                yield _named("thread_name", process, track, "main" if track == 1 else f"lane {track}")
            yield event
            if event["ph"] == "X":
                head = head or event
                if span.key in spawns:
                    tails[span.key] = event
        tail = tails.get(session.parent_op) if session.parent_op is not None else None
        if tail is not None and head is not None:
            yield from _arrow(tail, head, process)


def _arrow(tail: Event, head: Event, number: int) -> Iterator[Event]:
    about = {"name": "starts", "cat": "sub-agent", "id": number}
    yield {**about, "ph": "s", "ts": tail["ts"], "pid": tail["pid"], "tid": tail["tid"]}
    yield {**about, "ph": "f", "bp": "e", "ts": head["ts"], "pid": head["pid"], "tid": head["tid"]}


def _spans(
    found: Trace, content: Content, session: TraceSession, turns: list[int], call_of: dict[int, int]
) -> Iterator[_Span]:
    table = found.tables["turns"]
    since = math.nan if session.started_at is None else float(session.started_at)
    began: dict[int, float] = {}
    for row in turns:
        start, end = table["start"][row], table["end"][row]
        if math.isnan(start):
            continue
        began[table["turn"][row]] = start
        duration = 0.0 if math.isnan(end) or end < start else end - start
        status = found.head.turn_statuses[table["status"][row]]
        turn = table["turn"][row]
        args = {"session": session.id, "turn": turn, "status": status}
        event = {"name": f"turn {turn}", "cat": "turn", "args": args}
        yield _Span(start, duration, _turn_key(turn), (), event)
    ops = found.tables["ops"]
    for row in range(session.first_op, session.first_op + session.ops):
        start, duration = ops["start"][row], ops["duration"][row]
        if math.isnan(start):
            start = began.get(ops["turn"][row], since)
        if ops["flags"][row] & REPLAY:
            continue
        if math.isnan(start):
            content.untimed += 1
            continue
        wholes = (_turn_key(ops["turn"][row]), ops["parent"][row])
        event = _op(found, row, session, call_of.get(row))
        yield _Span(start, 0.0 if math.isnan(duration) else duration, row, wholes, event)


def _turn_key(turn: int) -> int:
    return -1 - turn


def _op(found: Trace, row: int, session: TraceSession, call: int | None) -> Event:
    head, ops, calls = found.head, found.tables["ops"], found.tables["calls"]
    kind = head.kinds[ops["kind"][row]]
    args: dict[str, Any] = {
        "session": session.id,
        "turn": ops["turn"][row],
        "seq": ops["seq"][row],
        "status": head.statuses[ops["status"][row]],
        "timing": head.timings[ops["timing"][row]],
    }
    if error := head.names[ops["error"][row]]:
        args["error"] = error
    if ops["child"][row] != NONE:
        args["started"] = head.sessions[ops["child"][row]].id
    name = head.names[ops["name"][row]] or kind
    if call is not None:
        model = head.names[calls["model"][call]]
        args |= {"model": model, **{field: calls[field][call] for field in _TOKENS}}
        cost = calls["cost"][call]
        args["cost_usd"] = None if math.isnan(cost) else cost / 1e9
        name = model or name
    return {"name": name, "cat": kind, "args": args}


def _named(kind: str, process: int, track: int, name: str) -> Event:
    return {"name": kind, "ph": "M", "pid": process, "tid": track, "ts": 0, "args": {"name": name}}


def _title(session: TraceSession, content: Content) -> str:
    title = content.redactor.text(one_line(session.title or session.id, 80))
    return f"{session.agent}: {title}" if session.agent else title
