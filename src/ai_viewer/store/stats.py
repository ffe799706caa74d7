"""Sums over everything: by source, model, tool, agent, project or day.

Copies of other sessions' work (replays) count in nothing. Sources, agents, projects and days
part all ops between them; models part the model calls, tools the tool calls. An op belongs
to the day on which it started, in this machine's time zone.
"""

from __future__ import annotations

import enum

import apsw
import msgspec

from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.views import Stats, StatsGroup, StatsTotals

UNKNOWN = "unknown"
"""The group of what tells no model, project or time."""
MAIN_AGENT = "main"
"""The group of sessions that are no sub-agent's."""


class By(enum.StrEnum):
    """What to sum up by."""

    SOURCE = "source"
    MODEL = "model"
    TOOL = "tool"
    AGENT = "agent"
    PROJECT = "project"
    DAY = "day"


# A session's own sums are kept in its row: groups of whole sessions need no op.
_OF_SESSIONS = """
SELECT {key} AS key, count(*) AS sessions,
    sum(turns) AS turns, sum(ops) AS ops, sum(llm_calls) AS llm_calls, sum(tool_calls) AS tool_calls,
    sum(tool_failures) AS tool_failures, sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out,
    sum(tokens_cache_read) AS tokens_cache_read,
    sum(tokens_cache_write_5m + tokens_cache_write_1h) AS tokens_cache_write,
    sum(cost_nano) AS cost_nano, sum(unpriced_calls) AS unpriced_calls
FROM session {join} WHERE owner_file IS NOT NULL GROUP BY 1
"""

_SUMS_OF_OPS = """
    count(*) AS ops,
    count(*) FILTER (WHERE kind = 'llm') AS llm_calls,
    count(*) FILTER (WHERE kind = 'tool') AS tool_calls,
    count(*) FILTER (WHERE kind = 'tool' AND status = 'failed') AS tool_failures,
    coalesce(sum(tokens_in), 0) AS tokens_in,
    coalesce(sum(tokens_out), 0) AS tokens_out,
    coalesce(sum(tokens_cache_read), 0) AS tokens_cache_read,
    coalesce(sum(tokens_cache_write_5m), 0) + coalesce(sum(tokens_cache_write_1h), 0) AS tokens_cache_write,
    coalesce(sum(cost_nano), 0) AS cost_nano,
    count(*) FILTER (WHERE kind = 'llm' AND cost_nano IS NULL AND tokens_in IS NOT NULL) AS unpriced_calls
"""

_SUMMED = (
    "turns", "ops", "llm_calls", "tool_calls", "tool_failures", "tokens_in", "tokens_out",
    "tokens_cache_read", "tokens_cache_write", "cost_nano", "unpriced_calls",
)  # fmt: skip

# A turn may have ops in several groups; it then counts in each.
_OF_OPS = f"""
WITH part AS (
    SELECT {{key}} AS key, session_id, count(DISTINCT nullif(turn, 0)) AS turns, {_SUMS_OF_OPS}
    FROM op WHERE NOT replay AND {{condition}} GROUP BY session_id, 1
    {{more}}
)
SELECT key, count(DISTINCT session_id) AS sessions,
    {", ".join(f"sum({column}) AS {column}" for column in _SUMMED)}
FROM part GROUP BY key
"""

_SESSION_TIME = "(SELECT coalesce(started_at, last_at) FROM session WHERE id = session_id)"
_DAY = f"date(coalesce(start_ts, end_ts, {_SESSION_TIME}) / 1000000, 'unixepoch', 'localtime')"
_EMPTY_TURNS = f"""
    UNION ALL SELECT coalesce({_DAY}, '{UNKNOWN}'), session_id, count(*), {", ".join("0" * 10)}
    FROM turn WHERE turn > 0 AND ops = 0 AND replays = 0 GROUP BY session_id, 1
"""

_GROUPS = {
    By.SOURCE: _OF_SESSIONS.format(
        key="source.format || ':' || root",
        join="JOIN file ON file.id = owner_file JOIN source ON source.id = source_id",
    ),
    By.AGENT: _OF_SESSIONS.format(
        key=f"coalesce(agent, CASE WHEN kind IN ('root', 'fork') THEN '{MAIN_AGENT}' ELSE '{UNKNOWN}' END)",
        join="",
    ),
    By.PROJECT: _OF_SESSIONS.format(key=f"coalesce(cwd, '{UNKNOWN}')", join=""),
    By.MODEL: _OF_OPS.format(key=f"coalesce(model, '{UNKNOWN}')", condition="kind = 'llm'", more=""),
    By.TOOL: _OF_OPS.format(key=f"coalesce(name, '{UNKNOWN}')", condition="kind = 'tool'", more=""),
    By.DAY: _OF_OPS.format(key=f"coalesce({_DAY}, '{UNKNOWN}')", condition="true", more=_EMPTY_TURNS),
}
_TOTALS = _OF_SESSIONS.format(key="''", join="")


def stats(connection: apsw.Connection, by: By | None = None) -> Stats:
    """Return the sums over all sessions, and by group: days in order, others by the number of ops."""
    whole = [_sums(record) for record in records(connection, _TOTALS)]
    nothing = dict.fromkeys((*_SUMMED, "sessions"), 0)
    totals = whole[0] if whole else _sums({"key": "", **nothing})
    groups = [_sums(record) for record in records(connection, _GROUPS[by])] if by else []
    groups.sort(key=lambda group: (0 if by is By.DAY else -group["ops"], group["key"]))
    del totals["key"]
    return Stats(
        totals=msgspec.convert(totals, StatsTotals), groups=msgspec.convert(groups, list[StatsGroup])
    )


def _sums(record: Record) -> Record:
    record["cost_usd"] = usd(record.pop("cost_nano"))
    return record
