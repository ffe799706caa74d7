"""A session tree as columns: every op once, in order, with what it is and what it cost."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.model import OpKind, OpStarted, TurnStarted
from ai_viewer.store import database, trace, turns
from ai_viewer.store.batch import FileBatch
from tests.pictures import NOON, SECOND, Store, batch

SAMPLE = Path(__file__).parents[2] / "frontend" / "src" / "core" / "trace-sample"
"""A body and the same as JSON, which the web app's own tests read."""

TREE = """
    s: Fix the parser
        1: llm Read Bash!
        2: llm? >c
        3: llm~
    c < s Explore: Look around
        1: llm think >d
    d < c: Deeper
        1: Grep
    other: Something else
        1: llm
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def told(found: trace.Trace, column: str) -> list[Any]:
    """An op's value as people say it."""
    head, ops = found.head, found.tables["ops"]
    words = {"kind": head.kinds, "status": head.statuses, "timing": head.timings, "name": head.names}
    values = list(ops[column])
    return [words[column][value] for value in values] if column in words else values


def merged(held: dict[Any, Any], found: trace.Trace) -> dict[Any, Any]:
    """What a client has after adding a trace: ops and turns by session and place, as they are told."""
    sessions = found.head.sessions
    from_turns = {session.id: session.from_turn for session in sessions}
    kept = {
        key: value
        for key, value in held.items()
        if not found.head.reset and ((from_turn := from_turns.get(key[0])) is None or key[1] < from_turn)
    }
    ops = found.tables["ops"]
    for row, place in enumerate(ops["session"]):
        child = ops["child"][row]
        kept[sessions[place].id, ops["turn"][row], ops["seq"][row]] = (
            told(found, "name")[row],
            told(found, "status")[row],
            repr(ops["start"][row]),
            repr(ops["duration"][row]),
            None if child == trace.NONE else sessions[child].id,
        )
    for values in zip(*found.tables["turns"].values(), strict=True):
        times, (number, place, status) = values[:-3], values[-3:]
        kept[sessions[place].id, number, "turn"] = (*map(repr, times), status)
    return kept


@contextlib.contextmanager
def counted_steps(store: Store) -> Iterator[Callable[[], int]]:
    """Count the steps of SQLite's machine, in tens."""
    steps = itertools.count()

    def count() -> bool:
        next(steps)
        return False

    store.reader.set_progress_handler(count, 10)
    yield lambda: next(steps)
    store.reader.set_progress_handler(None)


def added(name: str, *, turn: int, seq: int) -> list[FileBatch]:
    """A turn with one op, appended to a session that was drawn."""
    start = NOON + 9_999 * SECOND
    return [
        batch(
            [
                TurnStarted(session=name, turn=turn, ts=start),
                OpStarted(session=name, turn=turn, seq=seq, ts=start, kind=OpKind.TOOL, name="Edit"),
            ],
            f"{name}.jsonl",
        )
    ]


def test_every_op_of_the_tree_is_there_each_session_before_what_it_started(store: Store) -> None:
    store.add(TREE)

    found = trace.trace(store.reader, "claude_code:s")

    assert [session.id for session in found.head.sessions] == [
        "claude_code:s",
        "claude_code:c",
        "claude_code:d",
    ]
    assert told(found, "session") == [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]
    assert told(found, "seq") == [1, 2, 3, 4, 5, 6, 1, 2, 3, 1]
    assert told(found, "turn") == [1, 1, 1, 2, 2, 3, 1, 1, 1, 1]
    assert told(found, "name") == [
        "call",
        "Read",
        "Bash",
        "call",
        "Task",
        "call",
        "call",
        "think",
        "Task",
        "Grep",
    ]
    assert told(found, "kind")[:5] == ["llm", "tool", "tool", "llm", "session"]
    assert told(found, "status")[2] == "failed"


