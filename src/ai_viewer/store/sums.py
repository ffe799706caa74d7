"""Sum work up: which work, by which keys, and what its sums mean. All statistics come from here.

An op belongs to the quarter of an hour in which it started, whatever day its session began
on: so the bounds of a question are about the op's own time, unlike those of a list of
sessions, which are about a session's last activity. What tells no time of its own or of its
turn's is taken for its session's start; what has not even that is in no bucket, and is left
out as soon as there are bounds.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

import apsw
import msgspec

from ai_viewer.model import Micros, OpKind
from ai_viewer.query import Query
from ai_viewer.store.conditions import of_ops
from ai_viewer.store.days import DAY
from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.sessions import AGENT, PROJECT, UNKNOWN, SessionFilter, conditions
from ai_viewer.store.times import TIMES, WITHIN_TURNS
from ai_viewer.store.views_stats import StatsTotals
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone


class StatsQuestionError(ValueError):
    """A question that has no answer; ``parameter`` is what to ask differently."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Which work to sum up: of which sessions, in which time, and which part of it.

    ``since`` (included) and ``until`` (included) bound the op's own time, and are widened to
    whole quarters of an hour. ``sessions`` has no bounds of its own here. ``tree`` counts also
    the work of all sessions that those started, however deep, whether the filter lets them
    through or not; each session's once. ``tool`` is a tool
    call's name; ``model`` and ``provider`` are those of a model call, which need not be its
    session's. ``ops`` are conditions on the ops themselves.
    """

    sessions: SessionFilter = SessionFilter()
    tree: bool = False
    since: Micros | None = None
    until: Micros | None = None
    kind: OpKind | None = None
    tool: str | None = None
    namespace: str | None = None
    model: str | None = None
    provider: str | None = None
    ops: Query | None = None

    @property
    def first_quarter(self) -> int | None:
        """The first quarter of an hour to count."""
        return None if self.since is None else max(0, self.since // QUARTER_US)

    @property
    def last_quarter(self) -> int | None:
        """The last quarter of an hour to count."""
        return None if self.until is None else self.until // QUARTER_US

    @property
    def bounded(self) -> bool:
        """Whether it asks for a time."""
        return self.since is not None or self.until is not None

    @property
    def partial(self) -> bool:
        """Whether it asks for some ops of a turn, and so not for turns."""
        return any(
            part is not None
            for part in (self.kind, self.tool, self.namespace, self.model, self.provider, self.ops)
        )


class By(enum.StrEnum):
    """What to sum up by."""

    SOURCE = "source"
    FORMAT = "format"
    CLIENT = "client"
    AGENT = "agent"
    PROJECT = "project"
    BRANCH = "branch"
    STATUS = "status"
    MODEL = "model"
    PROVIDER = "provider"
    TOOL = "tool"
    NAMESPACE = "namespace"
    KIND = "kind"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Metric(enum.StrEnum):
    """What can be drawn or ranked: the numbers of `StatsTotals` and of its ``time``."""

    SESSIONS = "sessions"
    SESSIONS_COMPLETED = "sessions_completed"
    SESSIONS_FAILED = "sessions_failed"
    TURNS = "turns"
    OPS = "ops"
    LLM_CALLS = "llm_calls"
    TOOL_CALLS = "tool_calls"
    FAILURES = "failures"
    TOOL_FAILURES = "tool_failures"
    FAILURE_SHARE = "failure_share"
    TOKENS = "tokens"
    TOKENS_IN = "tokens_in"
    TOKENS_OUT = "tokens_out"
    TOKENS_REASONING = "tokens_reasoning"
    TOKENS_CACHE_READ = "tokens_cache_read"
    TOKENS_CACHE_WRITE = "tokens_cache_write"
    TOKENS_CACHE_WRITE_1H = "tokens_cache_write_1h"
    CACHE_HIT_SHARE = "cache_hit_share"
    COST_USD = "cost_usd"
    UNPRICED_CALLS = "unpriced_calls"
    UNPRICED_TOKENS = "unpriced_tokens"
    COST_PER_SUCCESS_USD = "cost_per_success_usd"
    TIMED_OPS = "timed_ops"
    DURATION_US = "duration_us"
    MEAN_US = "mean_us"
    LLM_DURATION_US = "llm_duration_us"
    TOOL_DURATION_US = "tool_duration_us"
    CONTEXT_PEAK = "context_peak"
    BUSY_US = "busy_us"
    MODEL_US = "model_us"
    TOOL_US = "tool_us"
    AGENT_US = "agent_us"
    COMPACTION_US = "compaction_us"
    IDLE_US = "idle_us"
    WAIT_US = "wait_us"


Level: TypeAlias = Literal["session", "op", "time"]


class Key(msgspec.Struct, frozen=True):
    """A dimension: SQL over ``s`` (a session) or ``r`` (a row of table ``rollup``), and which ops have it.

    In table ``tally``, row ``c``, it is ``dimension`` and ``cell``, or of a time what ``time`` makes of a
    quarter, ``whole_hours`` if all of an hour's quarters are the same. ``counts`` says that sessions and
    turns can be counted by it there.
    """

    level: Level
    sql: str
    only: str = "true"
    dimension: str | None = None
    cell: str = "c.key"
    time: Callable[[str], str] | None = None
    whole_hours: bool = False
    counts: bool = True


def _key(level: Level, column: str, only: str = "true") -> Key:
    return Key(level, f"coalesce(nullif({column}, ''), '{UNKNOWN}')", only)


KEYS = {
    By.SOURCE: Key(
        "session",
        "(SELECT source.format || ':' || root FROM file JOIN source ON source.id = source_id"
        " WHERE file.id = s.owner_file)",
    ),
    By.FORMAT: _key("session", "s.format"),
    By.CLIENT: _key("session", "s.client"),
    By.AGENT: Key("session", AGENT),
    By.PROJECT: Key("session", PROJECT),
    By.BRANCH: _key("session", "s.git_branch"),
    By.STATUS: _key("session", "s.status"),
    By.MODEL: _key("op", "r.model", "r.kind = 'llm'"),
    By.PROVIDER: _key("op", "r.provider", "r.kind = 'llm'"),
    By.TOOL: _key("op", "r.name", "r.kind = 'tool'"),
    By.NAMESPACE: _key("op", "r.namespace", "r.kind = 'tool'"),
    By.KIND: _key("op", "r.kind"),
}
KEYS = {by: msgspec.structs.replace(key, dimension=by.value) for by, key in KEYS.items()}
"""The dimensions but the times, which `time_key` makes for a zone."""

BUCKETS = {By.HOUR: Bucket.HOUR, By.DAY: Bucket.DAY, By.WEEK: Bucket.WEEK, By.MONTH: Bucket.MONTH}

_SESSION_QUARTER = (
    f"(SELECT coalesce(started_at, last_at) / {QUARTER_US} FROM session WHERE session.id = r.session_id)"
)
_QUARTER = f"CASE WHEN r.quarter >= 0 THEN r.quarter ELSE {_SESSION_QUARTER} END"

_TOKENS = ("tokens_in", "tokens_out", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write_5m",
           "tokens_cache_write_1h")  # fmt: skip

OF_OPS = {
    "turns": "count(DISTINCT nullif(r.turn, 0))",
    "ops": "sum(r.ops)",
    "llm_calls": "sum(iif(r.kind = 'llm', r.ops, 0))",
    "tool_calls": "sum(iif(r.kind = 'tool', r.ops, 0))",
    "failures": "sum(r.failures)",
    "tool_failures": "sum(iif(r.kind = 'tool', r.failures, 0))",
    **{column: f"sum(r.{column})" for column in _TOKENS},
    "cost_nano": "sum(r.cost_nano)",
    "unpriced_calls": "sum(r.unpriced_calls)",
    "unpriced_tokens": "sum(r.unpriced_tokens)",
    "timed_ops": "sum(r.timed)",
    "duration_us": "sum(r.duration_us)",
    "llm_duration_us": "sum(iif(r.kind = 'llm', r.duration_us, 0))",
    "tool_duration_us": "sum(iif(r.kind = 'tool', r.duration_us, 0))",
    "context_peak": "max(r.context_peak)",
    "context_share": "max(r.context_share)",
    "first_quarter": "min(nullif(r.quarter, -1))",
    "last_quarter": "max(nullif(r.quarter, -1))",
    "first_namespace": "min(r.namespace)",
    "last_namespace": "max(r.namespace)",
}
"""Sums over rows of table ``rollup``."""

TURN_HAS_WORK = "(r.ops > 0 OR r.replays = 0)"
"""Of a row of table ``turn``: not all that is known of it are copies."""

OF_TURNS = {
    "turns": "sum(r.turn > 0 AND r.ops = 0)",
    "busy_us": f"sum({' + '.join(f'r.{column}' for column in WITHIN_TURNS)})",
    **{column: f"sum(r.{column})" for column in TIMES},
}
"""What turns tell beyond their ops: that there are some without any, and where the time went."""

OF_SESSIONS = {
    name: f"s.{name}"
    for name in (
        "turns", "ops", "llm_calls", "tool_calls", "failures", "tool_failures", *_TOKENS, "cost_nano",
        "unpriced_calls", "context_peak", "busy_us", *TIMES,
    )
}  # fmt: skip
"""What stands in the rows of whole sessions, and need not be summed up."""

MERGED = {
    "context_peak": "max", "context_share": "max", "first_quarter": "min", "last_quarter": "max",
    "first_namespace": "min", "last_namespace": "max",
}  # fmt: skip
"""How what is not added is put together."""

OF_PARTS = {
    "sessions": "count(DISTINCT part.session_id)",
    "sessions_completed": "count(DISTINCT part.session_id) FILTER (WHERE chosen.status = 'completed')",
    "sessions_failed": "count(DISTINCT part.session_id) FILTER (WHERE chosen.status = 'failed')",
}
NAMESPACES = ("first_namespace", "last_namespace")
"""Not among the sums unless asked for: the first and last of the ops' namespaces by name."""
CONTEXT_SHARE = "context_share"
"""As little: the fullest context window, in thousandths of what it holds; 0: unknown."""
FIELDS = tuple(
    name for name in (*OF_PARTS, *OF_OPS, "busy_us", *TIMES) if name not in {*NAMESPACES, CONTEXT_SHARE}
)
"""All sums there are."""

