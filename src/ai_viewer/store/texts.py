"""Keep the full-text index, within one of the writer's transactions.

The ids of texts follow time: a second's are ``second << 10`` and on. So the newest texts with a
word are the index's last, and are found without looking at the others. An id stays, whatever is
told of the time later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from ai_viewer.model import Micros
from ai_viewer.store import database
from ai_viewer.store.derive import Touched
from ai_viewer.store.words import indexable

_IDS_OF_A_SECOND = 1 << 10
_FIRST_SECOND = 1 << 30
"""In 2004. Texts of no known time have the ids below."""

MESSAGE = "concat_ws(': ', {0}error_class, {0}error_message)"
"""An error's text; ``{0}`` is the table's alias with its dot."""
NOTICE = "concat_ws(': ', nullif({0}name, ''), {0}message)"
"""A log entry's text."""

_SESSION_TRUTH = f"""
SELECT 'title', 0, title, coalesce(started_at, last_at) FROM session
WHERE id = ?1 AND owner_file IS NOT NULL AND title <> ''
UNION ALL SELECT 'session_error', 0, {MESSAGE.format("")}, coalesce(ended_at, last_at, started_at)
FROM session WHERE id = ?1 AND owner_file IS NOT NULL AND {MESSAGE.format("")} <> ''
"""
_TURN_TRUTH = f"""
SELECT 'turn_error', turn, {MESSAGE.format("")}, coalesce(start_ts, end_ts) FROM turn
WHERE session_id = ?1 AND turn = ?2 AND {MESSAGE.format("")} <> ''
"""
_OP_TRUTH = f"""
SELECT 'op_error', seq, {MESSAGE.format("")}, coalesce(start_ts, end_ts) FROM op
WHERE session_id = ?1 AND seq BETWEEN ?2 AND ?3
    AND (error_message IS NOT NULL OR error_class IS NOT NULL) AND {MESSAGE.format("")} <> ''
"""
_LOG_TRUTH = f"""
SELECT 'log', n, {NOTICE.format("log.")}, coalesce(ts, start_ts, end_ts) FROM json_each(?2) AS wanted
CROSS JOIN log ON log.session_id = ?1 AND n = wanted.value
LEFT JOIN turn ON turn.session_id = log.session_id AND turn.turn = log.turn
WHERE {NOTICE.format("log.")} <> ''
"""
_TIME_OF = """
SELECT coalesce(
    (SELECT coalesce(start_ts, end_ts) FROM op WHERE session_id = ?1 AND seq = ?3),
    (SELECT coalesce(start_ts, end_ts) FROM turn WHERE session_id = ?1 AND turn = ?2),
    (SELECT min(coalesce(started_at, last_at)) FROM session_fact WHERE session_id = ?1)
)
"""
_LAST_IDS = """
SELECT value ->> 0, max(
    coalesce((SELECT max(id) FROM payload WHERE id >= value ->> 1 AND id < value ->> 2), 0),
    coalesce((SELECT max(id) FROM passage WHERE id >= value ->> 1 AND id < value ->> 2), 0)
) FROM json_each(?)
"""
_STORED = "SELECT kind, number, id, digest FROM passage WHERE session_id = ?1 AND "


