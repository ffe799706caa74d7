"""A session tree as columns: every op of a session and of all that it started, without texts.

    ops    | session 0 0 1 1 …      index in ``sessions``
           | seq     1 2 1 2 …
           | start   1767268800000000.0 …  microseconds since 1970, NaN if unknown
    calls  | op      0 2 …          the ops that are model calls, with their tokens
    turns  | session 0 0 1 …

One row an op and one value a column: the web app draws 50,000 ops from this without an object
for each. `TABLES` says which columns there are; `encode` writes them as one small binary body (see
there), `view` gives the same as JSON.

Sessions come in the order of their tree (each before what it started, these by their start),
and their ops and turns in the same order, by seq and by number.

Who has a trace of an earlier revision asks for what changed ``after`` it: then only sessions that did,
or that an op told here ran, are in ``sessions``, and of each only the turns from ``from_turn`` on, which
replace all that one has of it from there on. An op that belongs to one in a turn that is not told has
no ``parent``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import apsw
import msgspec

from ai_viewer.model import OpKind, OpStatus, SessionKind, SessionStatus, Timing, TurnStatus
from ai_viewer.store import changes, database, packing
from ai_viewer.store.derive import UNPRICED as IS_UNPRICED
from ai_viewer.store.rows import records
from ai_viewer.store.sessions import TITLE, key_of
from ai_viewer.store.views import View

Scope: TypeAlias = Literal["tree", "self"]

MAGIC = b"AIVT"
VERSION = 2

NONE = 2**32 - 1
"""An index that is none."""

NO_NAME, OTHER_NAME = "", "…"
"""The first two names: of what has none, and of what comes after 65,533 others."""

REPLAY, PRICED, RECORDED, UNPRICED = 1, 2, 4, 8
"""Bits of ``flags``: a copy of another session's; where the cost is from; a call without a price."""


class Column(msgspec.Struct, frozen=True):
    """One column: ``type`` is ``u8``, ``u16``, ``u32`` or ``f64``; this is what holds its values."""

    name: str
    type: str
    about: str


_SPLIT = ("model", "tool", "agent", "compaction", "idle", "wait")

TABLES: dict[str, tuple[Column, ...]] = {
    "ops": (
        Column("start", "f64", "microseconds since 1970; NaN: unknown"),
        Column("duration", "f64", "microseconds; NaN: unknown, or still running"),
        Column("seq", "u32", "number in its session"),
        Column("turn", "u32", "number of its turn"),
        Column("parent", "u32", "row of the op it belongs to; none: 4294967295"),
        Column("child", "u32", "index of the session it ran; none: 4294967295"),
        Column("session", "u16", "index in sessions"),
        Column("name", "u16", "index in names"),
        Column("error", "u16", "index in names: its error class"),
        Column("kind", "u8", "index in kinds"),
        Column("status", "u8", "index in statuses"),
        Column("timing", "u8", "index in timings"),
        Column("flags", "u8", "1 a copy, 2 priced, 4 cost recorded by the source, 8 unpriced"),
    ),
    "calls": (
        Column("cost", "f64", "nano-dollars; NaN: no price"),
        Column("op", "u32", "row in ops"),
        Column("tokens_in", "u32", "fresh input"),
        Column("tokens_out", "u32", "output, reasoning included"),
        Column("tokens_reasoning", "u32", "the part of the output spent on reasoning"),
        Column("cache_read", "u32", "input read from the cache"),
        Column("cache_write", "u32", "input written to the cache"),
        Column("context_used", "u32", "tokens in the model's context; unknown: 0"),
        Column("context_max", "u32", "what the context can hold; unknown: 0"),
        Column("model", "u16", "index in names"),
    ),
    "turns": (
        Column("start", "f64", "microseconds since 1970; NaN: unknown"),
        Column("end", "f64", "microseconds since 1970; NaN: unknown"),
        *(Column(name, "f64", "microseconds of it, see TimeSplit") for name in _SPLIT),
        Column("turn", "u32", "its number"),
        Column("session", "u16", "index in sessions"),
        Column("status", "u8", "index in turn_statuses"),
    ),
}
"""The columns of each table, widest first, so that each begins at a multiple of its width."""

_NO_SEQ = 2**62
"""Behind any seq."""

_CODES = {"u8": "B", "u16": "H", "u32": "I", "f64": "d"}
_MOST_SESSIONS = _MOST_NAMES = 2**16 - 1