_ALL_TOKENS = (
    "tokens_in",
    "tokens_out",
    "tokens_cache_read",
    "tokens_cache_write_5m",
    "tokens_cache_write_1h",
)
_MADE_OF: dict[Metric, tuple[str, ...]] = {
    Metric.FAILURE_SHARE: ("failures", "ops"),
    Metric.TOKENS: _ALL_TOKENS,
    Metric.TOKENS_CACHE_WRITE: ("tokens_cache_write_5m", "tokens_cache_write_1h"),
    Metric.CACHE_HIT_SHARE: _ALL_TOKENS,
    Metric.COST_USD: ("cost_nano",),
    Metric.COST_PER_SUCCESS_USD: ("cost_nano", "sessions", "sessions_failed"),
    Metric.MEAN_US: ("duration_us", "timed_ops"),
}
METRICS: dict[Metric, tuple[str, ...]] = {metric: _MADE_OF.get(metric, (metric.value,)) for metric in Metric}
"""The sums that each metric needs."""

TURN_METRICS = frozenset(Metric(name) for name in ("busy_us", *TIMES))
"""Metrics of whole turns, which no model, tool or kind has a part of."""


def time_key(zone: Zone, bucket: Bucket) -> Key:
    """Return the dimension of a zone's hours, days, weeks or months; NULL is unknown."""
    return _time_key(zone, lambda quarter: zone.bucket_sql(bucket, quarter), counts=True)