def test_a_session_alone_is_without_what_it_started(store: Store) -> None:
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s", "self")
    assert [session.id for session in found.head.sessions] == ["claude_code:s"]
    assert len(found.tables["ops"]["seq"]) == 6
    assert list(found.tables["ops"]["child"]) == [trace.NONE] * 6


def test_links_are_rows_and_indexes(store: Store) -> None:
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s")
    ops = found.tables["ops"]
    none = trace.NONE
    assert list(ops["parent"]) == [none, 0, 0, none, 3, none, none, 6, 6, none]
    assert list(ops["child"]) == [none, none, none, none, 1, none, none, none, 2, none]
    assert [(session.parent, session.parent_op) for session in found.head.sessions] == [
        (None, None),
        (0, 4),
        (1, 8),
    ]
    assert [(session.first_op, session.ops) for session in found.head.sessions] == [(0, 6), (6, 3), (9, 1)]


def test_times_are_exact_and_what_is_unknown_is_no_number(store: Store) -> None:
    store.add(TREE)
    ops = trace.trace(store.reader, "claude_code:s").tables["ops"]
    assert ops["start"][0] == NOON
    assert ops["duration"][0] == SECOND
    assert math.isnan(ops["duration"][5])


def test_calls_tell_tokens_and_cost_and_whether_there_is_a_price(store: Store) -> None:
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s")
    calls = found.tables["calls"]
    assert list(calls["op"]) == [0, 3, 6]
    assert calls["cost"][0] == 1_000_000
    assert math.isnan(calls["cost"][1])
    assert [calls[name][0] for name in ("tokens_in", "tokens_out", "tokens_reasoning")] == [100, 10, 4]
    assert [calls[name][0] for name in ("cache_read", "cache_write")] == [1000, 25]
    assert found.head.names[calls["model"][1]] == "nobody-knows"
    flags = found.tables["ops"]["flags"]
    assert (flags[0], flags[1], flags[3]) == (trace.PRICED, 0, trace.UNPRICED)


def test_turns_are_there_in_order(store: Store) -> None:
    store.add(TREE)
    table = trace.trace(store.reader, "claude_code:s").tables["turns"]
    assert list(zip(table["session"], table["turn"], strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1)]
    assert table["start"][0] == NOON


def test_what_goes_over_the_wire_is_what_was_put_in(store: Store) -> None:
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s")

    header, tables = trace.decode(trace.encode(found))

    assert header["sessions"][1]["title"] == "Look around"
    for table, columns in found.tables.items():
        for name, values in columns.items():
            assert tables[table][name].tobytes() == values.tobytes(), (table, name)


def test_json_has_null_for_what_is_unknown(store: Store) -> None:
    store.add(TREE)
    found = trace.view(trace.trace(store.reader, "claude_code:s"))
    assert found.ops["duration"][:2] == [SECOND, SECOND]
    assert found.ops["duration"][5] is None
    assert found.ops["seq"] == [1, 2, 3, 4, 5, 6, 1, 2, 3, 1]


def test_the_revision_moves_with_any_session_of_the_tree(store: Store) -> None:
    store.add(TREE)
    before = trace.revision(store.reader, "claude_code:s")
    assert trace.trace(store.reader, "claude_code:s").head.revision == before
    store.add("d < c: Deeper\n    1: Grep Read")
    assert trace.revision(store.reader, "claude_code:s") > before


