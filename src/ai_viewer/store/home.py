"""What to open with: what runs now, what today has cost and broken, what was worked on last.

All sums are those of the statistics. To find today's work quickly, only sessions that were active
since are looked at: `ai_viewer.store.sums` would look through all of history.
"""

from __future__ import annotations

from typing import Any

import apsw
import msgspec

from ai_viewer.model import Micros, SessionStatus, TurnStatus
from ai_viewer.store import failures, series, sessions, stats, top
from ai_viewer.store.rows import Record, records
from ai_viewer.store.sessions import ACTIVE_MICROS, SessionFilter
from ai_viewer.store.sums import By, Metric, Work
from ai_viewer.store.views import SessionLink, SessionRow
from ai_viewer.store.views_home import (
    DaySums,
    FrequentFailure,
    Home,
    IngestState,
    LiveOp,
    LiveSession,
    LiveState,
    RecentSession,
)
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone

LIVE_MICROS = 60 * 60 * 1_000_000
"""A session that has not ended is still of interest for so long after it was last heard of."""
LIVE_SHOWN = 10
RECENT_SHOWN = 8
FAILURES_SHOWN = 5
TOP_SHOWN = 5
MODELS_SHOWN = 6

_DAY_US = 24 * 60 * 60 * 1_000_000

_LIVE = """
WITH RECURSIVE up (id, heard) AS (
    SELECT id, id FROM session INDEXED BY session_recent WHERE owner_file IS NOT NULL AND last_at >= :since
    UNION
    SELECT parent_id, heard FROM up JOIN session USING (id) WHERE parent_id IS NOT NULL AND kind <> 'fork'
), lately (id, last_at, working) AS MATERIALIZED (
    SELECT up.id, max(a.last_at), count(*) FILTER (WHERE a.id <> up.id AND a.last_at >= :active)
    FROM up JOIN session AS a ON a.id = up.heard GROUP BY 1
)
SELECT s.id AS key, lately.last_at, lately.working,
    (SELECT status FROM turn WHERE session_id = s.id ORDER BY turn DESC LIMIT 1) AS turn_status
FROM lately JOIN session AS s USING (id) WHERE {condition} ORDER BY lately.last_at DESC, s.id
"""
_LAST_OPS = """
SELECT s.id AS key, op.turn, op.seq, op.kind, op.status, op.name, op.start_ts FROM json_each(?) AS wanted
JOIN session AS s ON s.id = wanted.value
JOIN op ON op.session_id = s.id AND op.seq = (SELECT max(seq) FROM op WHERE session_id = s.id)
"""
# Near the end: a session that does not tell it at all is not looked through for it.
_CONTEXTS = """
SELECT value AS key, (
    SELECT share FROM (
        SELECT seq, context_used * 100.0 / nullif(context_max, 0) AS share FROM op
        WHERE session_id = value AND NOT replay ORDER BY seq DESC LIMIT 200
    ) WHERE share IS NOT NULL ORDER BY seq DESC LIMIT 1
) AS share FROM json_each(?)
"""


def home(connection: apsw.Connection, zone: Zone, ingest: IngestState, *, now: Micros) -> Home:
    """Return what to open with at ``now``; days are those of ``zone``."""
    today = _day(zone, now, weeks_ago=0)
    work = _work(*today)
    live = _live(connection, now)
    states = [state for _, state in live]
    return Home(
        tz=zone.name,
        now=now,
        live=_live_sessions(connection, live[:LIVE_SHOWN], now),
        working=states.count(LiveState.WORKING),
        waiting=states.count(LiveState.WAITING),
        silent=states.count(LiveState.SILENT),
        today=_sums(connection, *today),
        before=_sums(connection, *_day(zone, now, weeks_ago=1)),
        spend=series.series(
            connection, Metric.COST_USD, Bucket.HOUR, work, zone, by=By.MODEL, lines=MODELS_SHOWN, now=now
        ),
        failures=_failures(connection, work),
        top_sessions=top.top_sessions(connection, Metric.COST_USD, work, limit=TOP_SHOWN).sessions,
        recent=[
            _recent(row)
            for row in sessions.page(
                connection, SessionFilter(roots=True), now=now, limit=RECENT_SHOWN
            ).sessions
        ],
        ingest=ingest,
    )


