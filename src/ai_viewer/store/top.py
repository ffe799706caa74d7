"""The greatest: sessions by any metric, ops by cost, duration or tokens.

Table ``rollup`` tells the greatest of each turn's ops. So the ops are looked for in the turns
that have the greatest, until none that is left can have a greater one: that reads a few turns,
not all ops.
"""

from __future__ import annotations

import enum
import heapq
from collections.abc import Iterable, Iterator
from typing import Any

import apsw
import msgspec

from ai_viewer.store.derive import ALL_TOKENS
from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.sessions import TITLE
from ai_viewer.store.sums import (
    METRICS,
    OF_SESSIONS,
    Key,
    Metric,
    Work,
    check,
    choose,
    part_bindings,
    quarter_bindings,
    row_conditions,
    value,
)
from ai_viewer.store.tally import sums
from ai_viewer.store.views import SessionLink
from ai_viewer.store.views_stats import OpPlace, TopOps, TopSession, TopSessions
from ai_viewer.store.zones import QUARTER_US

MESSAGE_LENGTH = 500
"""Characters of an error's message that lists show."""

_FIRST_CELLS = 64


class OpMetric(enum.StrEnum):
    """What ops are ranked by."""

    COST_USD = "cost_usd"
    DURATION_US = "duration_us"
    TOKENS = "tokens"


_MEASURES = {
    OpMetric.COST_USD: ("r.cost_max", "op.cost_nano"),
    OpMetric.DURATION_US: ("r.duration_max", "op.duration_us"),
    OpMetric.TOKENS: ("r.tokens_max", ALL_TOKENS),
}
"""The greatest of a row of table ``rollup``, and an op's own."""

_OP = f"""
    op.session_id AS key, op.turn, op.seq, op.kind, op.status, op.name, op.model, op.start_ts,
    op.duration_us, op.cost_nano, coalesce({ALL_TOKENS}, 0) AS tokens,
    op.error_class, substr(op.error_message, 1, {MESSAGE_LENGTH}) AS error_message
"""


def top_sessions(connection: apsw.Connection, metric: Metric, work: Work, *, limit: int = 10) -> TopSessions:
    """Return the sessions with the greatest ``metric`` in ``work``.

    Raises:
        StatsQuestionError: if no part of the ops has a part of the metric.
    """
    check(metric, work, None)
    best = _of_whole_sessions(connection, metric, work, limit)
    if best is None:
        found = sums(connection, work, [Key("session", "s.id")], METRICS[metric])
        ranked = [(value(record, metric) or 0, record["k0"]) for record in found]
        best = heapq.nsmallest(
            limit, (pair for pair in ranked if pair[0] > 0), key=lambda pair: (-pair[0], pair[1])
        )
    linked = links(connection, (key for _, key in best))
    last = dict(
        connection.execute(
            "SELECT id, last_at FROM session WHERE id IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode([key for _, key in best]).decode(),),
        )
    )
    return TopSessions(
        metric=metric,
        sessions=[TopSession(session=linked[key], value=number, last_at=last[key]) for number, key in best],
    )


def _of_whole_sessions(
    connection: apsw.Connection, metric: Metric, work: Work, limit: int
) -> list[tuple[float, int]] | None:
    """The greatest where the sessions' own rows tell it; else ``None``."""
    fields = METRICS[metric]
    added = len(fields) == 1 or metric in {Metric.TOKENS, Metric.TOKENS_CACHE_WRITE}
    if work.bounded or work.partial or not added or not OF_SESSIONS.keys() >= set(fields):
        return None
    columns = ", ".join(OF_SESSIONS[name] for name in fields)
    total = " + ".join(OF_SESSIONS[name] for name in fields)
    chosen, bindings = choose(connection, work)
    found = connection.execute(
        f"{chosen} SELECT s.id, {columns} FROM chosen CROSS JOIN session AS s ON s.id = chosen.id"
        f" WHERE {total} > 0 ORDER BY {total} DESC, s.id LIMIT :limit",
        {**bindings, "limit": limit},
    )
    return [(value(dict(zip(fields, told, strict=True)), metric) or 0, key) for key, *told in found]


