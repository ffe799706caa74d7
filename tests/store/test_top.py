"""The greatest are found, by reading few ops."""

from __future__ import annotations

import tempfile
from pathlib import Path

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
    SessionStarted,
)
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch
from ai_viewer.store.durations import durations
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import Metric, Work
from ai_viewer.store.top import OpMetric, top_ops, top_sessions
from tests.pictures import NOON, SECOND, Store, batch
from tests.store.test_sums import FILES, WORKS, read_all, wanted_op, wanted_sessions, write

CALLS = st.lists(st.integers(min_value=1, max_value=10_000), min_size=1, max_size=30)


def value(op: dict[str, int | None], metric: OpMetric) -> int:
    if metric is OpMetric.COST_USD:
        return op["cost_nano"] or 0
    if metric is OpMetric.DURATION_US:
        return op["duration_us"] or 0
    parts = ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write_5m", "tokens_cache_write_1h")
    return sum(op[part] or 0 for part in parts)


@settings(max_examples=40, deadline=None)
@given(files=FILES, work=WORKS, metric=st.sampled_from(OpMetric), limit=st.integers(min_value=1, max_value=6))
def test_they_are_the_greatest_of_all(
    files: list[FileBatch], work: Work, metric: OpMetric, limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        write(path, files)
        connection = database.open_reader(path)
        told = top_ops(connection, metric, work, limit=limit).ops
        sessions, ops = read_all(connection)
        connection.close()
    chosen = wanted_sessions(sessions, work.sessions, tree=work.tree)
    values = sorted(
        (value(op, metric) for op in ops if op["session_id"] in chosen and wanted_op(op, work)), reverse=True
    )
    found = {
        OpMetric.COST_USD: [round((op.cost_usd or 0) * 1e9) for op in told],
        OpMetric.DURATION_US: [op.duration_us for op in told],
        OpMetric.TOKENS: [op.tokens for op in told],
    }[metric]
    assert found == [number for number in values if number][:limit]


def test_few_turns_are_read_to_find_the_greatest(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    events: list[Event] = [SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())]
    for turn in range(1, 501):
        for seq in range(turn * 4, turn * 4 + 4):
            span = turn * SECOND if seq % 4 == 0 else 1
            events += [
                OpStarted(session="s", turn=turn, seq=seq, kind=OpKind.TOOL, name="Bash", ts=NOON),
                OpFinalized(session="s", turn=turn, seq=seq, ts=NOON + span, status=OpStatus.COMPLETED),
            ]
    store.writer.apply([batch(events, "s.jsonl")])
    statements = store.count_statements()
    told = top_ops(store.reader, OpMetric.DURATION_US, Work(), limit=3).ops
    assert [op.turn for op in told] == [500, 499, 498]
    assert sum("FROM turn JOIN op" in sql for sql in statements) == 3
    store.close()


def test_sessions_by_any_metric(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    store.add("""
        a: A
            1: llm Read Read
        b: B
            1: llm llm Bash!
        c: C
            1: think
    """)

    def names(metric: Metric, work: Work | None = None) -> list[tuple[str, float]]:
        found = top_sessions(store.reader, metric, work or Work()).sessions
        return [(row.session.id.partition(":")[2], row.value) for row in found]

    assert names(Metric.COST_USD) == [("b", 0.002), ("a", 0.001)]
    assert names(Metric.TOOL_FAILURES) == [("b", 1)]
    assert names(Metric.OPS, Work(tool="Read")) == [("a", 2)]
    assert names(Metric.BUSY_US, Work(sessions=SessionFilter(project="/home/dev/c"))) == [("c", SECOND)]
    store.close()


@settings(max_examples=40, deadline=None)
@given(micros=CALLS)
def test_percentiles_are_by_nearest_rank(micros: list[int]) -> None:
    """Of n durations in order the ⌈pn⌉-th, so one that occurred."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "s.db")
        store.add(f"s: S\n    1: llm {'Read ' * len(micros)} Bash~")
        for seq, length in enumerate(micros, start=2):
            store.writing.execute("UPDATE op SET end_ts = start_ts + ? WHERE seq = ?", (length, seq))
        told = durations(store.reader, Work())
        store.close()
    ordered = sorted(micros)
    (tool,) = told.tools  # a call that has not ended has no duration
    assert (tool.key, tool.n, tool.max_us) == ("Read", len(micros), ordered[-1])
    assert tool.p50_us == ordered[-(-len(micros) * 50 // 100) - 1]
    assert tool.p95_us == ordered[-(-len(micros) * 95 // 100) - 1]
    assert [(model.key, model.n) for model in told.models] == [("opus", 1)]


def test_durations_are_those_of_the_time_and_the_sessions_asked_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    store.add("a: A\n    1: llm Read", at=NOON)
    store.add("b: B\n    1: llm Read Read", at=NOON + 3600 * SECOND)

    def tools(work: Work) -> list[tuple[str, int]]:
        return [(group.key, group.n) for group in durations(store.reader, work).tools]

    assert tools(Work()) == [("Read", 3)]
    assert tools(Work(since=NOON + 1800 * SECOND)) == [("Read", 2)]
    assert tools(Work(until=NOON + 1800 * SECOND)) == [("Read", 1)]
    assert tools(Work(sessions=SessionFilter(project="/home/dev/a"))) == [("Read", 1)]
    assert tools(Work(tool="Bash")) == []
    store.close()
