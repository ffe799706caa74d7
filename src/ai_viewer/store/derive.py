"""What derives from the rows, computed anew for what a transaction touched.

In the order in which it depends on each other: a session's facts from the files that tell
them; which op is the original and which a replay; a turn's totals from its ops; its times from
its ops and its neighbours; a session's totals from its turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import apsw
import msgspec

from ai_viewer.model import Micros, SessionFacts
from ai_viewer.store import database, days
from ai_viewer.store.batch import OpRow
from ai_viewer.store.times import TIMES, WITHIN_TURNS, derive_times
from ai_viewer.store.zones import QUARTER_US

FACT_COLUMNS = tuple("parent_id" if field == "parent" else field for field in SessionFacts.__struct_fields__)
"""Columns of the facts in tables ``session`` and ``session_fact``, in the order of `SessionFacts`."""

_SUMMED = (
    "ops", "llm_calls", "tool_calls", "tool_failures", "failures", "replays", "tokens_in", "tokens_out",
    "tokens_reasoning", "tokens_cache_read", "tokens_cache_write_5m", "tokens_cache_write_1h", "cost_nano",
    "unpriced_calls",
)  # fmt: skip
_TOKENS = tuple(column for column in _SUMMED if column.startswith("tokens_"))

ALL_TOKENS = " + ".join(f"op.{column}" for column in _TOKENS if column != "tokens_reasoning")
"""All tokens of an op, each once."""

UNPRICED = "kind = 'llm' AND op.cost_nano IS NULL AND op.tokens_in IS NOT NULL"
"""Condition on an op: a model call without a known price."""

OP_TOTALS = f"""
    count(*) FILTER (WHERE NOT replay) AS ops,
    count(*) FILTER (WHERE NOT replay AND kind = 'llm') AS llm_calls,
    count(*) FILTER (WHERE NOT replay AND kind = 'tool') AS tool_calls,
    count(*) FILTER (WHERE NOT replay AND kind = 'tool' AND status = 'failed') AS tool_failures,
    count(*) FILTER (WHERE NOT replay AND status = 'failed') AS failures,
    count(*) FILTER (WHERE replay) AS replays,
    {", ".join(f"coalesce(sum({column}) FILTER (WHERE NOT replay), 0) AS {column}" for column in _TOKENS)},
    coalesce(sum(cost_nano) FILTER (WHERE NOT replay), 0) AS cost_nano,
    count(*) FILTER (WHERE NOT replay AND {UNPRICED}) AS unpriced_calls,
    coalesce(max(context_used) FILTER (WHERE NOT replay), 0) AS context_peak
"""
"""A turn's totals over its ops, in the order of `_SUMMED` and context_peak."""

_DERIVE_TURN = f"""
UPDATE turn SET (first_seq, last_seq, {", ".join(_SUMMED)}, context_peak) = (
    SELECT min(seq), max(seq), {OP_TOTALS} FROM op
    WHERE op.session_id = turn.session_id AND op.turn = turn.turn
      AND op.seq BETWEEN min(coalesce(turn.first_seq, ?3), ?3) AND max(coalesce(turn.last_seq, ?4), ?4)
) WHERE session_id = ?1 AND turn = ?2
"""

_DERIVE_SESSION = f"""
UPDATE session SET (turns, {", ".join(_SUMMED + TIMES)}, context_peak, busy_us) = (
    SELECT count(*) FILTER (WHERE turn > 0 AND (ops > 0 OR replays = 0)),
           {", ".join(f"coalesce(sum({column}), 0)" for column in _SUMMED + TIMES)},
           coalesce(max(context_peak), 0),
           coalesce(sum({" + ".join(WITHIN_TURNS)}), 0)
    FROM turn WHERE turn.session_id = session.id
) WHERE id = ?
"""