class Texts:
    """The index, as one transaction changes it; nothing is in it before `write`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self._pending: dict[int, str] = {}
        self._next: dict[int, int] = {}
        """Second → the next of its ids that is free; behind the last, if none is."""

    def next_id(self, at: Micros | None) -> int:
        """Propose the id of a text of this time; `take` gives it away."""
        second = _second(at)
        while True:
            if second not in self._next:
                self._look_up({second})
            following = self._next[second]
            if following < _end(second):
                return following
            # A full second runs over into the next one.
            second = max(second + 1, _FIRST_SECOND)

    def take(self, text_id: int) -> None:
        """Give away an id that was proposed."""
        second = text_id // _IDS_OF_A_SECOND
        self._next[second if second >= _FIRST_SECOND else 0] = text_id + 1

    def new_ids(self, times: Sequence[Micros | None]) -> list[int]:
        """Give away ids of texts of these times, in their order."""
        self._look_up({_second(at) for at in times})
        ids = []
        for at in times:
            text_id = self.next_id(at)
            self.take(text_id)
            ids.append(text_id)
        return ids

    def put(self, text_id: int, text: str | None, *, known: bool) -> None:
        """Index a text, or ``None``; what the index has under a ``known`` id is removed."""
        if known:
            self.remove([text_id])
        if text:
            self._pending[text_id] = text

    def remove(self, text_ids: Iterable[int]) -> None:
        """Take texts out of the index."""
        gone = []
        for text_id in text_ids:
            self._pending.pop(text_id, None)
            gone.append((text_id,))
        self.connection.executemany("DELETE FROM payload_text WHERE rowid = ?", gone)

    def forget_passages(self, session: int, condition: str, *bindings: object) -> None:
        """Delete those of a session's passages for which ``condition``, a piece of SQL, holds."""
        gone = database.rows(
            self.connection,
            f"DELETE FROM passage WHERE session_id = ? AND {condition} RETURNING id",
            (session, *bindings),
        )
        self.remove(row for (row,) in gone)

    def derive_passages(self, touched: Touched) -> None:
        """Bring titles, error messages and log entries up to date where the transaction touched them."""
        for session in sorted(touched.facts):
            self._settle(session, _SESSION_TRUTH, "kind IN ('title', 'session_error')")
        for (session, turn), (low, high) in sorted(touched.turns.items()):
            self._settle(session, _TURN_TRUTH, "kind = 'turn_error' AND number = ?2", turn)
            if low <= high:
                self._settle(session, _OP_TRUTH, "kind = 'op_error' AND number BETWEEN ?2 AND ?3", low, high)
        for session, numbers in sorted(touched.logs.items()):
            self._settle(
                session,
                _LOG_TRUTH,
                "kind = 'log' AND number IN (SELECT value FROM json_each(?2))",
                msgspec.json.encode(sorted(numbers)).decode(),
            )

    def write(self) -> None:
        """Write what is new: in the order of ids, else FTS5 writes a segment for each step back."""
        self.connection.executemany(
            "INSERT INTO payload_text (rowid, text) VALUES (?, ?)", sorted(self._pending.items())
        )
        self._pending.clear()

    def _settle(self, session: int, truth: str, stored: str, *bindings: Any) -> None:
        """Make the stored passages for which ``stored`` holds those that ``truth`` tells."""
        values = (session, *bindings)
        told = {
            (kind, number): (text, at)
            for kind, number, text, at in database.rows(self.connection, truth, values)
        }
        known = {
            (kind, number): (text_id, digest)
            for kind, number, text_id, digest in database.rows(self.connection, _STORED + stored, values)
        }
        for key in known.keys() - told.keys():
            self.connection.execute("DELETE FROM passage WHERE id = ?", (known[key][0],))
            self.remove([known[key][0]])
        for key, (text, at) in told.items():
            digest = digest_of(text)
            text_id, before = known.get(key, (None, None))
            if digest == before:
                continue
            if text_id is None:
                text_id = self.next_id(at)
                self.take(text_id)
            self.connection.execute(
                "INSERT OR REPLACE INTO passage (id, session_id, kind, number, digest)"
                " VALUES (?, ?, ?, ?, ?)",
                (text_id, session, *key, digest),
            )
            self.put(text_id, indexable(text), known=before is not None)

    def _look_up(self, seconds: set[int]) -> None:
        """Learn of seconds which of their ids are free."""
        bounds = [(second, _first(second), _end(second)) for second in seconds - self._next.keys()]
        found = database.rows(self.connection, _LAST_IDS, (msgspec.json.encode(bounds).decode(),))
        for second, last in found:
            self._next[second] = last + 1 if last else _first(second)


def _second(at: Micros | None) -> int:
    """The second whose ids texts of this time have."""
    second = (at or 0) // 1_000_000
    return second if second >= _FIRST_SECOND else 0


def _first(second: int) -> int:
    return second * _IDS_OF_A_SECOND or 1


def _end(second: int) -> int:
    """The first id behind those of a second."""
    return (second + 1 if second else _FIRST_SECOND) * _IDS_OF_A_SECOND


def time_of(connection: apsw.Connection, session: int, turn: int, seq: int) -> Micros | None:
    """Return when an op, or with seq 0 a turn, began, as far as is known by now."""
    at: Micros | None = database.one(connection, _TIME_OF, (session, turn, seq))
    return at


def first_id(at: Micros) -> int:
    """Return the first id of a text of this time or later."""
    second = at // 1_000_000
    return second * _IDS_OF_A_SECOND if second >= _FIRST_SECOND else 0


def digest_of(text: str) -> int:
    """Return a number that tells whether a text has changed."""
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )
