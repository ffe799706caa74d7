"""What to open with: what runs now, what today has cost and broken, what was worked on last.

All sums are those of the statistics. To find today's work quickly, only sessions that were active
since are looked at: `ai_viewer.store.sums` would look through all of history.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import apsw
import msgspec

from ai_viewer.model import Micros, OpKind, OpStatus, SessionStatus, TurnStatus
from ai_viewer.store import failures, series, sessions, stats, top
from ai_viewer.store.rows import Record, records, usd
from ai_viewer.store.sessions import ACTIVE_MICROS, SessionFilter
from ai_viewer.store.sums import KEYS, By, Key, Metric, Work, merged, totals
from ai_viewer.store.tally import sums
from ai_viewer.store.views import SessionLink, SessionRow
from ai_viewer.store.views_home import (
    CostlySession,
    DaySums,
    FrequentFailure,
    Home,
    IngestState,
    LiveOp,
    LiveSession,
    LiveState,
    RecentSession,
)
from ai_viewer.store.views_stats import StatsTotals, TopSession
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone

LIVE_MICROS = 60 * 60 * 1_000_000
"""A session that has not ended is still of interest for so long after it was last heard of."""
LIVE_SHOWN = 10
LANE_CELLS = 90
LANE_CELL_US = 10_000_000
RECENT_SHOWN = 8
FAILURES_SHOWN = 5
TOP_SHOWN = 5
MODELS_SHOWN = 6

_EPOCH = dt.date(1970, 1, 1)
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


_LANES = """
SELECT value AS key, kind, status, start_ts, end_ts FROM json_each(:keys) JOIN (
    SELECT session_id, seq, kind, status, start_ts, end_ts,
        row_number() OVER (PARTITION BY session_id ORDER BY seq DESC) AS place
    FROM op WHERE session_id IN (SELECT value FROM json_each(:keys)) AND start_ts >= :since
) ON session_id = value WHERE place <= 500
"""
_LANE = {
    OpKind.LLM: "m",
    OpKind.REASONING: "m",
    OpKind.TOOL: "t",
    OpKind.SESSION: "a",
    OpKind.COMPACTION: "c",
}
_LANE_ORDER = ".mtacf"
"""Of what happens at the same time the last in this order is told."""


def home(
    connection: apsw.Connection, zone: Zone, ingest: IngestState, *, now: Micros, day: dt.date | None = None
) -> Home:
    """Return what to open with at ``now``; days are those of ``zone``, ``day`` is today unless given."""
    today, before = _day(zone, now, day), _day(zone, now, day, weeks_ago=1)
    work = _work(*today)
    spent = _sums(connection, *today)
    newest = sessions.newest(connection)
    live = _live(connection, now)
    states = [state for _, state in live]
    return Home(
        tz=zone.name,
        now=now,
        day=_date(zone, today[0]),
        newest=None if newest is None else _date(zone, newest),
        live=_live_sessions(connection, live[:LIVE_SHOWN], now),
        working=states.count(LiveState.WORKING),
        waiting=states.count(LiveState.WAITING),
        silent=states.count(LiveState.SILENT),
        today=spent,
        before=_sums(connection, *before),
        spend=series.series(
            connection, Metric.COST_USD, Bucket.HOUR, work, zone, by=By.MODEL, lines=MODELS_SHOWN, now=now
        ),
        failures=_failures(connection, work),
        top_sessions=_costly(connection, work, spent),
        recent=[
            _recent(row)
            for row in sessions.page(
                connection, SessionFilter(roots=True), now=now, limit=RECENT_SHOWN
            ).sessions
        ],
        ingest=ingest,
    )


def _day(zone: Zone, now: Micros, day: dt.date | None, *, weeks_ago: int = 0) -> tuple[Micros, Micros]:
    """The beginning and end of a day, or of the same weekday earlier.

    The end of today is now, that of an earlier one the same time on its clocks.
    """
    today = zone.bucket(Bucket.DAY, now // QUARTER_US)
    number = today if day is None else (day - _EPOCH).days
    since, until = _bounds(zone, number - 7 * weeks_ago)
    if number == today:
        until = min(until, since + now - zone.start(Bucket.DAY, today))
    return since, until


def _bounds(zone: Zone, number: int) -> tuple[Micros, Micros]:
    return zone.start(Bucket.DAY, number), zone.start(Bucket.DAY, number + 1) - 1


def _date(zone: Zone, at: Micros) -> str:
    return (_EPOCH + dt.timedelta(days=zone.bucket(Bucket.DAY, at // QUARTER_US))).isoformat()


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


def live_keys(connection: apsw.Connection, state: LiveState, now: Micros) -> tuple[int, ...]:
    """Return the sessions that are in this state at ``now``, as the home page counts them."""
    return tuple(record["key"] for record, found in _live(connection, now) if found is state)


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
    lanes = _lanes(connection, listed, now)
    return [
        _live_session(
            rows[record["key"]],
            record,
            state,
            ops.get(record["key"]),
            contexts.get(record["key"]),
            lanes.get(record["key"], "." * LANE_CELLS),
            now,
        )
        for record, state in live
    ]


def _live_session(
    row: SessionRow,
    record: Record,
    state: LiveState,
    op: dict[str, Any] | None,
    context: float | None,
    lane: str,
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
        lane=lane,
    )


def _lanes(connection: apsw.Connection, keys: str, now: Micros) -> dict[int, str]:
    """Draw what each session did in the last `LANE_CELLS` times `LANE_CELL_US`."""
    begin = now - LANE_CELLS * LANE_CELL_US
    drawn: dict[int, list[str]] = {}
    # What began before and goes on, a long agent's run say, began at most so long ago.
    for record in records(connection, _LANES, {"keys": keys, "since": begin - LIVE_MICROS}):
        failed = record["status"] == OpStatus.FAILED
        sign = "f" if failed else _LANE.get(record["kind"], ".")
        start, end = record["start_ts"], record["end_ts"]
        if end is None:
            end = now if record["status"] == OpStatus.RUNNING else start
        cells = drawn.setdefault(record["key"], ["."] * LANE_CELLS)
        first = max(0, (start - begin) // LANE_CELL_US)
        last = min(LANE_CELLS - 1, (end - begin) // LANE_CELL_US)
        # A failure is an instant: a long call that failed was none until it did.
        for cell in range(max(first, last) if failed else first, last + 1):
            cells[cell] = max(cells[cell], sign, key=_LANE_ORDER.index)
    return {key: "".join(cells) for key, cells in drawn.items()}


def _costly(connection: apsw.Connection, work: Work, whole: DaySums) -> list[CostlySession]:
    ranked = top.top_sessions(connection, Metric.COST_USD, work, limit=TOP_SHOWN).sessions
    found = sessions.keys_of(connection, [one.session.id for one in ranked])
    keys = {found[one.session.id]: one for one in ranked}
    own = msgspec.structs.replace(work, sessions=msgspec.structs.replace(work.sessions, keys=tuple(keys)))
    parts: dict[int, list[Record]] = {key: [] for key in keys}
    for part in sums(connection, own, [Key("session", "s.id"), KEYS[By.MODEL]]):
        parts[part["k0"]].append(part)
    return [_costly_session(one, parts[key], whole) for key, one in keys.items()]


def _costly_session(one: TopSession, models: list[Record], whole: DaySums) -> CostlySession:
    most = max(models, key=lambda part: (part["cost_nano"], part["k1"]))
    told = msgspec.convert(totals(merged(models), whole_turns=False), StatsTotals)
    return CostlySession(
        session=one.session,
        cost_usd=one.value,
        unpriced_calls=told.unpriced_calls,
        share=one.value / whole.cost_usd if whole.cost_usd else None,
        llm_calls=told.llm_calls,
        tokens=told.tokens,
        cache_hit_share=told.cache_hit_share,
        model=most["k1"],
        model_share=usd(most["cost_nano"]) / one.value,
        last_at=one.last_at,
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