def hour_of_week_key(zone: Zone) -> Key:
    """Return the dimension of the hours of the week, from 0 to 167; NULL is unknown."""
    return _time_key(zone, zone.hour_of_week_sql, counts=False)


def _time_key(zone: Zone, sql: Callable[[str], str], *, counts: bool) -> Key:
    # The session's time is looked up only for the few rows that have none.
    return Key(
        "time",
        f"CASE WHEN r.quarter >= 0 THEN {sql('r.quarter')} ELSE {sql(_SESSION_QUARTER)} END",
        time=sql,
        whole_hours=zone.whole_hours,
        counts=counts,
    )


def key_of(by: By, zone: Zone) -> Key:
    """Return any dimension."""
    return time_key(zone, BUCKETS[by]) if by in BUCKETS else KEYS[by]


def check(metric: Metric, work: Work, by: By | None) -> None:
    """See to it that groups have a part of the metric.

    Raises:
        StatsQuestionError: if it is one of whole turns, and the groups are not.
    """
    parts = work.partial or (by is not None and by not in BUCKETS and KEYS[by].level == "op")
    if metric in TURN_METRICS and parts:
        raise StatsQuestionError(
            "metric",
            f"{metric} is told of whole turns: no model, provider, tool, namespace or kind has a part of it",
        )


def among(key: Key, names: str) -> Key:
    """Return the dimension with all values outside of ``names``, a JSON list in SQL, as NULL."""
    listed = f"IN (SELECT value FROM json_each({names}))"
    return msgspec.structs.replace(
        key,
        sql=f"CASE WHEN {key.sql} {listed} THEN {key.sql} END",
        cell=f"CASE WHEN {key.cell} {listed} THEN {key.cell} END",
        counts=key.level == "session",
    )


