"""Questions about single ops: a range of a session's, or one with all that is known of it."""

from __future__ import annotations

import apsw
import msgspec

from ai_viewer.errors import NotFoundError
from ai_viewer.model import Usage
from ai_viewer.store import changes, payloads, sessions
from ai_viewer.store.price import Biller
from ai_viewer.store.rows import Record, records
from ai_viewer.store.sessions import TITLE, key_of
from ai_viewer.store.top import links
from ai_viewer.store.views import Op, Payload, SessionLink
from ai_viewer.store.views_ops import OpDetail, OpLink, OpRange, PayloadPlace, PriceFormula, PriceTerm

PARTS_SHOWN = 200
"""Ops in an op's detail that belong to it."""

OP = f"""
    op.seq, op.turn, op.kind, op.status, op.timing, op.parent_seq, op.native_id, op.name, op.namespace,
    op.model, op.provider, op.start_ts, op.end_ts, op.duration_us, op.error_class, op.error_message,
    op.tokens_in, op.tokens_out, op.tokens_reasoning, op.tokens_cache_read, op.tokens_cache_write_5m,
    op.tokens_cache_write_1h, op.context_used, op.context_max, op.cost_nano / 1e9 AS cost_usd,
    op.cost_source, op.tier, op.web_searches, op.bytes_in, op.bytes_out, op.replay,
    c.format || ':' || c.native_id AS child_id,
    CASE WHEN c.id IS NOT NULL THEN {TITLE.format("c")} END AS child_title, c.agent AS child_agent
"""
"""Columns for `op_view`, of `OP_WITH_CHILD`."""

OP_WITH_CHILD = "op LEFT JOIN session AS c ON c.id = op.child_id AND c.owner_file IS NOT NULL"

_RANGE = f"""
SELECT {OP} FROM {OP_WITH_CHILD} WHERE op.session_id = ? AND op.seq BETWEEN ? AND ? ORDER BY op.seq LIMIT ?
"""

_LINK = "op.seq, op.turn, op.kind, op.status, op.name"

# What belongs to an op is in its turn, as far as that is told.
_PARTS = f"""
SELECT {_LINK} FROM turn JOIN op USING (session_id, turn)
WHERE session_id = ?1 AND turn = ?2 AND seq BETWEEN first_seq AND last_seq AND parent_seq = ?3
ORDER BY seq
"""

_PLACES = """
SELECT payload.kind, part, coalesce(payload.path, file.path) AS path, payload.path IS NULL AS within,
    payload.offset, length, pointer
FROM payload JOIN session ON session.id = session_id JOIN file ON file.id = owner_file
WHERE session_id = ? AND turn = ? AND seq = ?
"""


def in_range(
    connection: apsw.Connection, session_id: str, first: int, last: int, *, limit: int = 200
) -> OpRange:
    """Return the session's ops with a seq from ``first`` to ``last`` (included), at most ``limit``.

    Raises:
        NotFoundError: if no such session was read.
    """
    session = key_of(connection, session_id)
    found = list(records(connection, _RANGE, (session, first, last, limit + 1)))
    following = found[limit]["seq"] if len(found) > limit else None
    return OpRange(
        ops=_complete(connection, session, found[:limit]),
        next=following,
        revision=changes.revision(connection, session),
    )


def detail(connection: apsw.Connection, session_id: str, seq: int, biller: Biller) -> OpDetail:
    """Return one op with all that is known of it; ``biller`` tells how its price comes about.

    Raises:
        NotFoundError: if no such session was read, or it has no such op.
    """
    session = key_of(connection, session_id)
    found = list(records(connection, _RANGE, (session, seq, seq, 1)))
    if not found:
        raise NotFoundError(f"no op {seq} in session {session_id!r}")
    (op,) = _complete(connection, session, found)
    parts = list(records(connection, _PARTS, (session, op.turn, seq)))
    places = {
        (place["kind"], place["part"]): place
        for place in records(connection, _PLACES, (session, op.turn, seq))
    }
    return OpDetail(
        session=links(connection, [session])[session],
        op=op,
        parent=_link(connection, session, op.parent_seq),
        parts=msgspec.convert(parts[:PARTS_SHOWN], list[OpLink]),
        part_count=len(parts),
        price=_formula(op, biller),
        places=[_place(payload.id, places) for payload in op.payloads],
        file=sessions.file(connection, session),
        offset=min((place["offset"] for place in places.values() if place["within"]), default=None),
        revision=changes.revision(connection, session),
    )


def op_view(record: Record, texts: dict[tuple[int, int], list[Payload]]) -> Op:
    """Return the `Op` of a row with the columns `OP`; ``texts`` are payloads by turn and seq."""
    child_id, title, agent = (record.pop(f"child_{field}") for field in ("id", "title", "agent"))
    record["child"] = None if child_id is None else SessionLink(id=child_id, title=title, agent=agent)
    record["replay"] = bool(record["replay"])
    record["payloads"] = texts.get((record["turn"], record["seq"]), [])
    return msgspec.convert(record, Op)


def _complete(connection: apsw.Connection, session: int, found: list[Record]) -> list[Op]:
    ranges: dict[int, tuple[int, int]] = {}
    for record in found:
        first, _ = ranges.get(record["turn"], (record["seq"], 0))
        ranges[record["turn"]] = (first, record["seq"])
    texts = payloads.starts(connection, session, [(turn, *seqs) for turn, seqs in ranges.items()])
    return [op_view(record, texts) for record in found]


def _link(connection: apsw.Connection, session: int, seq: int | None) -> OpLink | None:
    found = records(connection, f"SELECT {_LINK} FROM op WHERE session_id = ? AND seq = ?", (session, seq))
    return next((msgspec.convert(record, OpLink) for record in found), None)


def _place(payload_id: str, places: dict[tuple[str, int], Record]) -> PayloadPlace:
    _, _, kind, part = payload_id.split(".")
    place = places[kind, int(part)]
    return PayloadPlace(
        id=payload_id,
        path=place["path"],
        offset=place["offset"],
        length=place["length"],
        pointer=place["pointer"],
    )


def _formula(op: Op, biller: Biller) -> PriceFormula | None:
    if op.tokens_in is None:
        return None
    usage = Usage(
        op.tokens_in,
        op.tokens_out or 0,
        op.tokens_reasoning or 0,
        op.tokens_cache_read or 0,
        op.tokens_cache_write_5m or 0,
        op.tokens_cache_write_1h or 0,
    )
    bill = biller.bill(op.provider, op.model, op.start_ts, usage, op.tier, op.web_searches)
    if bill is None:
        return None
    terms = [(part, part.price * part.units / part.per) for part in bill.parts]
    return PriceFormula(
        terms=[
            PriceTerm(
                name=part.name,
                units=part.units,
                price_usd=float(part.price),
                per=part.per,
                cost_usd=float(cost),
            )
            for part, cost in terms
        ],
        share=float(bill.share),
        cost_usd=float(sum(cost for _, cost in terms) * bill.share),
    )
