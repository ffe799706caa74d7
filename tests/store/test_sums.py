"""Whatever is written and in whatever order: sums are what adding the ops up one by one gives."""

from __future__ import annotations

import collections
import datetime as dt
import itertools
import re
import tempfile
import zoneinfo
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    Rank,
    SessionFacts,
    SessionKind,
    SessionStarted,
    SessionStatus,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
    call_key,
)
from ai_viewer.pricing import Quote, quote
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.rows import Record, records
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.stats import stats
from ai_viewer.store.sums import By, Work
from ai_viewer.store.views_stats import Stats, StatsTotals
from ai_viewer.store.write import Writer
from ai_viewer.store.zones import Zone
from ai_viewer.testing.dump import dump
from tests.pictures import NOON, SECOND, Store, batch

DAY = 86_400 * SECOND
ZONE = "America/St_Johns"
ADDED = (
    "ops", "llm_calls", "tool_calls", "failures", "tool_failures", "tokens", "tokens_in", "tokens_out",
    "tokens_reasoning", "tokens_cache_read", "tokens_cache_write", "tokens_cache_write_1h", "unpriced_calls",
    "unpriced_tokens", "timed_ops", "duration_us", "llm_duration_us", "tool_duration_us",
)  # fmt: skip

NAMES = st.sampled_from(["a", "b", "c", "d"])
TIMES = st.none() | st.integers(min_value=0, max_value=200).map(lambda n: NOON + n * DAY // 50)
USAGES = st.builds(Usage, *[st.integers(min_value=0, max_value=1000)] * 6)


@st.composite
def a_session(draw: st.DrawFn, name: str) -> list[Event]:
    parent = draw(st.none() | NAMES)
    facts = SessionFacts(
        kind=SessionKind.SUB_AGENT if parent else draw(st.sampled_from([SessionKind.ROOT, SessionKind.FORK])),
        parent=parent,
        agent=draw(st.sampled_from([None, "Explore"])) if parent else None,
        cwd=draw(st.sampled_from([None, "/home/dev/one", "/home/dev/two"])),
        model=draw(st.sampled_from([None, "opus", "haiku"])),
        started_at=draw(TIMES),
        status=draw(st.none() | st.sampled_from(SessionStatus)),
    )
    events: list[Event] = [SessionStarted(session=name, rank=Rank.TRANSCRIPT, facts=facts)]
    seq = 0
    for turn in range(draw(st.integers(min_value=0, max_value=3))):
        start = draw(TIMES)
        events.append(TurnStarted(session=name, turn=turn, ts=start))
        if start is not None and draw(st.booleans()):
            events.append(
                TurnFinalized(session=name, turn=turn, ts=start + SECOND, status=TurnStatus.COMPLETED)
            )
        for _ in range(draw(st.integers(min_value=0, max_value=4))):
            seq += 1
            events += draw(an_op(name, turn, seq))
    return events


@st.composite
def an_op(draw: st.DrawFn, session: str, turn: int, seq: int) -> list[Event]:
    kind = draw(st.sampled_from([OpKind.LLM, OpKind.LLM, OpKind.TOOL, OpKind.REASONING]))
    model_call = kind is OpKind.LLM
    start = draw(TIMES)
    started = OpStarted(
        session=session,
        turn=turn,
        seq=seq,
        ts=start,
        kind=kind,
        name=None if model_call else draw(st.sampled_from([None, "Bash", "Read"])),
        namespace=draw(st.sampled_from([None, "shell"])),
        model=draw(st.sampled_from([None, "opus", "nobody-knows"])) if model_call else None,
        provider=draw(st.sampled_from([None, "anthropic"])) if model_call else None,
        call=call_key(draw(NAMES)) if model_call and draw(st.booleans()) else None,
    )
    if draw(st.booleans()):
        return [started]
    ended = OpFinalized(
        session=session,
        turn=turn,
        seq=seq,
        ts=None if start is None else start + draw(st.integers(min_value=-1, max_value=3)) * SECOND,
        status=draw(st.sampled_from([OpStatus.COMPLETED, OpStatus.FAILED])),
        usage=draw(USAGES) if model_call else None,
    )
    return [started, ended]


FILES = st.tuples(*(a_session(name) for name in "abcd")).map(
    lambda sessions: [batch(events, f"{n}.jsonl") for n, events in enumerate(sessions)]
)
FILTERS = st.builds(
    SessionFilter,
    project=st.none() | st.sampled_from(["/home/dev/one", "unknown"]),
    model=st.none() | st.sampled_from(["opus", "unknown"]),
    agent=st.none() | st.sampled_from(["main", "Explore"]),
    failed=st.none() | st.booleans(),
    roots=st.none() | st.booleans(),
)
WORKS = st.builds(
    Work,
    sessions=FILTERS,
    tree=st.booleans(),
    since=TIMES,
    until=TIMES,
    kind=st.none() | st.just(OpKind.TOOL),
    tool=st.none() | st.sampled_from(["Bash", "unknown"]),
    model=st.none() | st.sampled_from(["opus", "unknown"]),
)


class Price:
    """A price by the token for one model, none for the others."""

    fingerprint = quote.fingerprint

    def __call__(
        self,
        _provider: str | None,
        model: str | None,
        _start: int | None,
        usage: Usage,
        _tier: str | None = None,
        _searches: int | None = None,
    ) -> Quote:
        return Quote(usage.input * 1000 if model == "opus" else None, 200_000, "priced")


def write(path: Path, files: Iterable[FileBatch]) -> None:
    connection = database.open_writer(path)
    writer = Writer(connection, Price())
    for file in files:
        writer.apply([file])
    connection.close()


def read_all(connection: apsw.Connection) -> tuple[dict[int, Record], list[Record]]:
    sessions = {row["id"]: row for row in records(connection, "SELECT * FROM session WHERE owner_file > 0")}
    turns = {
        (row["session_id"], row["turn"]): row["start_ts"] for row in records(connection, "SELECT * FROM turn")
    }
    ops = [row for row in records(connection, "SELECT *, duration_us FROM op") if not row["replay"]]
    for op in ops:
        session = sessions[op["session_id"]]
        times = (
            op["start_ts"],
            op["end_ts"],
            turns[op["session_id"], op["turn"]],
            session["started_at"],
            session["last_at"],
        )
        op["own_at"] = next((time for time in times[:3] if time is not None), None)
        op["at"] = next((time for time in times if time is not None), None)
    return sessions, ops


def wanted_sessions(sessions: dict[int, Record], wanted: SessionFilter, *, tree: bool) -> set[int]:
    def root(session: Record) -> bool:
        return session["parent_id"] not in sessions or session["kind"] == "fork"

    def fits(session: Record) -> bool:
        tests = (
            (wanted.project, session["cwd"] or "unknown"),
            (wanted.model, session["model"] or "unknown"),
            (wanted.agent, agent(session)),
            (wanted.failed, session["failures"] > 0 or session["status"] == "failed"),
        )
        return all(asked is None or asked == found for asked, found in tests) and (
            not wanted.roots or root(session)
        )

    chosen = {key for key, session in sessions.items() if fits(session)}
    while tree:
        below = {
            key
            for key, session in sessions.items()
            if session["parent_id"] in chosen and session["kind"] != "fork"
        }
        if below <= chosen:
            break
        chosen |= below
    return chosen


def agent(session: Record) -> str:
    return session["agent"] or ("main" if session["kind"] in {"root", "fork"} else "unknown")


def wanted_op(op: Record, work: Work) -> bool:
    quarter = 900 * SECOND
    if work.since is not None and (op["at"] is None or op["at"] < work.since // quarter * quarter):
        return False
    if work.until is not None and (op["at"] is None or op["at"] >= (work.until // quarter + 1) * quarter):
        return False
    tests = (
        (work.kind, op["kind"]),
        (work.tool, (op["name"] or "unknown") if op["kind"] == "tool" else None),
        (work.model, (op["model"] or "unknown") if op["kind"] == "llm" else None),
    )
    return all(asked is None or asked == found for asked, found in tests)


def local(op: Record, form: str) -> str:
    if op["at"] is None:
        return "unknown"
    when = dt.datetime.fromtimestamp(op["at"] // SECOND, zoneinfo.ZoneInfo(ZONE))
    return when.strftime(form)


OF_OP: dict[By, Callable[[Record, Record], str | None]] = {
    By.AGENT: lambda session, _: agent(session),
    By.PROJECT: lambda session, _: session["cwd"] or "unknown",
    By.STATUS: lambda session, _: session["status"],
    By.MODEL: lambda _, op: (op["model"] or "unknown") if op["kind"] == "llm" else None,
    By.PROVIDER: lambda _, op: (op["provider"] or "unknown") if op["kind"] == "llm" else None,
    By.TOOL: lambda _, op: (op["name"] or "unknown") if op["kind"] == "tool" else None,
    By.NAMESPACE: lambda _, op: (op["namespace"] or "unknown") if op["kind"] == "tool" else None,
    By.KIND: lambda _, op: op["kind"],
    By.DAY: lambda _, op: local(op, "%Y-%m-%d"),
    By.MONTH: lambda _, op: local(op, "%Y-%m"),
    By.WEEK: lambda _, op: local(op, "%G-W%V"),
}


OF_SESSIONS = {By.SOURCE, By.FORMAT, By.CLIENT, By.AGENT, By.PROJECT, By.BRANCH, By.STATUS}
PARTING = {By.MODEL, By.TOOL, By.PROVIDER, By.NAMESPACE, By.KIND}
"""Parts of turns."""


def busy(told: StatsTotals) -> int:
    assert told.busy_us is not None
    return told.busy_us


def added_up(ops: Iterable[Record]) -> dict[str, float]:
    found: dict[str, float] = collections.defaultdict(int)
    for op in ops:
        kind, duration = op["kind"], op["duration_us"] or 0
        failed = op["status"] == "failed"
        fresh, out = op["tokens_in"] or 0, op["tokens_out"] or 0
        cached = op["tokens_cache_read"] or 0
        hour = op["tokens_cache_write_1h"] or 0
        written = (op["tokens_cache_write_5m"] or 0) + hour
        unpriced = kind == "llm" and op["cost_nano"] is None and op["tokens_in"] is not None
        values = {
            "ops": 1,
            "llm_calls": kind == "llm",
            "tool_calls": kind == "tool",
            "failures": failed,
            "tool_failures": failed and kind == "tool",
            "tokens": fresh + out + cached + written,
            "tokens_in": fresh,
            "tokens_out": out,
            "tokens_reasoning": op["tokens_reasoning"] or 0,
            "tokens_cache_read": cached,
            "tokens_cache_write": written,
            "tokens_cache_write_1h": hour,
            "cost_nano": op["cost_nano"] or 0,
            "unpriced_calls": unpriced,
            "unpriced_tokens": (fresh + out + cached + written) * unpriced,
            "timed_ops": op["duration_us"] is not None and op["timing"] != "point",
            "duration_us": duration,
            "llm_duration_us": duration * (kind == "llm"),
            "tool_duration_us": duration * (kind == "tool"),
        }
        for name, number in values.items():
            found[name] += number
    return found


def assert_equal(told: StatsTotals, ops: list[Record]) -> None:
    expected = added_up(ops)
    assert {name: getattr(told, name) for name in ADDED} == {name: expected[name] for name in ADDED}
    assert told.cost_usd == pytest.approx(expected["cost_nano"] / 1e9)
    assert told.context_peak == max((op["context_used"] or 0 for op in ops), default=0)
    starts = [op["own_at"] // (900 * SECOND) for op in ops if op["own_at"] is not None]
    expected_edges = (min(starts) * 900 * SECOND, max(starts) * 900 * SECOND) if starts else (None, None)
    assert (told.first_at, told.last_at) == expected_edges


@settings(max_examples=60, deadline=None)
@given(files=FILES, work=WORKS, by=st.sampled_from(sorted(OF_OP)))
def test_sums_are_those_of_the_ops_that_are_asked_for(files: list[FileBatch], work: Work, by: By) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        write(path, files)
        connection = database.open_reader(path)
        told = stats(connection, by, work, Zone(ZONE))
        sessions, ops = read_all(connection)
        connection.close()
    chosen = wanted_sessions(sessions, work.sessions, tree=work.tree)
    ops = [op for op in ops if op["session_id"] in chosen and wanted_op(op, work)]
    assert_equal(told.totals, ops)
    groups: dict[str, list[Record]] = collections.defaultdict(list)
    for op in ops:
        key = OF_OP[by](sessions[op["session_id"]], op)
        if key is not None:
            groups[key].append(op)
    assert {group.key for group in told.groups if group.ops} == set(groups)
    for group in told.groups:
        assert_equal(group, groups[group.key])
    if by in PARTING:
        counted = {key: len({op["session_id"] for op in some}) for key, some in groups.items()}
        assert {group.key: group.sessions for group in told.groups} == counted
        turns = {
            key: len({(op["session_id"], op["turn"]) for op in some if op["turn"]})
            for key, some in groups.items()
        }
        assert {group.key: group.turns for group in told.groups} == turns
    if not work.bounded and not work.partial:
        assert told.totals.sessions == len(chosen)
        assert told.totals.turns == sum(sessions[key]["turns"] for key in chosen)
        if by not in PARTING:
            assert sum(busy(group) for group in told.groups) == busy(told.totals)
            assert sum(sessions[key]["busy_us"] for key in chosen) == busy(told.totals)


@settings(max_examples=30, deadline=None)
@given(files=FILES, order=st.permutations(range(4)))
def test_rollups_do_not_depend_on_the_order_of_reading(files: list[FileBatch], order: list[int]) -> None:
    """Nor does reading again change anything."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{n}.db" for n in range(2)]
        write(paths[0], files)
        write(paths[1], [files[n] for n in order] + files)
        first, second = (dump(path)["rollup"] for path in paths)
    assert first == second


BERLIN_SPRING = 1_774_738_800 * SECOND  # 2026-03-29T00:00 in Berlin
BERLIN_AUTUMN = 1_792_879_200 * SECOND  # 2026-10-25T00:00 in Berlin


def keys(told: Stats) -> dict[str, int]:
    return {group.key: group.ops for group in told.groups}


def test_an_op_belongs_to_its_own_day_though_its_session_began_the_day_before(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    for hour in range(0, 51, 5):
        store.add(f"s{hour}: S\n    1: llm", at=BERLIN_SPRING + hour * 3600 * SECOND)
    store.add("m: M\n    1: llm llm llm llm", at=BERLIN_SPRING + (23 * 3600 - 2) * SECOND)
    zone = Zone("Europe/Berlin")
    # The 29th has 23 hours: five sessions at 0, 5, 10, 15, 20, and two calls before midnight.
    assert keys(stats(store.reader, By.DAY, None, zone)) == {
        "2026-03-29": 7,
        "2026-03-30": 7,
        "2026-03-31": 1,
    }
    only = Work(since=BERLIN_SPRING + 23 * 3600 * SECOND)
    assert keys(stats(store.reader, By.DAY, only, zone)) == {"2026-03-30": 7, "2026-03-31": 1}
    assert stats(store.reader, None, only, zone).totals.sessions == 7
    store.close()


def test_a_day_of_25_hours_and_the_hour_that_comes_twice(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    for hour in range(26):
        store.add(f"s{hour}: S\n    1: llm", at=BERLIN_AUTUMN + hour * 3600 * SECOND)
    zone = Zone("Europe/Berlin")
    assert keys(stats(store.reader, By.DAY, None, zone)) == {"2026-10-25": 25, "2026-10-26": 1}
    hours = keys(stats(store.reader, By.HOUR, None, zone))
    assert [hour for hour in hours if hour.startswith("2026-10-25T02")] == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
    ]
    assert set(hours.values()) == {1}
    store.close()


def test_work_without_any_time_is_on_no_day(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    events: list[Event] = [
        SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
        OpStarted(session="s", turn=1, seq=1, kind=OpKind.TOOL, name="Bash", ts=None),
    ]
    write(path, [batch(events, "s.jsonl")])
    connection = database.open_reader(path)
    assert keys(stats(connection, By.DAY)) == {"unknown": 1}
    assert stats(connection, None, Work(since=0)).totals.ops == 0
    assert stats(connection).totals.first_at is None
    connection.close()


def test_the_work_below_a_session_counts_once_however_it_is_asked_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    store.add("""
        root: R
            1: llm >child
        child < root Explore: C
            1: llm >grand
        grand < child Plan: G
            1: llm
    """)

    def calls(*, tree: bool, **wanted: Any) -> dict[str, int]:
        told = stats(store.reader, By.AGENT, Work(sessions=SessionFilter(**wanted), tree=tree))
        assert sum(group.llm_calls for group in told.groups) == told.totals.llm_calls
        return {group.key: group.llm_calls for group in told.groups}

    assert calls(tree=True) == {"main": 1, "Explore": 1, "Plan": 1}
    assert calls(tree=True, roots=True) == {"main": 1, "Explore": 1, "Plan": 1}
    assert calls(tree=False, roots=True) == {"main": 1}
    assert calls(tree=True, agent="Explore") == {"Explore": 1, "Plan": 1}
    assert calls(tree=False, agent="Explore") == {"Explore": 1}
    store.close()


def test_no_statistic_reads_ops(tmp_path: Path) -> None:
    """Sums come from sums; only percentiles and failures need the ops themselves."""
    store = Store(tmp_path / "s.db")
    store.add("s: S\n    1: llm Read Bash!")
    statements = store.count_statements()
    works = (Work(), Work(since=NOON), Work(tool="Read"), Work(sessions=SessionFilter(roots=True), tree=True))
    for work, by in itertools.product(works, By):
        stats(store.reader, by, work)
    store.reader.exec_trace = None
    statements = [sql for sql in statements if "FROM day WHERE" not in sql]  # which days are summed up by now
    # Groups and the whole; where sessions are parted, the groups are the whole.
    assert len(statements) == len(works) * sum(1 if by in OF_SESSIONS else 2 for by in By)
    tables = {
        name: number
        for number, name in database.rows(store.reader, "SELECT rootpage, name FROM sqlite_schema")
    }
    for sql in set(statements):
        cursor = store.reader.execute(f"EXPLAIN {sql}", dict.fromkeys(names_in(sql)))
        opened = {row[3] for row in cursor if row[1] == "OpenRead"}
        assert opened
        assert tables["op"] not in opened
    store.close()


def names_in(sql: str) -> set[str]:
    return set(re.findall(r":([a-z_]+)", sql))


def test_what_is_not_asked_for_is_not_read(tmp_path: Path) -> None:
    """A narrow question costs what it is about, not what the store holds."""

    def steps(sessions: int) -> int:
        store = Store(tmp_path / f"{sessions}.db")
        store.add("\n".join(f"s{n}: S\n    1: {'llm Read ' * 10}" for n in range(sessions)))
        counted = 0

        def count() -> bool:
            nonlocal counted
            counted += 1
            return False

        store.reader.set_progress_handler(count, 1)
        stats(store.reader, By.MODEL, Work(sessions=SessionFilter(project="/home/dev/s0")), Zone("UTC"))
        store.close()
        return counted

    few, many = steps(10), steps(210)
    # Each of the 200 others costs a look at its row, not at its sums.
    assert (many - few) / 200 < 60
