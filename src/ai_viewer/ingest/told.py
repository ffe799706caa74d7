"""What a snapshot told, as digests, and what differs from that when it is told again.

A snapshot does not say what is new in it. Of each unit (an op, or a turn itself: its row, payloads
and logs) a digest is kept in the file's saved state, and only units with another one are written.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from ai_viewer.ingest.fold import FoldedSession
from ai_viewer.store.batch import Replacement, SessionRows, Unit

_PACKED = struct.Struct("<QQQ")
_NO_ROW, _HAS_ROW = 0, 1


class Told(msgspec.Struct, array_like=True, frozen=True):
    """Digests of one session: of its facts, and of its units, packed as (turn, seq, digest).

    A unit's digest is even if it is only payloads or logs, without the row of a turn or op.
    """

    facts: int
    units: bytes


Sessions: TypeAlias = dict[str, Told]


class SnapshotState(msgspec.Struct, array_like=True, frozen=True):
    """A snapshot's saved state. ``sound``: nothing of it was damaged."""

    sound: bool
    sessions: Sessions


def encode(state: SnapshotState) -> bytes:
    """Return the state as it is saved."""
    return msgspec.msgpack.encode(state)


def decode(state: bytes) -> SnapshotState | None:
    """Return a saved state; ``None`` if it is none, as those of an unfinished reading."""
    try:
        return msgspec.msgpack.decode(state, type=SnapshotState)
    except msgspec.DecodeError:
        return None


def told(session: FoldedSession) -> Told:
    """Return a session's digests."""
    parts: dict[Unit, list[bytes]] = {}
    rows: set[Unit] = set()
    for turn in session.turns.values():
        unit = (turn.turn, 0)
        rows.add(unit)
        parts.setdefault(unit, []).append(msgspec.msgpack.encode(turn))
    for op in session.ops.values():
        unit = (op.turn, op.seq)
        rows.add(unit)
        parts.setdefault(unit, []).append(msgspec.msgpack.encode(op))
    for key in sorted(session.digests):
        digest = session.digests[key]
        parts.setdefault(key[:2], []).append(msgspec.msgpack.encode((key, digest)))
    for n in sorted(session.logs):
        log = session.logs[n]
        parts.setdefault(log[1:3], []).append(msgspec.msgpack.encode(log))
    facts = msgspec.msgpack.encode((session.rank, sorted(session.facts.items()), bool(parts)))
    return Told(
        _digest([facts]),
        b"".join(
            _PACKED.pack(*unit, _digest(parts[unit]) & ~1 | (_HAS_ROW if unit in rows else _NO_ROW))
            for unit in sorted(parts)
        ),
    )


class Difference(msgspec.Struct, frozen=True):
    """How a session told again differs: ``changed`` units are written, those of ``replacement`` deleted."""

    changed: frozenset[Unit]
    replacement: Replacement

    def rows(self, session: FoldedSession) -> SessionRows:
        """Return what is to be written of the session."""
        whole = session.rows()
        changed = self.changed
        whole.turns = [turn for turn in whole.turns if (turn.turn, 0) in changed]
        whole.ops = [op for op in whole.ops if (op.turn, op.seq) in changed]
        whole.payloads = [payload for payload in whole.payloads if (payload.turn, payload.seq) in changed]
        whole.logs = [log for log in whole.logs if log[1:3] in changed]
        whole.replacement = self.replacement
        return whole


def difference(before: Told | None, now: Told) -> Difference | None:
    """Return how a session differs from what was told of it before; ``None`` if it does not."""
    if before == now:
        return None
    old = {} if before is None else _units(before)
    new = _units(now)
    changed = frozenset(unit for unit, digest in new.items() if old.get(unit) != digest)
    cleared = sorted(unit for unit in old if unit in changed or unit not in new)
    return Difference(
        changed, Replacement(cleared, sorted(_turns(old) - _turns(new)), whole=len(changed) == len(new))
    )


def _units(of: Told) -> dict[Unit, int]:
    return {(turn, seq): digest for turn, seq, digest in _PACKED.iter_unpack(of.units)}


def _turns(units: dict[Unit, int]) -> set[int]:
    """The turns that have a row: a told one, or an op's."""
    return {turn for (turn, _), digest in units.items() if digest & _HAS_ROW}


def _digest(parts: Iterable[bytes]) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return int.from_bytes(digest.digest(), "little")