class TraceSession(View, frozen=True, kw_only=True):
    """A session of the tree: ``first_op`` and ``ops`` are its rows in table ``ops``.

    ``parent`` is the index of the session that started it, ``parent_op`` the row of the op
    that ran it, where known and told here. Of its ops and turns those from turn ``from_turn`` on are
    told, ``None``: none of them.
    """

    id: str
    kind: SessionKind
    status: SessionStatus
    title: str | None
    agent: str | None
    model: str | None
    parent: int | None
    parent_op: int | None
    started_at: int | None
    last_at: int | None
    from_turn: int | None
    first_op: int
    ops: int


class TraceHead(View, frozen=True, kw_only=True):
    """What a trace is of, and what the numbers in its tables mean.

    ``dropped_sessions`` are those beyond the first 65,535, of which nothing is told.
    ``revision`` is the newest change of any of the sessions. ``reset`` says that all is told: it
    replaces whatever one has. ``tree_sessions`` counts the sessions of the tree, told here or not: who
    has another number after adding what is told here has one that is no longer in it.
    """

    revision: int
    reset: bool
    tree_sessions: int
    sessions: list[TraceSession]
    dropped_sessions: int
    names: list[str]
    kinds: list[str]
    statuses: list[str]
    timings: list[str]
    turn_statuses: list[str]


class Trace(msgspec.Struct, frozen=True):
    """A session tree: its head, and each table's columns by name."""

    head: TraceHead
    tables: dict[str, dict[str, array[Any]]]


class TraceView(View, frozen=True, kw_only=True):
    """A trace as JSON: the columns of tables ``ops``, ``calls`` and ``turns`` as lists.

    What is not known is null; an index that is none is 4294967295.
    """

    head: TraceHead
    ops: dict[str, list[float | None]]
    calls: dict[str, list[float | None]]
    turns: dict[str, list[float | None]]


def trace(
    connection: apsw.Connection, session_id: str, scope: Scope = "tree", *, after: int | None = None
) -> Trace:
    """Return the session's ops and turns, and with scope ``tree`` those of all that it started.

    ``after`` is the revision of a trace of the same scope: then what changed since, if that is known.

    Raises:
        NotFoundError: if no such session was read.
    """
    top = key_of(connection, session_id)
    found = list(tree(connection, top, scope))
    kept = dict(found[:_MOST_SESSIONS])
    reset = after is None or not changes.reaches(connection, after)
    told: dict[int, int | None] = dict.fromkeys(kept, 0)
    if not reset:
        told = _changed(connection, kept, changes.first_turns(connection, after or 0))
    builder = _Builder(connection, {key: place for place, key in enumerate(told)})
    sessions = [builder.add(key, kept[key], from_turn) for key, from_turn in told.items()]
    head = TraceHead(
        revision=_revision(connection, kept),
        reset=reset,
        tree_sessions=len(found),
        sessions=builder.linked(sessions),
        dropped_sessions=len(found) - len(kept),
        names=list(builder.names),
        kinds=list(OpKind),
        statuses=list(OpStatus),
        timings=list(Timing),
        turn_statuses=list(TurnStatus),
    )
    tables = {
        table: {column.name: values for column, values in zip(columns, builder.tables[table], strict=True)}
        for table, columns in TABLES.items()
    }
    return Trace(head, tables)


def revision(connection: apsw.Connection, session_id: str, scope: Scope = "tree") -> int:
    """Return the ``revision`` that a trace of these sessions has now; costs far less than the trace.

    Raises:
        NotFoundError: if no such session was read.
    """
    top = key_of(connection, session_id)
    return _revision(connection, (key for key, _ in tree(connection, top, scope)))


def tree_ids(connection: apsw.Connection, session_id: str, scope: Scope = "tree") -> list[str]:
    """Return the ids of the sessions that a trace has, in its order: each before what it started.

    Raises:
        NotFoundError: if no such session was read.
    """
    top = key_of(connection, session_id)
    return [head["session"] for _, head in tree(connection, top, scope)]


def view(found: Trace) -> TraceView:
    """Return a trace as JSON has it."""
    tables = {
        table: {
            name: [None if value != value else value for value in values]  # noqa: PLR0124 - NaN is not itself
            for name, values in columns.items()
        }
        for table, columns in found.tables.items()
    }
    return TraceView(head=found.head, **tables)


