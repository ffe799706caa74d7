"""Sums of whole days, so that statistics over years read thousands of rows and not millions.

Table ``tally`` has, for each dimension alone (and for all ops together), the sums by its keys and by the
quarter of an hour, the hour and the day (UTC). They exist for sealed days; for the few others, today above
all, the same rows are computed when asked (`_cells` is the one statement for both). What needs two
dimensions, or a filter that is no dimension, is summed up from the rows of table ``rollup``.

How many sessions and turns there are cannot be added up over time: one that goes on past midnight would
count twice. So these are counted by when the same was seen ``before``:

    slot  key   before   sessions
    100   Bash  none     3         three sessions used it for the first time
    101   Bash  100      1         one that had used it at 100 used it again
    101   Bash  none     2

From 101 on that is three sessions, from 100 on five: those whose ``before`` lies outside of the window.
Whoever seals a day follows `ai_viewer.store.days`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw
import msgspec

from ai_viewer.store import database
from ai_viewer.store import sums as rows_of
from ai_viewer.store.days import DAY, NO_DAY, SESSION_QUARTER, TURN_HAS_WORK, TURN_QUARTER
from ai_viewer.store.rows import Record, records
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import (
    CONTEXT_SHARE,
    FIELDS,
    KEYS,
    MERGED,
    NAMESPACES,
    OF_OPS,
    OF_PARTS,
    OF_TURNS,
    By,
    Key,
    Work,
)

HOUR = 4
_QUARTER = 1
_ALL = "all"
_NEVER = -3
"""``before`` of what was not seen before; `_SUMS` of what may be added up; -1: at no known time."""
_SUMS = -2
_MOST_UNSEALED = 3
"""Days that are summed up when asked; with more it is quicker to read all rows."""
_END = 2**40

_COUNTS = ("sessions", "sessions_completed", "sessions_failed", "turns")
_VALUES = tuple(dict.fromkeys(name for name in (*FIELDS, CONTEXT_SHARE, *NAMESPACES) if name not in _COUNTS))
_COLUMNS = (*_COUNTS, *_VALUES)
_DISTINCT = frozenset((*OF_PARTS, "turns"))
_DIMENSIONS: tuple[str, ...] = (_ALL, *KEYS)
_KEY_COLUMNS = ("kind", "name", "namespace", "model", "provider", "quarter")
_ROLLUP_COLUMNS = (
    "ops", "failures", "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cache_read",
    "tokens_cache_write_5m", "tokens_cache_write_1h", "cost_nano", "unpriced_calls", "unpriced_tokens",
    "timed", "duration_us", "context_peak", "context_share",
)  # fmt: skip


def sums(
    connection: apsw.Connection,
    work: Work,
    keys: Sequence[Key] = (),
    fields: Iterable[str] = FIELDS,
    **bindings: Any,
) -> list[Record]:
    """Return what `ai_viewer.store.sums.sums` does, from the sums of whole days where these tell it."""
    fields = tuple(fields)
    question = _question(connection, work, keys, fields)
    if question is None:
        return rows_of.sums(connection, work, keys, fields, **bindings)
    sql, given = question
    return list(records(connection, sql, {**given, **bindings}))


def seal(connection: apsw.Connection, before: int) -> bool:
    """Seal the latest unsealed day that ended before the day ``before``; return whether there was one.

    Call it outside of a transaction, and again until there is none.
    """
    with connection:
        day = database.one(connection, "SELECT max(day) FROM day WHERE NOT sealed AND day < ?", (before,))
        if day is None:
            return False
        given = _day_bindings(day)
        connection.execute(f"CREATE TEMP TABLE sealing AS {_by_session(_key(_ALL), _OF_DAY)}", given)
        for dimension in _DIMENSIONS:
            key = _key(dimension)
            _seal(
                connection,
                dimension,
                _cells(dimension, _OF_DAY) if key.level == "op" else _summed_up(key, "sealing"),
                given,
            )
        connection.execute("DROP TABLE temp.sealing")
        connection.execute("UPDATE day SET sealed = 1 WHERE day = ?", (day,))
    return True


def wrong_days(connection: apsw.Connection, *, every: int = 1) -> list[int]:
    """Return the sealed days, of ``every`` so many one, whose sums are not those of their rows."""
    found = []
    for (day,) in database.rows(connection, "SELECT day FROM day WHERE sealed ORDER BY day")[::every]:
        if any(_differs(connection, dimension, day) for dimension in _DIMENSIONS):
            found.append(day)
    return found


def _differs(connection: apsw.Connection, dimension: str, day: int) -> bool:
    given = {"dimension": dimension, **_day_bindings(day)}
    columns = ", ".join(("slot", "key", "before", *_COLUMNS))
    for width in _widths(dimension):
        given["width"] = width
        truth = _widened(f"SELECT * FROM ({_cells(dimension, _OF_DAY)})")
        stored = f"SELECT {columns} FROM tally WHERE dimension = :dimension AND width = :width AND {_SLOTS}"
        if set(database.rows(connection, truth, given)) != set(database.rows(connection, stored, given)):
            return True
    return False


def _widths(dimension: str) -> tuple[int, ...]:
    # By quarters of an hour every dimension would have nearly as many rows as there are in table rollup.
    return (_QUARTER, HOUR, DAY) if dimension == _ALL else (HOUR, DAY)


_OF_DAY = "q BETWEEN :first AND :last"


def _day_bindings(day: int) -> dict[str, Any]:
    first = NO_DAY if day == NO_DAY else day * DAY
    last = NO_DAY if day == NO_DAY else first + DAY - 1
    return {
        "days": msgspec.json.encode([day]).decode(),
        "first": first,
        "last": last,
        "low": NO_DAY,  # what was seen before that day matters as well
        "high": last,
    }


def _seal(connection: apsw.Connection, dimension: str, cells: str, day: dict[str, Any]) -> None:
    connection.execute(f"CREATE TEMP TABLE quarters AS {cells}", day)
    for width in _widths(dimension):
        given = {"dimension": dimension, "width": width, **day}
        connection.execute(
            f"DELETE FROM tally WHERE dimension = :dimension AND width = :width AND {_SLOTS}", given
        )
        connection.execute(
            f"INSERT INTO tally (dimension, width, slot, key, before, {', '.join(_COLUMNS)})"
            f" SELECT :dimension, :width, * FROM ({_widened('SELECT * FROM temp.quarters')})",
            given,
        )
    connection.execute("DROP TABLE temp.quarters")


_SLOTS = "slot BETWEEN iif(:first < 0, -1, :first / :width) AND iif(:last < 0, -1, :last / :width)"
"""The slots of a day."""


def _widened(cells: str) -> str:
    """SQL for cells of ``:width`` quarters, from those of one."""
    # Of a slot's quarters the first in which something is seen tells when it was seen before.
    return f"""
        SELECT iif(c.slot < 0, -1, c.slot / :width) AS slot, key, before, {", ".join(map(_merge, _COLUMNS))}
        FROM ({cells}) AS c WHERE c.slot < 0 OR before < c.slot / :width * :width GROUP BY 1, 2, 3
    """


def _cells(dimension: str, only: str = "true", of_session: str = "true") -> str:
    """SQL for the cells of quarters, of sessions that have work on the days ``:days`` (JSON)."""
    key = _key(dimension)
    cells = _by_session(key if key.level == "op" else _key(_ALL), only, of_session)
    return _summed_up(key, f"({cells})")


def _key(dimension: str) -> Key:
    return Key("session", "''") if dimension == _ALL else KEYS[By(dimension)]


def _summed_up(key: Key, cells: str) -> str:
    """SQL that sums up cells of single sessions, a table in SQL, by a key."""
    named = "c.key" if key.level == "op" else key.sql
    return f"""
        SELECT slot, {named} AS key, before, coalesce(sum(c.sessions), 0) AS sessions,
            coalesce(sum(c.sessions) FILTER (WHERE s.status = 'completed'), 0) AS sessions_completed,
            coalesce(sum(c.sessions) FILTER (WHERE s.status = 'failed'), 0) AS sessions_failed,
            {", ".join(f"{_merge(name)} AS {name}" for name in ("turns", *_VALUES))}
        FROM {cells} AS c CROSS JOIN session AS s ON s.id = c.session_id GROUP BY 1, 2, 3
    """


def _by_session(key: Key, only: str = "true", of_session: str = "true") -> str:
    """SQL for each session's cells by a key of ops, or by none: of quarters ``q`` for which ``only`` holds.

    Only what lies in the window from ``:low`` to ``:high`` is seen, and only sessions ``s`` for which
    ``of_session`` holds.
    """
    with_turns = key.level != "op"
    columns = sorted({*_KEY_COLUMNS, *_ROLLUP_COLUMNS})
    turns = f"""
        , t0 AS MATERIALIZED (
            SELECT t.*, coalesce({TURN_QUARTER}, {SESSION_QUARTER}, -1) AS q, '' AS key
            FROM active CROSS JOIN turn AS t ON t.session_id = active.id
            CROSS JOIN session AS s ON s.id = active.id
            WHERE {TURN_HAS_WORK} AND q BETWEEN :low AND :high
        )
    """
    ops = [OF_OPS.get(name, _nothing(name)) for name in _VALUES]
    times = [OF_TURNS.get(name, _nothing(name)) for name in _VALUES]
    nothing = ", ".join(_nothing(name) for name in _VALUES)
    of_turns = f"""
        UNION ALL SELECT session_id, q, key, {_SUMS}, 0, 0, {", ".join(times)} FROM t0 AS r
        WHERE {only} GROUP BY session_id, q, key
    """
    session_keys = "PARTITION BY session_id, key ORDER BY q"
    turn_keys = "PARTITION BY session_id, turn, key ORDER BY q"
    return f"""
        WITH days (day) AS (SELECT value FROM json_each(:days)),
        active (id) AS MATERIALIZED (
            SELECT DISTINCT s.id FROM days CROSS JOIN session_day USING (day)
            CROSS JOIN session AS s ON s.id = session_id
            WHERE s.owner_file IS NOT NULL AND {of_session}
        ),
        r0 AS MATERIALIZED (
            SELECT r.session_id, r.turn, {", ".join(f"r.{column}" for column in columns)},
                coalesce(iif(r.quarter >= 0, r.quarter, {SESSION_QUARTER}), -1) AS q, {key.sql} AS key
            FROM active CROSS JOIN rollup AS r ON r.session_id = active.id
            CROSS JOIN session AS s ON s.id = active.id
            WHERE {key.only} AND q BETWEEN :low AND :high
        )
        {turns if with_turns else ""},
        seen AS (
            SELECT session_id, key, q FROM r0
            {"UNION SELECT session_id, key, q FROM t0" if with_turns else "GROUP BY 1, 2, 3"}
        ),
        session_seen AS (
            SELECT session_id, key, q, coalesce(lag(q) OVER ({session_keys}), {_NEVER}) AS before FROM seen
        ),
        turn_at AS (
            SELECT session_id, turn, key, q FROM r0 WHERE turn > 0 GROUP BY 1, 2, 3, 4
            {"UNION SELECT session_id, turn, key, q FROM t0 WHERE turn > 0 AND ops = 0" if with_turns else ""}
        ),
        turn_seen AS (
            SELECT session_id, key, q, coalesce(lag(q) OVER ({turn_keys}), {_NEVER}) AS before FROM turn_at
        )
        SELECT session_id, q AS slot, key, before, 1 AS sessions, 0 AS turns, {
        ", ".join(f"{_nothing(name)} AS {name}" for name in _VALUES)
    }
        FROM session_seen WHERE {only}
        UNION ALL
        SELECT session_id, q, key, before, 0, count(*), {nothing}
        FROM turn_seen WHERE {only} GROUP BY session_id, q, key, before
        UNION ALL
        SELECT session_id, q, key, {_SUMS}, 0, 0, {", ".join(ops)} FROM r0 AS r
        WHERE {only} GROUP BY session_id, q, key
        {of_turns if with_turns else ""}
    """


def _question(
    connection: apsw.Connection, work: Work, keys: Sequence[Key], fields: tuple[str, ...]
) -> tuple[str, dict[str, Any]] | None:
    """The statement and its bindings; ``None`` if the sums of days do not tell it."""
    filters = _filters(work)
    named = [key for key in keys if key.level != "time"]
    times = [key for key in keys if key.level == "time"]
    if filters is None or len(named) > 1 or len(times) > 1 or not all(key.dimension for key in named):
        return None
    dimensions = {*filters, *(key.dimension for key in named)}
    distinct = bool(_DISTINCT & set(fields))
    if len(dimensions) > 1 or (distinct and not all(key.counts for key in keys)):
        return None
    dimension = next(iter(dimensions), _ALL) or _ALL
    first, last = work.first_quarter, work.last_quarter
    unsealed = _unsealed(connection, first, last)
    if len(unsealed) > _MOST_UNSEALED:
        return None
    widths = [DAY, HOUR, _QUARTER] if not times else [HOUR, _QUARTER] if times[0].whole_hours else [_QUARTER]
    if not set(widths) & set(_widths(dimension)):
        return None
    low = NO_DAY if first is None and last is None else first or 0
    high = _END if last is None else last
    if low > high:
        return None
    inner, days, live = [], list(unsealed), [f"iif(q < 0, {NO_DAY}, q / {DAY}) IN ({_listed(unsealed)})"]
    for width, start, end in _cover(low, high, widths):
        if width in _widths(dimension):
            inner.append(_stored(width, start, end, unsealed))
        else:
            days += [start // DAY, end // DAY]
            live.append(f"q BETWEEN {start} AND {end}")
    if days:
        narrow = filters and KEYS[By(dimension)].level == "session"
        of_session = f"{KEYS[By(dimension)].sql} = :cell_key" if narrow else "true"
        cells = _cells(dimension, f"({' OR '.join(live)})", of_session)
        inner.append(f"SELECT slot, key, before, {', '.join(_COLUMNS)} FROM ({cells})")
    partial = dimension != _ALL and KEYS[By(dimension)].level == "op"
    timed = work.bounded or bool(times)
    if not timed and not partial:
        inner.append(_without_work(dimension))
    floor = "c.before < :floor"
    selected = []
    for number, key in enumerate(keys):
        if key.time is None:
            selected.append(f"{key.cell} AS k{number}")
            continue
        bucket = f"CASE WHEN c.quarter >= 0 THEN {key.time('c.quarter')} END"
        before = f"CASE WHEN c.before >= 0 THEN {key.time('c.before')} END"
        selected.append(f"{bucket} AS k{number}")
        if distinct:
            floor = f"({floor} OR {before} IS NOT {bucket})"
    selected += [f"{_merge(name)} AS {name}" for name in fields]
    conditions = [floor, *(["c.key = :cell_key"] if filters else [])]
    grouped = f"GROUP BY {', '.join(str(number + 1) for number in range(len(keys)))}" if keys else ""
    if keys and timed and not (set(fields) & {*OF_TURNS, *OF_PARTS}):
        grouped += " HAVING sum(c.ops) > 0"
    sql = f"""
        SELECT {", ".join(selected)} FROM ({" UNION ALL ".join(inner)}) AS c
        WHERE {" AND ".join(conditions)} {grouped}
    """
    return sql, {
        "dimension": dimension,
        "cell_key": next(iter(filters.values()), None),
        "days": msgspec.json.encode(days).decode(),
        "low": low,
        "high": high,
        "floor": first if first is not None else 0 if last is not None else NO_DAY,
    }


def _filters(work: Work) -> dict[str, str] | None:
    """What is asked for by dimension; ``None`` if it is more than that."""
    asked = msgspec.to_builtins(work.sessions)
    if (work.tree and asked) or work.ops is not None:
        return None
    if not asked.keys() <= {"format", "agent", "project", "status"}:
        return None
    asked |= {
        name: value
        for name in ("kind", "tool", "namespace", "model", "provider")
        if (value := getattr(work, name)) is not None
    }
    if work.sessions != SessionFilter() and len(asked) > 1:
        return None
    return {name: str(value) for name, value in asked.items()}


def _unsealed(connection: apsw.Connection, first: int | None, last: int | None) -> list[int]:
    low = NO_DAY if first is None and last is None else (first or 0) // DAY
    high = _END if last is None else last // DAY
    return [
        day
        for (day,) in database.rows(
            connection, "SELECT day FROM day WHERE NOT sealed AND day BETWEEN ? AND ?", (low, high)
        )
    ]


def _cover(low: int, high: int, widths: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (width, first slot, last slot) that together are a window: few and wide ones."""
    width, *finer = widths
    first = NO_DAY if low < 0 else -(-low // width)
    last = _END if high == _END else (high + 1) // width - 1
    if first > last:
        yield from _cover(low, high, finer)
        return
    yield width, first, last
    if low >= 0 and first * width > low:
        yield from _cover(low, first * width - 1, finer)
    if high < _END and (last + 1) * width <= high:
        yield from _cover((last + 1) * width, high, finer)


def _stored(width: int, first: int, last: int, unsealed: list[int]) -> str:
    """SQL for cells of sealed days."""
    return f"""
        SELECT iif(slot < 0, -1, slot * {width}) AS quarter, key, before, {", ".join(_COLUMNS)} FROM tally
        WHERE dimension = :dimension AND width = {width} AND slot BETWEEN {first} AND {last}
            AND iif(slot < 0, {NO_DAY}, slot / {DAY // width}) NOT IN ({_listed(unsealed)})
    """


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _without_work(dimension: str) -> str:
    """SQL for the sessions that have no work at all; without a window they are counted as well."""
    key = "''" if dimension == _ALL else KEYS[By(dimension)].sql
    nothing = ", ".join(_nothing(name) for name in ("turns", *_VALUES))
    return f"""
        SELECT -1, {key}, {_SUMS}, 1, s.status = 'completed', s.status = 'failed', {nothing}
        FROM session AS s WHERE s.ops = 0 AND s.owner_file IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM session_day WHERE session_id = s.id)
    """


def _nothing(name: str) -> str:
    return "NULL" if name in MERGED else "0"


def _merge(name: str) -> str:
    return f"{MERGED[name]}(c.{name})" if name in MERGED else f"coalesce(sum(c.{name}), 0)"