def sums(
    connection: apsw.Connection,
    work: Work,
    keys: Sequence[Key] = (),
    fields: Iterable[str] = FIELDS,
    **bindings: Any,
) -> list[Record]:
    """Return the sums ``fields`` over ``work`` by ``keys``, which become the columns ``k0``, ``k1``, ….

    Whole sessions without any op are among the sums if neither a time nor a part of the ops
    is asked for; then what stands in the sessions' own rows is taken from there.
    """
    fields = tuple(fields)
    timed = work.bounded or any(key.level == "time" for key in keys)
    partial = work.partial or any(key.level == "op" for key in keys)
    chosen, given = choose(connection, work, [key.sql for key in keys if key.level == "session"])
    part_keys = [key for key in keys if key.level != "session"]
    part = [f"k{keys.index(key)}" for key in part_keys]
    parts = [name for name in fields if name not in OF_PARTS]
    of_ops = (
        OF_OPS if timed or partial else {name: sql for name, sql in OF_OPS.items() if name not in OF_SESSIONS}
    )
    where = row_conditions(work, keys)
    arms = []
    if timed or partial or any(name in of_ops for name in parts):
        arms.append(_arm("rollup AS r", part_keys, parts, of_ops, where))
    if not partial and timed:
        turns = (
            "(SELECT session_id, turn, ops, replays, "
            f"{', '.join(TIMES)}, coalesce(start_ts, end_ts) / {QUARTER_US} AS quarter FROM turn) AS r"
        )
        wanted = [name for name in parts if name in OF_TURNS]
        if wanted or set(fields) & set(OF_PARTS):
            arms.append(_arm(turns, part_keys, parts, OF_TURNS, [*where, TURN_HAS_WORK]))
    elif not partial:
        columns = [*(f"{OF_SESSIONS.get(name, _nothing(name))} AS {name}" for name in parts)]
        arms.append(
            f"SELECT {', '.join(['s.id', *columns])} FROM chosen JOIN session AS s ON s.id = chosen.id"
        )
    session_names = iter(f"chosen.k{n}" for n in range(len(keys)))
    names = [next(session_names) if key.level == "session" else f"part.k{n}" for n, key in enumerate(keys)]
    outer = [
        *(f"{name} AS k{n}" for n, name in enumerate(names)),
        *(f"{OF_PARTS[name] if name in OF_PARTS else _merge(name)} AS {name}" for name in fields),
    ]
    grouped = f"GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))}" if keys else ""
    sql = f"""
        {chosen},
        part (session_id, {", ".join([*part, *parts])}) AS ({" UNION ALL ".join(arms)})
        SELECT {", ".join(outer)} FROM part JOIN chosen ON chosen.id = part.session_id {grouped}
    """
    return list(
        records(connection, sql, {**given, **quarter_bindings(work), **part_bindings(work), **bindings})
    )


def choose(
    connection: apsw.Connection, work: Work, columns: Sequence[str] = ()
) -> tuple[str, dict[str, Any]]:
    """Return the start of a statement, ``WITH … chosen (id, status, k0, …) AS (…)``, and its bindings.

    Table ``chosen`` holds the sessions that ``work`` asks for, each once, with ``columns``.
    """
    filters, bindings = conditions(connection, work.sessions)
    names = ["id", "status", *(f"k{n}" for n in range(len(columns)))]
    where, descent = " AND ".join(filters), ""
    if work.tree:
        descent = f"""
            tree (id) AS (
                SELECT s.id FROM session AS s WHERE {where}
                UNION
                SELECT child.id FROM tree JOIN session AS child ON child.parent_id = tree.id
                WHERE child.owner_file IS NOT NULL AND child.kind <> 'fork'
            ),
        """
        where = "s.id IN tree"
    select = ", ".join(["s.id", "s.status", *columns])
    return (
        f"WITH RECURSIVE {descent} chosen ({', '.join(names)}) AS MATERIALIZED"
        f" (SELECT {select} FROM session AS s WHERE {where})"
    ), bindings


def row_conditions(work: Work, keys: Iterable[Key] = ()) -> list[str]:
    """Return the conditions on ``r``, a row of table ``rollup``; their bindings are the next functions'."""
    found = [key.only for key in keys]
    if work.sessions != SessionFilter():
        found.append("r.session_id IN (SELECT id FROM chosen)")
    found += window_conditions(work)
    if work.first_quarter is not None:
        found.append(f"{_QUARTER} >= :first_quarter")
    if work.last_quarter is not None:
        found.append(f"{_QUARTER} <= :last_quarter")
    return [*found, *part_conditions(work)]