def top_ops(connection: apsw.Connection, metric: OpMetric, work: Work, *, limit: int = 10) -> TopOps:
    """Return the ops of ``work`` with the greatest ``metric``."""
    best: list[tuple[int, int, int, Record]] = []
    for bound, cell in _cells(connection, metric, work):
        if len(best) == limit and bound <= best[0][0]:
            break
        for record in _ops(connection, metric, cell):
            entry = (record.pop("measure"), -record["key"], -record["seq"], record)
            if len(best) < limit:
                heapq.heappush(best, entry)
            elif entry[:3] > best[0][:3]:
                heapq.heapreplace(best, entry)
    best.sort(key=lambda entry: entry[:3], reverse=True)
    return TopOps(metric=metric, ops=places(connection, [record for *_, record in best]))


def places(connection: apsw.Connection, found: Iterable[Record]) -> list[OpPlace]:
    """Return ops as places, from rows with the columns of `_OP`."""
    found = list(found)
    linked = links(connection, (record["key"] for record in found))
    return msgspec.convert(
        [
            {
                **record,
                "session": linked[record["key"]],
                "cost_usd": None if record["cost_nano"] is None else usd(record["cost_nano"]),
            }
            for record in found
        ],
        list[OpPlace],
    )


def links(connection: apsw.Connection, keys: Iterable[int]) -> dict[int, SessionLink]:
    """Return the sessions by their keys, just enough of each to link to it."""
    found = records(
        connection,
        f"SELECT s.id AS key, s.format || ':' || s.native_id AS id, {TITLE.format('s')} AS title, s.agent"
        " FROM session AS s WHERE s.id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(sorted(set(keys))).decode(),),
    )
    return {record.pop("key"): msgspec.convert(record, SessionLink) for record in found}


def _cells(connection: apsw.Connection, metric: OpMetric, work: Work) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of table ``rollup``, those with the greatest ops first."""
    chosen, bindings = choose(connection, work)
    measure, _ = _MEASURES[metric]
    conditions = [f"{measure} > 0", *row_conditions(work)]
    sql = f"""
        {chosen} SELECT {measure} AS bound, r.session_id, r.turn, r.quarter, r.kind, r.name, r.namespace,
            r.model, r.provider
        FROM rollup AS r WHERE {" AND ".join(conditions)}
        ORDER BY 1 DESC, r.session_id, r.turn LIMIT :limit OFFSET :offset
    """
    given = {**bindings, **quarter_bindings(work), **part_bindings(work)}
    # A few are nearly always enough, and cheaper to find than all of them in order.
    offset, limit = 0, _FIRST_CELLS
    while True:
        found = list(records(connection, sql, {**given, "limit": limit, "offset": offset}))
        for cell in found:
            yield cell.pop("bound"), cell
        if len(found) < limit:
            return
        offset, limit = offset + limit, limit * 16


def _ops(connection: apsw.Connection, metric: OpMetric, cell: dict[str, Any]) -> Iterator[Record]:
    """The ops that a row of table ``rollup`` sums up."""
    _, measure = _MEASURES[metric]
    return records(
        connection,
        f"""
        SELECT {_OP}, {measure} AS measure
        FROM turn JOIN op ON op.session_id = turn.session_id AND op.turn = turn.turn
            AND op.seq BETWEEN turn.first_seq AND turn.last_seq
        WHERE turn.session_id = :session_id AND turn.turn = :turn AND NOT op.replay AND measure > 0
            AND coalesce(coalesce(op.start_ts, op.end_ts, turn.start_ts) / {QUARTER_US}, -1) = :quarter
            AND kind = :kind AND coalesce(name, '') = :name AND coalesce(namespace, '') = :namespace
            AND coalesce(model, '') = :model AND coalesce(provider, '') = :provider
        """,
        cell,
    )