# The turn's range of seqs is known by now; work without any time belongs to its turn's time.
_ROLL_UP = f"""
SELECT coalesce(coalesce(op.start_ts, op.end_ts, turn.start_ts) / {QUARTER_US}, -1) AS quarter, kind,
    coalesce(name, ''), coalesce(namespace, ''), coalesce(model, ''), coalesce(provider, ''),
    count(*), count(*) FILTER (WHERE op.status = 'failed'),
    {", ".join(f"coalesce(sum(op.{column}), 0)" for column in _TOKENS)},
    coalesce(sum(op.cost_nano), 0),
    count(*) FILTER (WHERE {UNPRICED}),
    coalesce(sum({ALL_TOKENS}) FILTER (WHERE {UNPRICED}), 0),
    count(op.duration_us) FILTER (WHERE timing <> 'point'), coalesce(sum(op.duration_us), 0),
    coalesce(max(context_used), 0), coalesce(max(context_used * 1000 / nullif(context_max, 0)), 0),
    coalesce(max({ALL_TOKENS}), 0), coalesce(max(op.cost_nano), 0), coalesce(max(op.duration_us), 0)
FROM turn JOIN op ON op.session_id = turn.session_id AND op.turn = turn.turn
    AND op.seq BETWEEN turn.first_seq AND turn.last_seq
WHERE turn.session_id = ?1 AND turn.turn = ?2 AND NOT replay
GROUP BY 1, 2, 3, 4, 5, 6
"""
_ROLLUP_KEY = ("quarter", "kind", "name", "namespace", "model", "provider")
_ROLLUP_SUMS = ("ops", "failures", *_TOKENS, "cost_nano", "unpriced_calls", "unpriced_tokens", "timed",
                "duration_us", "context_peak", "context_share", "tokens_max", "cost_max",
                "duration_max")  # fmt: skip
_ROLLUP_COLUMNS = (*_ROLLUP_KEY, *_ROLLUP_SUMS)

_SUMMED_BY = """
SELECT kind, agent, cwd, git_branch, client, status, coalesce(started_at, last_at) FROM session WHERE id = ?
"""
"""Facts by which the sums of days part sessions."""

_NO_SEQ = 2**62
"""Bounds of an empty range of seqs: any real seq is nearer."""


class Touched:
    """What a transaction has touched, and so what must be derived anew at its end."""

    def __init__(self) -> None:
        self.sessions: set[int] = set()
        self.facts: set[int] = set()
        """Sessions of which some file's facts changed."""
        self.calls: set[int] = set()
        """Identities of model calls that came or went."""
        self.turns: dict[tuple[int, int], tuple[int, int]] = {}
        """(session, turn) → the first and last seq of the ops that changed."""
        self.starts: set[tuple[int, Micros]] = set()
        """(session, moment): a turn that changed had started then, before it changed."""
        self.logs: dict[int, set[int]] = {}
        """Session → the numbers of its log entries that came, changed or went."""
        self.first_turns: dict[int, int] = {}
        """Session → the first of its turns that changed, in itself or in its ops."""

        self.whole: set[int] = set()
        """Sessions of which anything may have changed, and so the sums of all of their days."""

    def turn(self, session: int, turn: int, seq: int | None = None) -> None:
        """Note that a turn has changed, and its op ``seq``."""
        self.changed_from(session, turn)
        low, high = self.turns.get((session, turn), (_NO_SEQ, 0))
        if seq is not None:
            low, high = min(low, seq), max(high, seq)
        self.turns[session, turn] = (low, high)

    def ops(self, session: int, ops: Iterable[OpRow]) -> None:
        """Note that these ops have changed, and their turns."""
        spans: dict[int, tuple[int, int]] = {}
        for op in ops:
            low, high = spans.get(op.turn, (op.seq, op.seq))
            spans[op.turn] = (min(low, op.seq), max(high, op.seq))
        for turn, span in spans.items():
            for seq in span:
                self.turn(session, turn, seq)

    def log(self, session: int, n: int) -> None:
        """Note that a log entry came, changed or went."""
        self.logs.setdefault(session, set()).add(n)

    def forget(self, session: int) -> None:
        """Forget a session's turns and log entries, which are gone."""
        self.changed_from(session, 0)
        for key in [key for key in self.turns if key[0] == session]:
            del self.turns[key]
        self.logs.pop(session, None)
        self.whole.add(session)

    def changed_from(self, session: int, turn: int) -> None:
        """Note that anything of a session may have changed from this turn on."""
        self.first_turns[session] = min(turn, self.first_turns.get(session, turn))


