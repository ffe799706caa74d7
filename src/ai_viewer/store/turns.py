"""A session's turns and ops, page by page.

A page costs what it holds, not what the session holds: turns and ops are read by ranges of
their keys. A long turn comes in parts; its prompt and its logs come with the part that is
sent first, each part has the turn's own facts.

    whole session        pages of three ops
    turn 1: ops 1 2 3 4   [1: 1 2 3] [1: 4, 2:, 3: 5 6] [3: 7]
    turn 2: none
    turn 3: ops 5 6 7
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import apsw
import msgspec

from ai_viewer.store import changes, cursors, payloads
from ai_viewer.store.cursors import Int64
from ai_viewer.store.ops import OP, OP_WITH_CHILD, op_view
from ai_viewer.store.rows import OWN_TIMES, OWN_TOTALS, Record, records, take_times, take_totals
from ai_viewer.store.sessions import key_of
from ai_viewer.store.views import LogLine, Op, Payload, Turn, TurnPage

Order: TypeAlias = Literal["asc", "desc"]

_MAX = 2**63 - 1

_TURN = f"""
    turn, status, start_ts, end_ts, duration_us, label, error_class, error_message, context_peak, replays,
    first_seq, last_seq, {OWN_TOTALS}, {OWN_TIMES}
"""

_TURNS = f"""
SELECT {_TURN} FROM turn WHERE session_id = :session AND turn BETWEEN :low AND :high
ORDER BY turn {{order}} LIMIT :turns
"""

# The ranges of two turns' seqs may overlap (work that ended late): hence the turn.
_OPS = f"""
SELECT {OP} FROM {OP_WITH_CHILD}
WHERE op.session_id = :session AND op.seq BETWEEN :first AND :last AND op.turn = :turn
ORDER BY op.seq {{order}} LIMIT :ops
"""

_LOGS = """
SELECT turn, n, seq, ts, severity, name, message FROM log
WHERE session_id = ? AND turn BETWEEN ? AND ? ORDER BY turn, n
"""


class _Question(msgspec.Struct, frozen=True, array_like=True):
    """What a cursor is good for."""

    session: str
    order: Order


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """Turn ``turn`` was sent up to and with op ``seq``; 0 if it has none."""

    turn: Int64
    seq: Int64


class _Part(msgspec.Struct):
    """What a page has of one turn; its prompt and logs only with the part sent ``first``."""

    head: Record
    first: bool
    ops: list[Record]


def page(
    connection: apsw.Connection,
    session_id: str,
    *,
    cursor: str | None = None,
    limit: int = 200,
    from_turn: int | None = None,
    from_seq: int | None = None,
    order: Order = "asc",
) -> TurnPage:
    """Return up to ``limit`` ops in their turns, and no more than that many new turns, in ``order``.

    Args:
        connection: Where to read.
        session_id: The session's id.
        cursor: ``next`` of the page before.
        limit: Ops a page, at least 1.
        from_turn: Begin with this turn; a ``cursor`` knows better.
        from_seq: Begin with this op of that turn, as if all before it had been on a page before.
        order: ``desc`` reads from the session's end: turns and ops come newest first.

    Raises:
        NotFoundError: if no such session was read.
        cursors.CursorError: if ``cursor`` is not one of this session in this order.
    """
    session = key_of(connection, session_id)
    question = _Question(session_id, order)
    place = None if cursor is None else cursors.decode(cursor, question, _Position)
    parts, last = _read(connection, session, order, limit, place, from_turn, from_seq)
    return TurnPage(
        turns=_complete(connection, session, parts),
        next=None if last is None else cursors.encode(question, last),
        revision=changes.revision(connection, session),
    )


def _read(
    connection: apsw.Connection,
    session: int,
    order: Order,
    limit: int,
    place: _Position | None,
    from_turn: int | None,
    from_seq: int | None,
) -> tuple[list[_Part], _Position | None]:
    """Read a page's parts, and where the next page goes on, if there is one."""
    begin = from_turn if place is None else place.turn
    low, high = (begin or 0, _MAX) if order == "asc" else (0, _MAX if begin is None else begin)
    scope = {"session": session, "low": low, "high": high, "turns": limit + 2}
    heads = list(records(connection, _TURNS.format(order=order), scope))
    fresh = [head for head in heads if place is None or head["turn"] != place.turn]
    parts = [_Part(head, first=False, ops=[]) for head in heads[: len(heads) - len(fresh)]]
    parts += [_Part(head, first=True, ops=[]) for head in fresh[:limit]]

    taken = 0
    for number, part in enumerate(parts, 1):
        after = None
        if place is not None and not part.first:
            after = place.seq
        elif place is None and from_seq is not None and part.head["turn"] == from_turn:
            after = from_seq - 1 if order == "asc" else from_seq + 1
        part.ops = _ops(connection, session, part.head, after, order, limit + 1 - taken)
        taken += len(part.ops)
        if taken > limit:
            # Full: the turns behind, and this one if none of its ops had room, are the next page's.
            del part.ops[-1]
            del parts[number if part.ops else number - 1 :]
            break
    if taken > limit or len(fresh) > limit:
        tail = parts[-1]
        last = _Position(tail.head["turn"], tail.ops[-1]["seq"] if tail.ops else 0)
    else:
        last = None
    # What the page before has begun is shown again only if it goes on.
    return [part for part in parts if part.first or part.ops], last


def _ops(
    connection: apsw.Connection, session: int, head: Record, after: int | None, order: Order, ops: int
) -> list[Record]:
    """Read the next ops of a turn: those behind seq ``after``, as many as ``ops``."""
    if head["first_seq"] is None:
        return []
    first, last = head["first_seq"], head["last_seq"]
    if after is not None:
        first, last = (after + 1, last) if order == "asc" else (first, after - 1)
    scope = {"session": session, "turn": head["turn"], "first": first, "last": last, "ops": ops}
    return list(records(connection, _OPS.format(order=order), scope))


def _complete(connection: apsw.Connection, session: int, parts: list[_Part]) -> list[Turn]:
    """Add what belongs to the parts' turns and ops: payloads, logs, links."""
    first = [part.head["turn"] for part in parts if part.first]
    ranges = [(turn, 0, 0) for turn in first]
    for part in parts:
        if part.ops:
            seqs = part.ops[0]["seq"], part.ops[-1]["seq"]
            ranges.append((part.head["turn"], min(seqs), max(seqs)))
    texts = payloads.starts(connection, session, ranges)
    logs: dict[int, list[LogLine]] = {turn: [] for turn in first}
    if first:
        # A page's new turns are neighbours: there is none between them that is not on it.
        for record in records(connection, _LOGS, (session, min(first), max(first))):
            logs.setdefault(record.pop("turn"), []).append(msgspec.convert(record, LogLine))
    return [
        _turn(part, [op_view(op, texts) for op in part.ops], texts, logs.get(part.head["turn"], []))
        for part in parts
    ]


def _turn(
    part: _Part, ops: list[Op], texts: dict[tuple[int, int], list[Payload]], logs: list[LogLine]
) -> Turn:
    head = part.head
    del head["first_seq"], head["last_seq"]
    totals, time = take_totals(head, "own"), take_times(head, "own")
    prompt = texts.get((head["turn"], 0), []) if part.first else []
    return msgspec.convert(
        {**head, "totals": totals, "time": time, "payloads": prompt, "ops": ops, "logs": logs}, Turn
    )
