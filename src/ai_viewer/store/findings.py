"""What is worth a look in a session: its ops and turns, as `ai_viewer.analysis.findings` judges them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import apsw
import msgspec

from ai_viewer.analysis import findings as rules
from ai_viewer.analysis.findings import FindingKind
from ai_viewer.model import OpKind
from ai_viewer.store import database
from ai_viewer.store.rows import usd
from ai_viewer.store.unpack import unpack
from ai_viewer.store.views import Finding

SHOWN = 5
LOOKED_AT = 5_000
"""Ops that are looked at, the last of the session."""

_OPS = """
SELECT seq, turn, kind, status, name, model, duration_us, cost_nano,
    coalesce(tokens_in, 0) + coalesce(tokens_cache_write_5m, 0) + coalesce(tokens_cache_write_1h, 0),
    coalesce(tokens_cache_read, 0), coalesce(tokens_cache_write_5m, 0) + coalesce(tokens_cache_write_1h, 0),
    context_used, context_max
FROM op WHERE session_id = ? AND NOT replay ORDER BY seq DESC LIMIT ?
"""
_TURNS = """
SELECT turn, cost_nano, wait_us FROM turn WHERE session_id = ? AND turn BETWEEN ? AND ? ORDER BY turn
"""
_INPUTS = """
SELECT turn, seq, bytes, id FROM payload
WHERE session_id = ? AND turn BETWEEN ? AND ? AND kind = 'tool_input' AND codec <> 'none'
"""
_DATA = "SELECT id, codec, data, bytes FROM payload WHERE id IN (SELECT value FROM json_each(?))"
_ORPHANS = """
SELECT format || ':' || native_id, agent, coalesce((SELECT min(turn) FROM turn WHERE session_id = s.id), 0)
FROM session AS s
WHERE parent_id = ?1 AND kind = 'sub_agent' AND owner_file IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM op WHERE child_id = s.id AND session_id = ?1)
ORDER BY cost_nano DESC, id
"""


def of_session(connection: apsw.Connection, session: int, session_id: str) -> tuple[list[Finding], bool]:
    """Return a session's findings, and whether all of its ops were looked at.

    ``session`` is its key, ``session_id`` what links to it.
    """
    rows = database.rows(connection, _OPS, (session, LOOKED_AT + 1))
    complete = len(rows) <= LOOKED_AT
    ops = [rules.Op(*row) for row in reversed(rows[:LOOKED_AT])]
    bounds = (0, 2**62) if complete else (min(op.turn for op in ops), max(op.turn for op in ops))
    inputs = _inputs(connection, session, ops, bounds)
    ops = [op._replace(input=inputs.get(op.seq)) for op in ops]
    turns = [rules.Turn(*row) for row in database.rows(connection, _TURNS, (session, *bounds))]
    found = _orphans(connection, session)
    found += [_view(finding, session_id) for finding in rules.find(ops, turns)]
    return found[:SHOWN], complete


def _orphans(connection: apsw.Connection, session: int) -> list[Finding]:
    """The priciest sub-agent of those that no op of the session has run."""
    found = database.rows(connection, _ORPHANS, (session,))
    return [
        _view(rules.Finding(FindingKind.ORPHAN, turn, None, len(found), agent), orphan)
        for orphan, agent, turn in found[:1]
    ]


def _view(finding: rules.Finding, session_id: str) -> Finding:
    return Finding(
        kind=finding.kind,
        session=session_id,
        turn=finding.turn,
        seq=finding.seq,
        count=finding.count,
        name=finding.name,
        duration_us=finding.duration,
        cost_usd=None if finding.cost is None else usd(finding.cost),
        tokens=finding.tokens,
        percent=None if finding.share is None else round(finding.share * 100, 1),
    )


def _inputs(
    connection: apsw.Connection, session: int, ops: list[rules.Op], turns: tuple[int, int]
) -> dict[int, int]:
    """A number for what each tool was called with, the same for the same: only where it may be a repetition.

    Texts are read only where calls of the same tool in the same turn have inputs of the same size.
    """
    names = {op.seq: op.name for op in ops if op.kind == OpKind.TOOL}
    sizes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    turn_of: dict[int, int] = {}
    for turn, seq, size, payload in database.rows(connection, _INPUTS, (session, *turns)):
        if seq in names:
            sizes[seq].append((size, payload))
            turn_of[seq] = turn
    alike: dict[Any, list[int]] = defaultdict(list)
    for seq, parts in sizes.items():
        alike[turn_of[seq], names[seq], tuple(size for size, _ in parts)].append(seq)
    suspects = [seq for seqs in alike.values() if len(seqs) >= rules.REPEATS for seq in seqs]
    wanted = [payload for seq in suspects for _, payload in sizes[seq]]
    data = {
        payload: unpack(connection, *stored)
        for payload, *stored in database.rows(connection, _DATA, (msgspec.json.encode(wanted).decode(),))
    }
    numbers: dict[Any, int] = {}
    return {
        seq: numbers.setdefault(tuple(data[payload] for _, payload in sizes[seq]), len(numbers))
        for seq in suspects
    }