class TestWhatChangedAfterwards:
    """Told to someone who has the trace of an earlier revision."""

    def test_is_told_from_the_first_turn_that_changed(self, store: Store) -> None:
        store.add(TREE)
        before = trace.revision(store.reader, "claude_code:s")
        store.writer.apply(added("d", turn=2, seq=2))
        found = trace.trace(store.reader, "claude_code:s", after=before)
        assert [(session.id, session.from_turn, session.ops) for session in found.head.sessions] == [
            ("claude_code:s", None, 0),
            ("claude_code:c", None, 0),
            ("claude_code:d", 2, 1),
        ]
        assert not found.head.reset
        assert told(found, "name") == ["Edit"]

    def test_is_nothing_if_nothing_did(self, store: Store) -> None:
        store.add(TREE)
        found = trace.trace(
            store.reader, "claude_code:s", after=trace.revision(store.reader, "claude_code:s")
        )
        assert (found.head.sessions, found.head.tree_sessions, found.head.reset) == ([], 3, False)

    def test_is_all_with_a_reset_if_it_is_not_known(self, store: Store) -> None:
        store.add(TREE)
        store.add("d < c: Deeper\n    2: Read")
        store.writing.execute("DELETE FROM change WHERE id <= 5")
        whole = trace.trace(store.reader, "claude_code:s")
        assert trace.trace(store.reader, "claude_code:s", after=2).head == whole.head
        assert trace.trace(store.reader, "claude_code:s", after=99).head.reset
        assert whole.head.reset

    def test_names_the_sessions_that_ops_told_again_have_run(self, store: Store) -> None:
        store.add(TREE)
        before = trace.revision(store.reader, "claude_code:s")
        store.add("s: Fix the parser\n    1: llm Read Bash!\n    2: llm? >c Edit")
        found = trace.trace(store.reader, "claude_code:s", after=before)
        assert [(one.id, one.from_turn) for one in found.head.sessions] == [
            ("claude_code:s", 1),
            ("claude_code:c", None),
        ]
        row = told(found, "name").index("Task")
        assert found.tables["ops"]["child"][row] == 1
        assert found.head.sessions[1].parent_op == row

    def test_has_the_op_that_ran_a_session_that_is_read_only_now(self, store: Store) -> None:
        store.add("s: Fix\n    1: llm\n    2: >c\n    3: llm")
        before = trace.revision(store.reader, "claude_code:s")
        store.add("c < s Explore: Look around\n    1: llm")
        found = trace.trace(store.reader, "claude_code:s", after=before)
        assert [(one.id, one.from_turn) for one in found.head.sessions] == [
            ("claude_code:s", 2),
            ("claude_code:c", 1),
        ]
        assert found.head.sessions[1].parent_op == 0

    def test_tells_of_a_session_that_is_no_longer_in_the_tree_by_their_number(self, store: Store) -> None:
        store.add(TREE)
        before = trace.revision(store.reader, "claude_code:s")
        with store.writing:
            store.writing.execute("UPDATE session SET owner_file = NULL WHERE native_id = 'd'")
        found = trace.trace(store.reader, "claude_code:s", after=before)
        assert found.head.tree_sessions == 2

    def test_is_as_large_for_a_long_session_as_for_a_short_one(self, store: Store) -> None:
        sizes, steps = [], []
        for name, turns_before in (("a", 3), ("b", 900)):
            lines = [f"{name}: Some title", *(f"    {n}: llm Read" for n in range(100, 100 + turns_before))]
            store.add("\n".join(lines))
            before = trace.revision(store.reader, f"claude_code:{name}")
            store.writer.apply(added(name, turn=1000, seq=2 * turns_before + 1))
            with counted_steps(store) as count:
                found = trace.trace(store.reader, f"claude_code:{name}", after=before)
            sizes.append(len(trace.encode(found)))
            steps.append(count())
            assert told(found, "name")[-1] == "Edit"
        assert sizes[1] < sizes[0] + 20  # numbers in the head have more digits
        assert steps[1] < 1.5 * steps[0]

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_makes_of_an_earlier_trace_the_one_of_now(
        self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        made = Store(tmp_path_factory.mktemp("store") / "store.db")
        grown: dict[str, list[list[str]]] = {"s: Fix": [["llm", ">c"]], "c < s Explore: Look": [["llm"]]}
        held: dict[Any, Any] = {}
        after = None
        for step in range(data.draw(st.integers(2, 4))):
            for head, turns_of_it in grown.items():
                lines = [f"    {n}: {' '.join(words)}" for n, words in enumerate(turns_of_it, 1)]
                if step == 0 or data.draw(st.booleans()):
                    made.add("\n".join([head, *lines]), at=NOON + data.draw(st.integers(0, 9)) * SECOND)
            found = trace.trace(made.reader, "claude_code:s", after=after)
            held, after = merged(held, found), found.head.revision
            assert held == merged({}, trace.trace(made.reader, "claude_code:s"))
            head = data.draw(st.sampled_from([*grown, "e < c Plan: New"]))
            words = data.draw(st.lists(st.sampled_from(["llm", "Read", "Bash!", "Edit~", ">e"]), max_size=3))
            turns_of_it = grown.setdefault(head, [[]])
            if data.draw(st.booleans()):
                turns_of_it.append(words)
            else:
                turns_of_it[-1] += words
        made.close()


def test_a_session_nobody_read_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        trace.trace(store.reader, "claude_code:nobody")


def test_it_asks_as_often_for_many_ops_as_for_few(store: Store) -> None:
    store.add("few: Few\n    1: llm Read")
    store.add("many: Many\n    1: " + "llm Read " * 300)
    statements = store.count_statements()
    trace.trace(store.reader, "claude_code:few")
    few = len(statements)
    trace.trace(store.reader, "claude_code:many")
    assert len(statements) == 2 * few


@settings(max_examples=30, deadline=None)
@given(words=st.lists(st.sampled_from(["llm", "llm?", "think", "Read", "Bash!", "Edit~"]), max_size=12))
def test_it_tells_of_each_op_what_the_turns_tell(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    made = Store(tmp_path_factory.mktemp("store") / "store.db")
    made.add(f"s: Any\n    1: {' '.join(words)}")
    found = trace.trace(made.reader, "claude_code:s")
    ops = [op for turn in turns.page(made.reader, "claude_code:s").turns for op in turn.ops]
    assert told(found, "seq") == [op.seq for op in ops]
    assert told(found, "kind") == [op.kind for op in ops]
    assert told(found, "status") == [op.status for op in ops]
    assert [None if math.isnan(value) else value for value in told(found, "duration")] == [
        op.duration_us for op in ops
    ]
    costs = dict(zip(*(found.tables["calls"][name] for name in ("op", "cost")), strict=True))
    assert [costs.get(row, math.nan) / 1e9 for row in range(len(ops))] == pytest.approx(
        [math.nan if op.cost_usd is None else op.cost_usd for op in ops], nan_ok=True
    )
    made.close()


def test_names_beyond_the_columns_range_share_one(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(trace, "_MOST_NAMES", 4)
    store.add("s: Many tools\n    1: Aa Bb Cc Dd")
    found = trace.trace(store.reader, "claude_code:s")
    assert told(found, "name") == ["Aa", "Bb", trace.OTHER_NAME, trace.OTHER_NAME]


def test_sessions_beyond_the_columns_range_are_told_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(trace, "_MOST_SESSIONS", 2)
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s")
    assert (len(found.head.sessions), found.head.dropped_sessions) == (2, 1)
    assert database.one(store.reader, "SELECT count(*) FROM session WHERE owner_file IS NOT NULL") == 4


def test_the_web_apps_sample_is_what_the_server_sends(store: Store, request: pytest.FixtureRequest) -> None:
    """``pytest --update-expected`` writes it anew."""
    store.add(TREE)
    found = trace.trace(store.reader, "claude_code:s")
    body, told = trace.encode(found), msgspec.json.encode(trace.view(found))
    if request.config.getoption("--update-expected"):
        SAMPLE.with_suffix(".bin").write_bytes(body)
        SAMPLE.with_suffix(".json").write_bytes(msgspec.json.format(told))
    assert SAMPLE.with_suffix(".bin").read_bytes() == body
    # As values: how the file is laid out is the formatter's.
    assert msgspec.json.decode(SAMPLE.with_suffix(".json").read_bytes()) == msgspec.json.decode(told)
