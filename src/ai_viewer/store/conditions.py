"""Conditions of a query as SQL, for texts and for sessions.

The SQL is ours, joined from the tables below; what the user typed is always bound.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ai_viewer.model import Micros
from ai_viewer.query import Comparison, Condition, Field, Query, QueryError, moment

_TOKENS = ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write_5m", "tokens_cache_write_1h")

TEXT_AT = "coalesce(d.ts, op.start_ts, op.end_ts, t.start_ts, t.end_ts, s.started_at, s.last_at)"
"""When a text was: its op's or turn's start.

Aliases: ``d`` is the text; ``s``, ``t`` and ``op`` are the session, turn and op that it is of.
"""
TEXT_IS_REPLAY = "coalesce(op.replay, t.ops = 0 AND t.replays > 0, 0)"
TEXT_STATUS = "coalesce(op.status, t.status, s.status)"

_OF_TEXTS: dict[Field, str] = {
    Field.KIND: "d.kind",
    Field.TOOL: "CASE WHEN op.kind IN ('tool', 'session') THEN op.name END",
    Field.NAME: "op.name",
    Field.MODEL: "coalesce(op.model, s.model)",
    Field.PROVIDER: "coalesce(op.provider, s.provider)",
    Field.AGENT: "s.agent",
    Field.FORMAT: "s.format",
    Field.BRANCH: "s.git_branch",
    Field.STATUS: TEXT_STATUS,
    Field.AFTER: TEXT_AT,
    Field.BEFORE: TEXT_AT,
    Field.DURATION: "op.duration_us",
    Field.COST: "op.cost_nano",
    Field.TOKENS: "CASE WHEN op.tokens_in IS NOT NULL THEN "
    + " + ".join(f"coalesce(op.{column}, 0)" for column in _TOKENS)
    + " END",
    Field.CONTEXT: "op.context_used",
}
_STATES_OF_TEXTS = {
    "failed": f"{TEXT_STATUS} = 'failed'",
    "running": f"{TEXT_STATUS} = 'running'",
    "replay": TEXT_IS_REPLAY,
}

_OF_SESSIONS: dict[Field, str] = {
    Field.AGENT: "s.agent",
    Field.FORMAT: "s.format",
    Field.BRANCH: "s.git_branch",
    Field.STATUS: "s.status",
    Field.AFTER: "s.last_at",
    Field.BEFORE: "s.last_at",
    Field.DURATION: "s.busy_us",
    Field.COST: "s.cost_nano",
    Field.TOKENS: " + ".join(f"s.{column}" for column in _TOKENS),
    Field.CONTEXT: "nullif(s.context_peak, 0)",
}
_USED_IN_SESSIONS = {
    Field.TOOL: ("rollup.kind IN ('tool', 'session')", "rollup.name"),
    Field.NAME: ("true", "rollup.name"),
    Field.MODEL: ("true", "rollup.model"),
    Field.PROVIDER: ("true", "rollup.provider"),
}
"""What a session's work is summed up by."""
_STATES_OF_SESSIONS = {
    "failed": "(s.failures > 0 OR s.status = 'failed')",
    "running": "s.status = 'running'",
    "replay": "s.replays > 0",
}

_OF_OPS = {
    Field.TOOL: ("r.kind = 'tool'", "coalesce(nullif(r.name, ''), 'unknown')"),
    Field.NAME: ("r.kind IN ('tool', 'session')", "coalesce(nullif(r.name, ''), 'unknown')"),
    Field.MODEL: ("r.kind = 'llm'", "coalesce(nullif(r.model, ''), 'unknown')"),
    Field.PROVIDER: ("r.kind = 'llm'", "coalesce(nullif(r.provider, ''), 'unknown')"),
}
"""Which ops have it, and where; as the dimensions of the statistics."""

OF_A_SESSION = frozenset({Field.PROJECT, Field.AGENT, Field.FORMAT, Field.BRANCH, Field.SESSION})
"""Fields that a text has from its session."""


class Where(msgspec.Struct):
    """Conditions joined by AND, with their values."""

    sql: list[str] = msgspec.field(default_factory=list)
    bindings: dict[str, Any] = msgspec.field(default_factory=dict)
    prefix: str = "q"

    def bind(self, value: Any) -> str:
        """Bind a value; return its place in the SQL."""
        name = f"{self.prefix}{len(self.bindings)}"
        self.bindings[name] = value
        return f":{name}"

    def add(self, condition: Condition, sql: str) -> None:
        """Add a condition; what is not known is not so."""
        self.sql.append(f"{'NOT ' if condition.negated else ''}coalesce(({sql}), 0)")

    def __str__(self) -> str:
        return " AND ".join(self.sql) or "true"


