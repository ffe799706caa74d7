"""What tools were asked to do most: their calls by the program, the file or the host they were about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import apsw

from ai_viewer.analysis import arguments
from ai_viewer.store.durations import op_conditions
from ai_viewer.store.rows import records
from ai_viewer.store.sums import Work, choose, part_bindings, quarter_bindings, row_conditions
from ai_viewer.store.unpack import unpack
from ai_viewer.store.views_stats import ArgumentGroup, Arguments

LOOKED_AT = 5_000
"""Calls, of the sessions that were active last first: each one's input is unpacked for this."""
SHOWN = 15
_LONGEST = 65_536


def of_calls(connection: apsw.Connection, work: Work) -> Arguments:
    """Return what the calls of ``work`` were about, the most frequent first."""
    return _arguments(connection, work, arguments.heads)


def of_files(connection: apsw.Connection, work: Work) -> Arguments:
    """Return the files that the calls of ``work`` were about, those touched most first."""
    return _arguments(connection, work, arguments.files)


def _arguments(connection: apsw.Connection, work: Work, heads: Callable[[str], list[str]]) -> Arguments:
    chosen, bindings = choose(connection, work)
    given: dict[str, Any] = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    worked = " AND ".join([*row_conditions(work), "r.kind = 'tool'"])
    sql = f"""
        {chosen}, newest (id) AS MATERIALIZED (
            SELECT chosen.id FROM chosen JOIN session USING (id)
            WHERE id IN (SELECT r.session_id FROM rollup AS r WHERE {worked})
            ORDER BY session.last_at DESC
        )
        SELECT r.status, r.duration_us, payload.codec, payload.data, payload.bytes
        FROM newest CROSS JOIN op AS r ON r.session_id = newest.id
        LEFT JOIN payload ON payload.session_id = r.session_id AND payload.turn = r.turn
            AND payload.seq = r.seq AND payload.kind = 'tool_input' AND payload.part = 0
            AND payload.bytes <= {_LONGEST}
        WHERE r.kind = 'tool' AND {" AND ".join(op_conditions(work))}
        LIMIT {LOOKED_AT}
    """
    calls: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    durations: Counter[str] = Counter()
    looked_at = 0
    for record in records(connection, sql, given):
        looked_at += 1
        if record["data"] is None:
            continue
        text = unpack(connection, record["codec"], record["data"], record["bytes"]).decode("utf-8", "replace")
        for head in heads(text):
            calls[head] += 1
            failures[head] += record["status"] == "failed"
            durations[head] += record["duration_us"] or 0
    ordered = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    return Arguments(
        calls=looked_at,
        all_calls=looked_at < LOOKED_AT,
        different=len(ordered),
        groups=[
            ArgumentGroup(head=head, calls=n, failures=failures[head], duration_us=durations[head])
            for head, n in ordered[:SHOWN]
        ],
    )