def window_conditions(work: Work) -> list[str]:
    """Return the condition on ``r`` that its session has work in the days asked for, if any are."""
    if not work.bounded:
        return []
    days = f"BETWEEN coalesce(:first_quarter, 0) / {DAY} AND coalesce(:last_quarter / {DAY}, 9e9)"
    return [f"r.session_id IN (SELECT session_id FROM session_day WHERE day {days})"]


def part_conditions(work: Work) -> list[str]:
    """Return the conditions on ``r``, a row of table ``rollup`` or ``op``, for `part_bindings`."""
    columns = {
        "part_kind": "r.kind = :part_kind",
        "part_tool": f"r.kind = 'tool' AND {KEYS[By.TOOL].sql} = :part_tool",
        "part_namespace": f"r.kind = 'tool' AND {KEYS[By.NAMESPACE].sql} = :part_namespace",
        "part_model": f"r.kind = 'llm' AND {KEYS[By.MODEL].sql} = :part_model",
        "part_provider": f"r.kind = 'llm' AND {KEYS[By.PROVIDER].sql} = :part_provider",
    }
    told = part_bindings(work)
    found = [sql for name, sql in columns.items() if name in told]
    return found if work.ops is None else [*found, *of_ops(work.ops).sql]


def part_bindings(work: Work) -> dict[str, Any]:
    """Return what `part_conditions` asks for."""
    parts = {
        "part_kind": work.kind,
        "part_tool": work.tool,
        "part_namespace": work.namespace,
        "part_model": work.model,
        "part_provider": work.provider,
    }
    found = {name: value for name, value in parts.items() if value is not None}
    return found if work.ops is None else {**found, **of_ops(work.ops).bindings}


def quarter_bindings(work: Work) -> dict[str, Any]:
    """Return the bounds that `row_conditions` asks for."""
    return {"first_quarter": work.first_quarter, "last_quarter": work.last_quarter} if work.bounded else {}


def merged(parts: Sequence[Record]) -> Record:
    """Return the sums over all of ``parts``, which have no session in common."""
    found: Record = {}
    for name in FIELDS:
        told = [part[name] for part in parts if part[name] is not None]
        how = {"max": max, "min": min}.get(MERGED.get(name, ""))
        found[name] = sum(told) if how is None else how(told, default=None)
    return found


def totals(record: Record, *, whole_turns: bool) -> Record:
    """Return the fields of `StatsTotals` from sums; those that were not asked for are taken for 0."""
    got = {name: record.get(name) or 0 for name in FIELDS}
    written = got["tokens_cache_write_5m"] + got["tokens_cache_write_1h"]
    read = got["tokens_in"] + got["tokens_cache_read"] + written
    succeeded = got["sessions"] - got["sessions_failed"]
    cost = usd(got["cost_nano"])
    first, last = record.get("first_quarter"), record.get("last_quarter")
    return {
        **{name: got[name] for name in StatsTotals.__struct_fields__ if name in got},
        "failure_share": _ratio(got["failures"], got["ops"]),
        "tokens": read + got["tokens_out"],
        "tokens_cache_write": written,
        "cache_hit_share": _ratio(got["tokens_cache_read"], read),
        "cost_usd": cost,
        "cost_per_success_usd": _ratio(cost, succeeded),
        "mean_us": got["duration_us"] // got["timed_ops"] if got["timed_ops"] else None,
        "first_at": None if first is None else first * QUARTER_US,
        "last_at": None if last is None else last * QUARTER_US,
        "busy_us": got["busy_us"] if whole_turns else None,
        "time": {name: got[name] for name in TIMES} if whole_turns else None,
    }


def value(record: Record, metric: Metric) -> float | None:
    """Return a metric from the sums that it needs."""
    told = totals(record, whole_turns=True)
    found: float | None = told["time"][metric.value] if metric.value in TIMES else told[metric.value]
    return found


def _arm(
    table: str, keys: Sequence[Key], fields: Sequence[str], told: dict[str, str], where: Sequence[str]
) -> str:
    columns = [*(key.sql for key in keys), *(told.get(name, _nothing(name)) for name in fields)]
    group = ", ".join(str(n + 1) for n in range(len(keys) + 1))
    condition = " AND ".join(where) or "true"
    return f"SELECT {', '.join(['r.session_id', *columns])} FROM {table} WHERE {condition} GROUP BY {group}"


def _nothing(field: str) -> str:
    return "NULL" if field in MERGED else "0"


def _merge(field: str) -> str:
    return f"{MERGED[field]}(part.{field})" if field in MERGED else f"coalesce(sum(part.{field}), 0)"


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