def encode(found: Trace) -> bytes:
    """Write a trace as one binary body.

    ``AIVT``, the version as a byte, three zero bytes, the header's length as u32 (little-endian), the
    header (JSON: `TraceHead`, ``rows``: each table's number of rows, ``packing``: how each of its columns
    is packed), then table by table, column by column in the order of `TABLES`, the values, as
    `packing.pack` writes them.
    """
    head = msgspec.to_builtins(found.head)
    head["rows"] = {table: len(next(iter(columns.values()))) for table, columns in found.tables.items()}
    head["packing"] = {}
    body: list[bytes] = []
    for table, columns in TABLES.items():
        packed = [packing.pack(found.tables[table][column.name]) for column in columns]
        head["packing"][table] = [how for how, _ in packed]
        body += [data for _, data in packed]
    header = msgspec.json.encode(head)
    return b"".join([MAGIC, bytes([VERSION, 0, 0, 0]), len(header).to_bytes(4, "little"), header, *body])


def decode(body: bytes) -> tuple[dict[str, Any], dict[str, dict[str, array[Any]]]]:
    """Read what `encode` wrote: the header and the tables.

    Raises:
        ValueError: if it is none, or of another version.
    """
    if body[:4] != MAGIC or body[4] != VERSION:
        raise ValueError("no trace of this version")
    end = 12 + int.from_bytes(body[8:12], "little")
    header = msgspec.json.decode(body[12:end])
    tables: dict[str, dict[str, array[Any]]] = {}
    for table, columns in TABLES.items():
        tables[table] = {}
        for column, how in zip(columns, header["packing"][table], strict=True):
            told = packing.Packing(*how)
            start, end = end, end + header["rows"][table] * told.bytes
            code = _CODES[column.type]
            tables[table][column.name] = packing.unpack(code, told, body[start:end], header["rows"][table])
    return header, tables


def _revision(connection: apsw.Connection, sessions: Iterable[int]) -> int:
    return max(changes.revision(connection, key) for key in sessions)


def _changed(
    connection: apsw.Connection, heads: dict[int, dict[str, Any]], changed: dict[int, int | None]
) -> dict[int, int | None]:
    """The sessions to tell, in their order, and from which turn on.

    Those that changed, those that ops told run, and what started any of them.
    """
    wanted = set(changed.keys() & heads.keys())
    for key in list(wanted):
        from_turn = changed[key]
        if from_turn is not None:
            first = _first_seq(connection, key, from_turn)
            wanted.update(
                child
                for (child,) in database.rows(connection, _CHILDREN, (key, first, from_turn))
                if child in heads
            )
    for key in list(wanted):
        above = heads[key]["parent_id"]
        while above in heads and above not in wanted:
            wanted.add(above)
            above = heads[above]["parent_id"]
    return {key: changed.get(key) for key in heads if key in wanted}


def _first_seq(connection: apsw.Connection, session: int, from_turn: int) -> int:
    """Where a session's ops of the turns from ``from_turn`` on begin."""
    found = database.one(
        connection, "SELECT min(first_seq) FROM turn WHERE session_id = ? AND turn >= ?", (session, from_turn)
    )
    return _NO_SEQ if found is None else int(found)


_CHILDREN = """
SELECT DISTINCT child_id FROM op WHERE session_id = ? AND seq >= ? AND turn >= ? AND child_id IS NOT NULL
"""
_TREE = f"""
SELECT s.id, s.parent_id, s.format || ':' || s.native_id AS session, s.kind, s.status,
    {TITLE.format("s")} AS title, s.agent, s.model, s.started_at, s.last_at
FROM session AS s
WHERE s.owner_file IS NOT NULL AND {{condition}} ORDER BY s.started_at, s.id
"""


def tree(
    connection: apsw.Connection, top: int, scope: Scope = "tree"
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the sessions' keys and heads, each before what it started; one that comes twice is told once."""
    stack = list(records(connection, _TREE.format(condition="s.id = ?"), (top,)))
    seen: set[int] = set()
    while stack:
        head = stack.pop()
        key = head.pop("id")
        if key in seen:
            continue
        seen.add(key)
        yield key, head
        if scope == "tree":
            children = records(
                connection, _TREE.format(condition="s.parent_id = ? AND s.kind <> 'fork'"), (key,)
            )
            stack += reversed(list(children))


def _case(column: str, values: Iterable[str]) -> str:
    """SQL for a value's place in an enumeration."""
    cases = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values))
    return f"CASE {column} {cases} END"