def _day(zone: Zone, now: Micros, *, weeks_ago: int) -> tuple[Micros, Micros]:
    """The beginning of today, or of the same weekday earlier, and now, or the same time on its clocks."""
    midnight = zone.start(Bucket.DAY, zone.bucket(Bucket.DAY, now // QUARTER_US))
    if not weeks_ago:
        return midnight, now
    number = zone.bucket(Bucket.DAY, now // QUARTER_US) - 7 * weeks_ago
    earlier = zone.start(Bucket.DAY, number)
    end = zone.start(Bucket.DAY, number + 1)
    return earlier, min(earlier + now - midnight, end - 1)


def _work(since: Micros, until: Micros) -> Work:
    # A day earlier: a session's last activity is told by clocks that may differ from its ops'.
    return Work(sessions=SessionFilter(since=since - _DAY_US), since=since, until=until)


def _sums(connection: apsw.Connection, since: Micros, until: Micros) -> DaySums:
    found = stats.stats(connection, work=_work(since, until)).totals
    return DaySums(
        since=since,
        until=until,
        **{name: getattr(found, name) for name in DaySums.__struct_fields__ if hasattr(found, name)},
    )


def _live(connection: apsw.Connection, now: Micros) -> list[tuple[Record, LiveState]]:
    """The sessions that have not ended and were heard of lately, and what they are up to."""
    wanted = SessionFilter(status=SessionStatus.RUNNING, roots=True)
    where, bindings = sessions.conditions(connection, wanted)
    given = {**bindings, "since": now - LIVE_MICROS, "active": now - ACTIVE_MICROS}
    found = records(connection, _LIVE.format(condition=" AND ".join(where)), given)
    return [(record, _state(record, now)) for record in found]


def _state(record: Record, now: Micros) -> LiveState:
    if record["working"]:
        return LiveState.WORKING
    if record["turn_status"] not in {None, TurnStatus.RUNNING}:
        return LiveState.WAITING
    return LiveState.WORKING if record["last_at"] >= now - ACTIVE_MICROS else LiveState.SILENT


def _live_sessions(
    connection: apsw.Connection, live: list[tuple[Record, LiveState]], now: Micros
) -> list[LiveSession]:
    keys = [record["key"] for record, _ in live]
    listed = msgspec.json.encode(keys).decode()
    rows = sessions.of_keys(connection, keys, now=now)
    ops = {record.pop("key"): record for record in records(connection, _LAST_OPS, (listed,))}
    contexts = {record["key"]: record["share"] for record in records(connection, _CONTEXTS, (listed,))}
    return [
        _live_session(
            rows[record["key"]], record, state, ops.get(record["key"]), contexts.get(record["key"]), now
        )
        for record, state in live
    ]


def _live_session(
    row: SessionRow,
    record: Record,
    state: LiveState,
    op: dict[str, Any] | None,
    context: float | None,
    now: Micros,
) -> LiveSession:
    return LiveSession(
        session=_link(row),
        state=state,
        project=row.cwd,
        model=row.model,
        started_at=row.started_at,
        last_at=record["last_at"],
        idle_us=max(0, now - record["last_at"]),
        op=None if op is None else msgspec.convert(op, LiveOp),
        context_percent=None if context is None else round(context, 1),
        cost_usd=row.tree.cost_usd,
        unpriced_calls=row.tree.unpriced_calls,
        agents_working=record["working"],
    )


def _recent(row: SessionRow) -> RecentSession:
    return RecentSession(
        session=_link(row),
        project=row.cwd,
        model=row.model,
        status=row.status,
        active=row.active,
        last_at=row.last_at,
        turns=row.turns,
        failures=row.tree.failures,
        cost_usd=row.tree.cost_usd,
        unpriced_calls=row.tree.unpriced_calls,
    )


def _failures(connection: apsw.Connection, work: Work) -> list[FrequentFailure]:
    return [
        FrequentFailure(
            **{
                name: getattr(group, name)
                for name in FrequentFailure.__struct_fields__
                if hasattr(group, name)
            },
            session=group.examples[0].session,
            turn=group.examples[0].turn,
            seq=group.examples[0].seq,
            at=group.examples[0].at,
        )
        for group in failures.failures(connection, work, limit=FAILURES_SHOWN).groups
    ]


def _link(row: SessionRow) -> SessionLink:
    return SessionLink(id=row.id, title=row.title, agent=row.agent)