def derive(connection: apsw.Connection, touched: Touched) -> dict[int, int | None]:
    """Compute anew all that depends on what was touched.

    Returns the sessions that changed by it, each with the first of its turns that did, if any.
    """
    for session in touched.facts:
        _derive_facts(connection, touched, session)
    _derive_replays(connection, touched)
    changed: dict[int, days.Changes] = defaultdict(days.Changes)
    for (session, turn), (low, high) in touched.turns.items():
        connection.execute("INSERT OR IGNORE INTO turn (session_id, turn) VALUES (?, ?)", (session, turn))
        connection.execute(_DERIVE_TURN, (session, turn, low, high))
        _derive_rollup(connection, session, turn, changed[session])
        changed[session].turns.add(turn)
    for session, turn in derive_times(connection, touched.turns, touched.starts):
        touched.changed_from(session, turn)
        changed[session].turns.add(turn)
    for session, moment in touched.starts:
        changed[session].left.add(moment // QUARTER_US)
    for session in touched.whole:
        days.derive_session(connection, session)
    for session in changed.keys() - touched.whole:
        days.derive_changed(connection, session, changed[session])
    touched.sessions.update(session for session, _ in touched.turns)
    connection.executemany(_DERIVE_SESSION, [(session,) for session in touched.sessions])
    return {
        session: touched.first_turns.get(session) for session in _with_ancestors(connection, touched.sessions)
    }


def derive_all(connection: apsw.Connection) -> None:
    """Compute anew all that is derived, for every session: for migrations."""
    touched = Touched()
    touched.facts.update(
        session for (session,) in database.rows(connection, "SELECT DISTINCT session_id FROM session_fact")
    )
    touched.calls.update(
        call for (call,) in database.rows(connection, "SELECT DISTINCT call FROM op WHERE call IS NOT NULL")
    )
    for session, turn, low, high in database.rows(
        connection,
        "SELECT session_id, turn, coalesce(min(seq), 0), coalesce(max(seq), 0) FROM turn"
        " LEFT JOIN op USING (session_id, turn) GROUP BY session_id, turn",
    ):
        touched.turn(session, turn, low)
        touched.turn(session, turn, high)
    derive(connection, touched)


def _derive_facts(connection: apsw.Connection, touched: Touched, session: int) -> None:
    """Of each fact, believe the best file that tells it; link the op that ran this session.

    Who tells the op that ran it knows whose op that is: both are believed together.
    """
    columns = FACT_COLUMNS
    rows = connection.execute(
        f"SELECT {', '.join(columns)} FROM session_fact JOIN file ON file.id = file_id"
        " JOIN source ON source.id = source_id WHERE session_id = ? ORDER BY rank, missing, path, root",
        (session,),
    ).fetchall()
    facts: dict[str, Any] = {
        column: next((row[i] for row in rows if row[i] is not None), None) for i, column in enumerate(columns)
    }
    parent, op = columns.index("parent_id"), columns.index("parent_op")
    pairs = (row for row in rows if row[parent] is not None and row[op] is not None)
    if (pair := next(pairs, None)) is not None:
        facts["parent_id"], facts["parent_op"] = pair[parent], pair[op]
    facts["kind"] = facts["kind"] or "root"
    facts["status"] = facts["status"] or "running"
    if facts["parent_id"] == session:
        facts["parent_id"] = None
    _unlink(connection, touched, session, (facts["parent_id"], facts["parent_op"]))
    before = database.row(connection, _SUMMED_BY, (session,))
    connection.execute(
        f"UPDATE session SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?",
        (*(facts[column] for column in columns), session),
    )
    if database.row(connection, _SUMMED_BY, (session,)) != before:
        touched.whole.add(session)
    if facts["parent_id"] is not None and facts["parent_op"] is not None:
        linked = database.rows(
            connection,
            "UPDATE op SET child_id = ? WHERE session_id = ? AND native_id = ? AND kind = 'session'"
            " AND child_id IS NULL RETURNING turn, seq",
            (session, facts["parent_id"], facts["parent_op"]),
        )
        for turn, seq in linked:
            touched.turn(facts["parent_id"], turn, seq)


def _unlink(
    connection: apsw.Connection, touched: Touched, session: int, link: tuple[int | None, str | None]
) -> None:
    """Of an op that the session does not name any more as the one that ran it, forget that it did."""
    before = connection.execute(
        "SELECT parent_id, parent_op FROM session WHERE id = ? AND parent_op IS NOT NULL", (session,)
    ).fetchone()
    if before is None or before == link:
        return
    unlinked = database.rows(
        connection,
        "UPDATE op SET child_id ="
        " (SELECT id FROM session WHERE parent_id = ?2 AND parent_op = ?3 AND id <> ?1)"
        " WHERE session_id = ?2 AND native_id = ?3 AND kind = 'session' AND child_id = ?1"
        " RETURNING turn, seq",
        (session, *before),
    )
    for turn, seq in unlinked:
        touched.turn(before[0], turn, seq)


def _derive_replays(connection: apsw.Connection, touched: Touched) -> None:
    """Of the ops that are one model call, the earliest is the original and the others its replays."""
    shared = database.rows(
        connection,
        "SELECT call FROM op WHERE call IN (SELECT value FROM json_each(?))"
        " GROUP BY call HAVING count(*) > 1 OR max(replay) <> max(copied)",
        (msgspec.json.encode(sorted(touched.calls)).decode(),),
    )
    for (call,) in shared:
        ops = database.rows(
            connection,
            "SELECT session_id, turn, seq, replay, copied FROM op JOIN session ON session.id = session_id"
            " WHERE call = ? ORDER BY copied, start_ts IS NULL, start_ts, session.native_id, seq",
            (call,),
        )
        for place, (session, turn, seq, replay, copied) in enumerate(ops):
            truth = int(place > 0 or copied)
            if truth != replay:
                connection.execute(
                    "UPDATE op SET replay = ? WHERE session_id = ? AND seq = ?", (truth, session, seq)
                )
                touch_whole_turn(connection, touched, session, turn, seq)
    with_replays = {
        session: database.one(
            connection,
            "SELECT EXISTS (SELECT 1 FROM op WHERE session_id = ? AND replay)",
            (session,),
        )
        for session in {session for session, _ in touched.turns}
    }
    for (session, turn), (low, high) in touched.turns.items():
        if with_replays[session]:
            _derive_parts(connection, session, turn, low, high)


def touch_whole_turn(
    connection: apsw.Connection, touched: Touched, session: int, turn: int, seq: int
) -> None:
    """Note that an op has changed in a way that concerns all of its turn."""
    bounds = connection.execute(
        "SELECT first_seq, last_seq FROM turn WHERE session_id = ? AND turn = ?", (session, turn)
    ).fetchone() or (None, None)
    for place in (seq, *bounds):
        if place is not None:
            touched.turn(session, turn, place)


def _derive_rollup(connection: apsw.Connection, session: int, turn: int, changes: days.Changes) -> None:
    """Sum a turn's ops up anew, write the rows that differ, and note the quarters whose rows did."""
    columns, keys = ", ".join(_ROLLUP_COLUMNS), len(_ROLLUP_KEY)
    truth = set(database.rows(connection, _ROLL_UP, (session, turn)))
    stored = set(
        database.rows(
            connection, f"SELECT {columns} FROM rollup WHERE session_id = ? AND turn = ?", (session, turn)
        )
    )
    gone = {row[:keys] for row in stored} - {row[:keys] for row in truth}
    connection.executemany(
        "DELETE FROM rollup WHERE session_id = ? AND turn = ?"
        f" AND ({', '.join(_ROLLUP_KEY)}) = ({', '.join('?' * keys)})",
        [(session, turn, *key) for key in gone],
    )
    connection.executemany(
        f"INSERT OR REPLACE INTO rollup (session_id, turn, {columns})"
        f" VALUES (?, ?, {', '.join('?' * len(_ROLLUP_COLUMNS))})",
        [(session, turn, *row) for row in truth - stored],
    )
    there = {row[0] for row in truth}
    for quarter in {row[0] for row in truth ^ stored}:
        (changes.quarters if quarter in there else changes.left).add(quarter)


def _derive_parts(connection: apsw.Connection, session: int, turn: int, low: int, high: int) -> None:
    """What belongs to a model call, its tools and reasoning, is a replay if the call is."""
    connection.execute(
        "UPDATE op SET replay = truth.replay FROM ("
        "  SELECT part.seq, max(part.copied, coalesce(call.replay, 0)) AS replay FROM op AS part"
        "  LEFT JOIN op AS call ON call.session_id = part.session_id AND call.seq = part.parent_seq"
        "  WHERE part.session_id = ?1 AND part.seq BETWEEN ?3 AND ?4 AND part.turn = ?2"
        "    AND part.parent_seq IS NOT NULL AND (call.seq IS NOT NULL OR part.call IS NULL)"
        ") AS truth WHERE op.session_id = ?1 AND op.seq = truth.seq AND op.replay <> truth.replay",
        (session, turn, low, high),
    )


def _with_ancestors(connection: apsw.Connection, sessions: Iterable[int]) -> set[int]:
    """The sessions and those that started them: their totals with sub-agents change as well."""
    found = set(sessions)
    for session in sessions:
        rows = connection.execute(
            "WITH RECURSIVE up(id) AS (SELECT ? UNION SELECT parent_id FROM session JOIN up USING (id)"
            " WHERE parent_id IS NOT NULL) SELECT id FROM up",
            (session,),
        )
        found.update(row for (row,) in rows)
    return found