def of_texts(query: Query, now: Micros) -> Where:
    """Return the conditions on a text."""
    where = Where()
    for condition in query.conditions:
        field = condition.field
        if field is Field.IS:
            sql = " OR ".join(_STATES_OF_TEXTS[value] for value in condition.values)
        elif field in OF_A_SESSION - _OF_TEXTS.keys():
            sql = _of_session(where, condition)
        elif field is Field.CONTEXT:
            sql = _context(where, condition)
        else:
            sql = _compare(where, condition, _OF_TEXTS[field], now)
        where.add(condition, sql)
    return where


def of_sessions(query: Query, now: Micros) -> Where:
    """Return the conditions on a session, alias ``s``.

    Raises:
        QueryError: if a condition is one on texts or single ops only.
    """
    where = Where()
    for condition in query.conditions:
        field = condition.field
        if field is Field.KIND or any(one.unit == "%" for one in condition.comparisons):
            raise QueryError(f"{field}: with this value is asked of single texts, not of sessions", 0)
        if field is Field.IS:
            sql = " OR ".join(_STATES_OF_SESSIONS[value] for value in condition.values)
        elif field in _USED_IN_SESSIONS:
            kinds, column = _USED_IN_SESSIONS[field]
            sql = (
                f"EXISTS (SELECT 1 FROM rollup WHERE session_id = s.id AND {kinds}"
                f" AND ({_compare(where, condition, column, now)}))"
            )
            if field in {Field.MODEL, Field.PROVIDER}:
                sql += f" OR {_compare(where, condition, f's.{field}', now)}"
        elif field in OF_A_SESSION - _OF_SESSIONS.keys():
            sql = _of_session(where, condition)
        else:
            sql = _compare(where, condition, _OF_SESSIONS[field], now)
        where.add(condition, sql)
    return where


def of_ops(query: Query) -> Where:
    """Return the conditions on ``r``, an op or a row of table ``rollup``.

    A negated one lets all through that it is not about: without a tool there are still model calls.

    Raises:
        QueryError: if something is asked that sums are not parted by.
    """
    where = Where(prefix="o")
    for condition in query.conditions:
        if condition.field not in _OF_OPS:
            raise QueryError(
                f"{condition.field}: is not asked of ops here; there are "
                f"{', '.join(f'{field}:' for field in _OF_OPS)}",
                0,
            )
        kinds, column = _OF_OPS[condition.field]
        where.add(condition, f"{kinds} AND ({_compare(where, condition, column, 0)})")
    if query.terms:
        raise QueryError("words are not looked for in ops here", 0)
    return where


def _compare(where: Where, condition: Condition, column: str, now: Micros) -> str:
    field = condition.field
    if field is Field.AFTER:
        return " OR ".join(f"{column} >= {where.bind(moment(value, now))}" for value in condition.values)
    if field is Field.BEFORE:
        return " OR ".join(f"{column} < {where.bind(moment(value, now))}" for value in condition.values)
    parts = [_matches(where, column, value) for value in condition.values]
    parts += [f"{column} {one.sign} {where.bind(_bounded(one, field))}" for one in condition.comparisons]
    return " OR ".join(parts)


def _context(where: Where, condition: Condition) -> str:
    return " OR ".join(
        # Thousandths of a per cent.
        f"op.context_used * 100000 {one.sign} {where.bind(_bounded(one, Field.CONTEXT))} * op.context_max"
        if one.unit == "%"
        else f"op.context_used {one.sign} {where.bind(_bounded(one, Field.CONTEXT))}"
        for one in condition.comparisons
    )


def _of_session(where: Where, condition: Condition) -> str:
    parts = []
    for value in condition.values:
        if condition.field is Field.SESSION:
            beginning = where.bind(_glob(value) + "*")
            names = ["s.native_id"]
            if ":" in value:
                names.append("s.format || ':' || s.native_id")
            parts += [f"lower({name}) GLOB {beginning}" for name in names]
        else:
            folder = _glob(value.replace("\\", "/").rstrip("/") or "/")
            path = "lower(replace(s.cwd, char(92), '/'))"
            parts += [
                f"{path} GLOB {where.bind(pattern)}" for pattern in (folder, f"*/{folder}", f"{folder}/*")
            ]
    return " OR ".join(parts)


def _matches(where: Where, column: str, value: str) -> str:
    if "*" in value:
        return f"lower({column}) GLOB {where.bind(_glob(value))}"
    return f"lower({column}) = {where.bind(value.lower())}"


def _glob(value: str) -> str:
    """A value as a GLOB pattern, in which only ``*`` has a meaning of its own."""
    return value.lower().replace("[", "[[]").replace("?", "[?]")


def _bounded(comparison: Comparison, field: Field) -> int:
    """The number, if SQLite can hold it; else its greatest, which nothing reaches."""
    return min(comparison.value(field), 2**63 - 1)
