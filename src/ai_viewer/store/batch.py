"""What the writer applies: one file's news, folded to at most one row per thing.

Batches are made in the parse processes (`ai_viewer.ingest.fold`) and travel to the writer
as msgpack. Rows are positional; their order is that of the writer's statements.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ai_viewer.model import Rank, SessionFacts


class TurnRow(msgspec.Struct, array_like=True, gc=False):
    """What is new of one turn; ``None`` where nothing is. For ``ends`` see `OpRow`."""

    turn: int
    start_ts: int | None = None
    ends: list[int] = []
    status: str | None = None
    error_class: str | None = None
    error_message: str | None = None
    label: str | None = None


class OpRow(msgspec.Struct, array_like=True, gc=False):
    """What is new of one op; ``None`` where nothing is. Columns are those of table ``op``.

    ``ends`` are the ends told for it that may hold, latest told last: the last that is not
    before the start does, and only the store knows the start of an op that began in an
    earlier batch. They get earlier from one to the next, so there is hardly ever a second.
    """

    seq: int
    turn: int
    kind: str | None = None
    status: str | None = None
    timing: str | None = None
    parent_seq: int | None = None
    native_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    model: str | None = None
    provider: str | None = None
    start_ts: int | None = None
    ends: list[int] = []
    error_class: str | None = None
    error_message: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_reasoning: int | None = None
    tokens_cache_read: int | None = None
    tokens_cache_write_5m: int | None = None
    tokens_cache_write_1h: int | None = None
    context_used: int | None = None
    context_max: int | None = None
    cost: int | None = None
    """Nano-dollars that the source recorded."""
    bytes_in: int | None = None
    bytes_out: int | None = None
    child: str | None = None
    call: int | None = None
    copied: bool | None = None
    tier: str | None = None
    web_searches: int | None = None


class PayloadRow(msgspec.Struct, array_like=True, gc=False):
    """A payload as stored: ``size`` is its bytes before compression, ``search`` its text as indexed."""

    turn: int
    seq: int
    kind: str
    part: int
    media_type: str
    size: int
    codec: str
    data: bytes | None
    path: str | None
    offset: int
    length: int
    pointer: str
    search: str | None


LogRow: TypeAlias = tuple[int, int, int, int | None, str, str, str]
"""n, turn, seq, ts, severity, name, message."""

ProblemRow: TypeAlias = tuple[int, str, str, str]
"""offset, error_class, message, excerpt."""


Unit: TypeAlias = tuple[int, int]
"""A turn and a seq: what a snapshot replaces as one. It is an op, or with seq 0 a turn, with its row,
payloads and logs."""


class Replacement(msgspec.Struct, array_like=True):
    """How a snapshot's rows stand to what the same file told of the session before.

    ``units`` are deleted before the rows are written: those that changed or are gone. Of
    ``turns_gone`` neither the turn nor an op is told any more. ``whole`` says that the rows are
    all that the file tells of the session's content.
    """

    units: list[Unit]
    turns_gone: list[int]
    whole: bool


class SessionRows(msgspec.Struct, array_like=True):
    """News of one session in one file. ``content`` says whether the file tells more than facts of it.

    Without a ``replacement`` the rows and facts add to what is stored; with one they replace it.
    """

    session: str
    rank: Rank
    facts: SessionFacts
    turns: list[TurnRow]
    ops: list[OpRow]
    payloads: list[PayloadRow]
    logs: list[LogRow]
    content: bool
    replacement: Replacement | None = None


class FileState(msgspec.Struct, array_like=True, frozen=True):
    """A file as it was when it was read, and how far that went (see table ``file``)."""

    path: str
    inode: int
    size: int
    mtime_ns: int
    offset: int
    fingerprint: int
    adapter_version: int
    state: bytes


class FileBatch(msgspec.Struct, array_like=True):
    """One file's news since ``start``; with ``reset``, the file is told anew from its beginning.

    ``counts`` are the whole file's records by outcome (``None``: as before); ``done`` says
    that ``offset`` is as far as can be read now; ``error`` is trouble with the file itself.
    ``problems`` are all those behind ``start``. ``gone`` are sessions that a snapshot tells no more.
    """

    format: str
    root: str
    file: FileState
    start: int
    reset: bool
    done: bool
    counts: dict[str, int] | None
    problems: list[ProblemRow]
    sessions: list[SessionRows]
    error: str | None = None
    gone: list[str] = []