_OPS = f"""
SELECT start_ts, duration_us, seq, turn, parent_seq, child_id, name, error_class,
    {_case("kind", OpKind)}, {_case("status", OpStatus)}, {_case("timing", Timing)},
    replay * {REPLAY} + CASE cost_source WHEN 'recorded' THEN {RECORDED} ELSE {PRICED} END
        * (cost_nano IS NOT NULL) + {UNPRICED} * ({IS_UNPRICED})
FROM op WHERE session_id = ? AND seq >= ? AND turn >= ? ORDER BY seq
"""
_COUNTS = (
    "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cache_read",
    "tokens_cache_write_5m + tokens_cache_write_1h", "context_used", "context_max",
)  # fmt: skip
_CALLS = f"""
SELECT seq, cost_nano, {", ".join(f"min(coalesce({count}, 0), {NONE})" for count in _COUNTS)}, model
FROM op WHERE session_id = ? AND seq >= ? AND turn >= ? AND tokens_in IS NOT NULL ORDER BY seq
"""
_TURNS = f"""
SELECT start_ts, end_ts, {", ".join(f"{name}_us" for name in _SPLIT)}, turn, {_case("status", TurnStatus)}
FROM turn WHERE session_id = ? AND turn >= ? ORDER BY turn
"""
_NAN = float("nan")


class _Builder:
    """The columns in the making."""

    def __init__(self, connection: apsw.Connection, index: dict[int, int]) -> None:
        self.connection = connection
        self.index = index
        self.names: dict[str, int] = {NO_NAME: 0, OTHER_NAME: 1}
        self.tables = {
            table: [array(_CODES[column.type]) for column in columns] for table, columns in TABLES.items()
        }
        self.ran_by: dict[int, int] = {}
        """Index of a session → the first op that ran it."""

    def add(self, key: int, head: dict[str, Any], from_turn: int | None) -> TraceSession:
        """Add a session's ops, calls and turns from a turn on, if any."""
        place = self.index[key]
        first = len(self.tables["ops"][0])
        if from_turn is not None:
            scope = (key, _first_seq(self.connection, key, from_turn), from_turn)
            rows = database.rows(self.connection, _OPS, scope)
            if rows:
                self._add_ops(scope, place, first, rows)
            self._add_turns(key, place, from_turn)
        parent = self.index.get(head.pop("parent_id") or 0)
        return TraceSession(
            id=head.pop("session"),
            **head,
            parent=parent,
            parent_op=None,
            from_turn=from_turn,
            first_op=first,
            ops=len(self.tables["ops"][0]) - first,
        )

    def _add_turns(self, key: int, place: int, from_turn: int) -> None:
        for row in database.rows(self.connection, _TURNS, (key, from_turn)):
            *times, turn, status = row
            values = (*(_NAN if value is None else value for value in times), turn, place, status)
            for column, value in zip(self.tables["turns"], values, strict=True):
                column.append(value)

    def linked(self, sessions: list[TraceSession]) -> list[TraceSession]:
        """The sessions with the ops that ran them, which are known once all are read."""
        return [
            msgspec.structs.replace(session, parent_op=self.ran_by.get(place))
            for place, session in enumerate(sessions)
        ]

    def _add_ops(
        self, scope: tuple[int, int, int], place: int, first: int, rows: list[tuple[Any, ...]]
    ) -> None:
        starts, durations, seqs, turns, parents, children, names, errors, kinds, statuses, timings, flags = (
            zip(*rows, strict=True)
        )
        row_of = {seq: first + number for number, seq in enumerate(seqs)}
        index = self.index
        child_index = [NONE if key is None else index.get(key, NONE) for key in children]
        for number, child in enumerate(child_index):
            if child != NONE:
                self.ran_by.setdefault(child, first + number)
        columns: tuple[Sequence[Any], ...] = (
            [_NAN if value is None else value for value in starts],
            [_NAN if value is None else value for value in durations],
            seqs,
            turns,
            [NONE if seq is None else row_of.get(seq, NONE) for seq in parents],
            child_index,
            [place] * len(rows),
            self._places(names),
            self._places(errors),
            kinds,
            statuses,
            timings,
            flags,
        )
        for column, values in zip(self.tables["ops"], columns, strict=True):
            column.extend(values)
        calls = database.rows(self.connection, _CALLS, scope)
        if calls:
            seqs, costs, *tokens, models = zip(*calls, strict=True)
            columns = (
                [_NAN if value is None else value for value in costs],
                [row_of[seq] for seq in seqs],
                *tokens,
                self._places(models),
            )
            for column, values in zip(self.tables["calls"], columns, strict=True):
                column.extend(values)

    def _places(self, names: Sequence[str | None]) -> list[int]:
        """The names' places; those that are new get one, while there is room."""
        known = self.names
        for name in sorted(set(filter(None, names)) - known.keys()):
            if len(known) < _MOST_NAMES:
                known[name] = len(known)
        other = known[OTHER_NAME]
        return [known.get(name, other) if name else 0 for name in names]
