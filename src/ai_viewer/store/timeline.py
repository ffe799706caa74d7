"""A session tree in time: a lane for each session, what ran in it, who started whom, how much at once."""

from __future__ import annotations

from typing import Any

import apsw
import msgspec

from ai_viewer.analysis.attribution import Span, merged
from ai_viewer.analysis.lanes import Bar, Piece, at_once, bars
from ai_viewer.model import OpKind
from ai_viewer.store import database, trace
from ai_viewer.store.rows import usd
from ai_viewer.store.sessions import key_of
from ai_viewer.store.views import SessionLink
from ai_viewer.store.views_timeline import Lane, LaneLink, Timeline, TimelineBar

LANES = 300
"""Lanes of an answer, the first in order of the tree."""
STEPS = 1_000
"""Steps of the whole time, unless others are asked for: about as many as a screen has pixels for."""
ROWS = 12
"""Rows of a lane; what runs beside as many others shares the last."""

# Reasoning is a part of its model call, and drawn with it.
_OPS = """
SELECT seq, turn, kind, start_ts, end_ts, status = 'failed', child_id FROM op
WHERE session_id = ? AND NOT replay AND (duration_us IS NOT NULL OR child_id IS NOT NULL)
    AND (kind <> 'reasoning' OR parent_seq IS NULL)
ORDER BY seq
"""
_TOTALS = "SELECT ops, cost_nano, unpriced_calls FROM session WHERE id = ?"


class _Lane(msgspec.Struct):
    """A lane in the making."""

    head: dict[str, Any]
    parent: int | None
    depth: int
    pieces: list[Piece]
    links: list[LaneLink]
    """To the lanes that its ops ran."""


def timeline(connection: apsw.Connection, session_id: str, *, steps: int = STEPS) -> Timeline:
    """Return what a session and all that it started did when, at a resolution of ``steps``.

    Raises:
        NotFoundError: if no such session was read.
    """
    heads = list(trace.tree(connection, key_of(connection, session_id)))
    places = {key: place for place, (key, _) in enumerate(heads[:LANES])}
    lanes: list[_Lane] = []
    for key, head in heads[:LANES]:
        parent = places.get(head["parent_id"]) if places[key] else None
        depth = 0 if parent is None else lanes[parent].depth + 1
        lanes.append(_Lane(head, parent, depth, *_ops(connection, key, places)))
    spans = [(piece.start, piece.end) for lane in lanes for piece in lane.pieces]
    start = min((began for began, _ in spans), default=None)
    end = max((ended for _, ended in spans), default=None)
    step = 1 if start is None or end is None else max(1, -(-(end - start) // steps))
    work = [_work(lane) for lane in lanes]
    together = [] if start is None else at_once(work, start, step, steps)
    return Timeline(
        start_ts=start,
        end_ts=end,
        step_us=step,
        lanes=[
            _view(connection, key, lane, busy, step)
            for (key, _), lane, busy in zip(heads, lanes, work, strict=False)
        ],
        left_out=len(heads) - len(lanes),
        links=_links(lanes),
        at_once=together,
        most_at_once=max(together, default=0),
        revision=trace.revision(connection, session_id),
    )


def _ops(connection: apsw.Connection, key: int, places: dict[int, int]) -> tuple[list[Piece], list[LaneLink]]:
    pieces, links = [], []
    for seq, turn, kind, start, end, failed, child in database.rows(connection, _OPS, (key,)):
        if start is not None and end is not None and end >= start:
            pieces.append(Piece(seq, turn, kind, start, end, bool(failed)))
        if child in places and child != key:
            links.append(
                LaneLink(
                    source=places[key],
                    target=places[child],
                    turn=turn,
                    seq=seq,
                    spawn_ts=start,
                    return_ts=end,
                )
            )
    return pieces, links


def _work(lane: _Lane) -> list[Span]:
    """When the session itself was at work: not when it waited for a sub-agent."""
    return merged((piece.start, piece.end) for piece in lane.pieces if piece.kind != OpKind.SESSION)


def _links(lanes: list[_Lane]) -> list[LaneLink]:
    """The links by the ops that ran lanes, and to each lane that none has run, from the one above."""
    found = [link for lane in lanes for link in lane.links]
    linked = {link.target for link in found}
    for place, lane in enumerate(lanes):
        if lane.parent is not None and place not in linked:
            found.append(
                LaneLink(
                    source=lane.parent,
                    target=place,
                    turn=None,
                    seq=None,
                    spawn_ts=lane.head["started_at"],
                    return_ts=None,
                )
            )
    return found


def _view(connection: apsw.Connection, key: int, lane: _Lane, work: list[Span], step: int) -> Lane:
    ((ops, cost, unpriced),) = database.rows(connection, _TOTALS, (key,))
    drawn = bars(lane.pieces, step, ROWS)
    head = lane.head
    return Lane(
        session=SessionLink(id=head["session"], title=head["title"], agent=head["agent"]),
        parent=lane.parent,
        depth=lane.depth,
        start_ts=min((piece.start for piece in lane.pieces), default=head["started_at"]),
        end_ts=max((piece.end for piece in lane.pieces), default=head["last_at"]),
        work_us=sum(ended - began for began, ended in work),
        cost_usd=usd(cost),
        unpriced_calls=unpriced,
        ops=ops,
        rows=1 + max((bar.row for bar in drawn), default=0),
        bars=[_bar(bar) for bar in drawn],
    )


def _bar(bar: Bar) -> TimelineBar:
    return TimelineBar(
        row=bar.row,
        kind=OpKind(bar.kind),
        start_ts=bar.start,
        end_ts=bar.end,
        turn=bar.turn,
        seq=bar.seq,
        ops=bar.ops,
        failures=bar.failures,
    )
