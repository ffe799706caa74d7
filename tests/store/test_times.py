"""Where the time of turns and sessions went: see `ai_viewer.store.times`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.analysis.attribution import split
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    Rank,
    SessionFacts,
    SessionStarted,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    call_key,
)
from ai_viewer.store import database
from ai_viewer.store.derive import derive_all
from ai_viewer.testing.dump import dump
from tests.pictures import NOON, Store, batch

PARTS = ("model", "tool", "agent", "compaction", "idle", "wait")
COLUMNS = ", ".join(f"{part}_us" for part in PARTS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def started(session: str = "s") -> SessionStarted:
    return SessionStarted(session=session, rank=Rank.TRANSCRIPT, facts=SessionFacts())


def turn(number: int, start: int | None, end: int | None, session: str = "s") -> list[Event]:
    """A turn, in microseconds after noon."""
    begun = TurnStarted(session=session, turn=number, ts=None if start is None else NOON + start)
    if end is None:
        return [begun]
    ended = TurnFinalized(session=session, turn=number, ts=NOON + end, status=TurnStatus.COMPLETED)
    return [begun, ended]


def op(
    seq: int, number: int, kind: OpKind, start: int, end: int | None, session: str = "s", **more: Any
) -> list[Event]:
    begun = OpStarted(session=session, turn=number, seq=seq, ts=NOON + start, kind=kind, **more)
    if end is None:
        return [begun]
    status = OpStatus.COMPLETED
    return [begun, OpFinalized(session=session, turn=number, seq=seq, ts=NOON + end, status=status)]


def tell(store: Store, *events: list[Event], session: str = "s") -> None:
    """Write the events as news of the session's own file."""
    together = [started(session), *itertools.chain.from_iterable(events)]
    store.writer.apply([batch(together, f"{session}.jsonl")])


def times(store: Store, session: str = "s") -> dict[int, dict[str, int]]:
    """The parts of each turn that are not 0."""
    rows = database.rows(
        store.writing,
        f"SELECT turn, {COLUMNS} FROM turn"
        " WHERE session_id = (SELECT id FROM session WHERE native_id = ?) ORDER BY turn",
        (session,),
    )
    return {
        number: {part: value for part, value in zip(PARTS, values, strict=True) if value}
        for number, *values in rows
    }


def whole(store: Store, session: str = "s") -> dict[str, int]:
    [values] = database.rows(store.writing, f"SELECT {COLUMNS} FROM session WHERE native_id = ?", (session,))
    return {part: value for part, value in zip(PARTS, values, strict=True) if value}


class TestATurn:
    def test_is_parted_between_what_its_ops_did(self, store: Store) -> None:
        tell(
            store,
            turn(1, 0, 100),
            op(1, 1, OpKind.LLM, 0, 10),
            op(2, 1, OpKind.TOOL, 10, 40),
            op(3, 1, OpKind.TOOL, 20, 45),
            op(4, 1, OpKind.SESSION, 45, 80),
            op(5, 1, OpKind.COMPACTION, 80, 90),
        )
        assert times(store) == {1: {"model": 10, "tool": 35, "agent": 35, "compaction": 10, "idle": 10}}

    def test_counts_no_op_of_another_turn(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), op(1, 1, OpKind.TOOL, 0, 25), turn(2, 20, 30))
        assert times(store) == {1: {"tool": 10}, 2: {"idle": 10, "wait": 10}}

    def test_ends_where_the_next_begins(self, store: Store) -> None:
        tell(store, turn(1, 0, 50), op(1, 1, OpKind.TOOL, 0, 50), turn(2, 20, 60))
        assert times(store) == {1: {"tool": 20}, 2: {"idle": 40}}

    @pytest.mark.parametrize(("start", "end"), [(None, 5), (5, None), (None, None)])
    def test_of_unknown_start_or_end_has_no_time(
        self, store: Store, start: int | None, end: int | None
    ) -> None:
        tell(store, turn(1, start, end), op(1, 1, OpKind.LLM, 0, 10))
        assert times(store) == {1: {}}

    def test_0_has_its_time_as_well(self, store: Store) -> None:
        tell(store, turn(0, 0, 10), op(1, 0, OpKind.SYSTEM, 0, 4), turn(1, 30, 40))
        assert times(store) == {0: {"tool": 4, "idle": 6}, 1: {"idle": 10, "wait": 20}}

    def test_an_op_of_unknown_duration_takes_no_time(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), op(1, 1, OpKind.LLM, 2, None))
        assert times(store) == {1: {"idle": 10}}

    def test_grows_with_its_end(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), op(1, 1, OpKind.LLM, 0, 10))
        tell(store, turn(1, 0, 30), op(2, 1, OpKind.TOOL, 10, 25))
        assert times(store) == {1: {"model": 10, "tool": 15, "idle": 5}}


class TestCopies:
    def test_take_no_time_and_a_turn_of_copies_alone_has_none(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), op(1, 1, OpKind.LLM, 0, 10, call=call_key("m")))
        tell(
            store,
            turn(1, 0, 10, "t"),
            op(1, 1, OpKind.LLM, 0, 10, "t", call=call_key("m")),
            turn(2, 50, 70, "t"),
            op(2, 2, OpKind.LLM, 50, 55, "t"),
            session="t",
        )
        assert times(store) == {1: {"model": 10}}
        assert times(store, "t") == {1: {}, 2: {"model": 5, "idle": 15}}

    def test_have_their_time_back_when_the_original_is_gone(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), op(1, 1, OpKind.LLM, 0, 10, call=call_key("m")))
        copy = [
            *turn(1, 1, 10, "t"),
            *op(1, 1, OpKind.LLM, 1, 10, "t", call=call_key("m")),
            *turn(2, 30, 40, "t"),
        ]
        tell(store, copy, session="t")
        assert whole(store, "t") == {"idle": 10}
        anew = batch([started()], "s.jsonl")
        anew.reset = True
        store.writer.apply([anew])
        assert times(store, "t") == {1: {"model": 9}, 2: {"idle": 10, "wait": 20}}


class TestNeighbours:
    def test_a_turn_that_starts_earlier_than_was_known_cuts_the_one_before(self, store: Store) -> None:
        tell(store, turn(1, 0, 50), op(1, 1, OpKind.TOOL, 0, 50), turn(2, 60, 70))
        assert times(store) == {1: {"tool": 50}, 2: {"idle": 10, "wait": 10}}
        tell(store, turn(2, 30, 70))
        assert times(store) == {1: {"tool": 30}, 2: {"idle": 40}}

    def test_a_turn_that_ends_later_shortens_the_wait_behind_it(self, store: Store) -> None:
        tell(store, turn(1, 0, 10), turn(2, 60, 70))
        tell(store, turn(1, 0, 40))
        assert times(store) == {1: {"idle": 40}, 2: {"idle": 10, "wait": 20}}

    def test_a_turn_that_moves_before_another_gives_back_what_it_had_cut(self, store: Store) -> None:
        tell(store, turn(1, 20, 90), op(1, 1, OpKind.LLM, 20, 90), turn(2, 50, 95))
        assert times(store)[1] == {"model": 30}
        tell(store, turn(2, 10, 15))
        # Its earlier, later end still holds: the start of turn 1 cuts it.
        assert times(store)[1] == {"model": 70, "wait": 5}
        assert times(store)[2] == {"idle": 5}


class History(NamedTuple):
    """Turns (number, start, end) and ops (turn, kind, start, end), in the order they are told."""

    turns: list[tuple[int, int | None, int | None]]
    ops: list[tuple[int, OpKind, int, int | None]]


MOMENTS = st.integers(0, 60)
HISTORIES = st.builds(
    History,
    st.lists(st.tuples(st.integers(0, 4), st.none() | MOMENTS, st.none() | MOMENTS), max_size=10),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(OpKind), MOMENTS, st.none() | MOMENTS), max_size=8),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of many sessions: making one takes longer than a session's work."""
    made = Store(tmp_path_factory.mktemp("times") / "s.db")
    yield made
    made.close()


NAMES = (f"s{number}" for number in itertools.count())


@given(history=HISTORIES, cuts=st.sets(st.integers(0, 18)), shuffled=st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_windows_and_waits_are_the_wall_time_however_it_was_told(
    shared: Store, history: History, cuts: set[int], shuffled: Any
) -> None:
    name = next(NAMES)
    told = [turn(*fields, name) for fields in history.turns]
    told += [op(seq, *fields, name) for seq, fields in enumerate(history.ops, 1)]
    shuffled.shuffle(told)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(told)), len(told)]
    for low, high in itertools.pairwise(bounds):
        tell(shared, *told[low:high], session=name)

    found, total = times(shared, name), whole(shared, name)
    key = database.one(shared.writing, "SELECT id FROM session WHERE native_id = ?", (name,))
    rows = database.rows(
        shared.writing,
        "SELECT turn, start_ts, end_ts FROM turn WHERE session_id = ? AND start_ts IS NOT NULL ORDER BY 2, 1",
        (key,),
    )
    windows = [
        (number, start, min([end, *(later for _, later, _ in rows[place + 1 :])]))
        for place, (number, start, end) in enumerate(rows)
        if end is not None
    ]
    for before, (number, start, end) in zip([None, *windows], windows, strict=False):
        busy = database.rows(
            shared.writing,
            "SELECT kind, start_ts, end_ts FROM op"
            " WHERE session_id = ? AND turn = ? AND duration_us IS NOT NULL",
            (key, number),
        )
        parts = dict.fromkeys(PARTS, 0) | found[number]
        assert parts.pop("wait") == (start - before[2] if before else 0)
        assert parts == split(start, end, busy)._asdict()
    assert sum(total.values()) == (windows[-1][2] - windows[0][1] if windows else 0)
    busy = database.one(shared.writing, "SELECT busy_us FROM session WHERE id = ?", (key,))
    assert busy == sum(total.values()) - total.get("wait", 0)
    assert {number for number, parts in found.items() if parts} <= {number for number, *_ in windows}


def test_a_migrated_or_rebuilt_store_has_the_same_times(tmp_path: Path) -> None:
    """All is derived: computing it anew for everything changes nothing."""
    store = Store(tmp_path / "s.db")
    store.add("s: S\n    1: llm Bash >c\n    2: llm\nc < s Explore: Look\n    1: llm Read")
    store.close()
    before = dump(tmp_path / "s.db")
    connection = database.open_writer(tmp_path / "s.db")
    with connection:
        for table in ("turn", "session"):
            connection.execute(f"UPDATE {table} SET {', '.join(f'{part}_us = 7' for part in PARTS)}")
        derive_all(connection)
    connection.close()
    assert dump(tmp_path / "s.db") == before


@pytest.mark.parametrize("moves", ["end", "start", "new turn", "op"])
def test_appending_writes_as_many_rows_to_a_long_session_as_to_a_short_one(
    tmp_path: Path, moves: str
) -> None:
    written = []
    for length in (2, 400):
        store = Store(tmp_path / f"{length}.db")
        last = 100 * length
        tell(store, *(turn(n, 100 * n, 100 * n + 80) for n in range(1, length + 1)))
        news = {
            "end": [turn(length, last, last + 90)],
            "start": [turn(length, last - 50, last + 80)],
            "new turn": [turn(length + 1, last + 40, last + 200)],
            "op": [op(1, length, OpKind.LLM, last, last + 10)],
        }
        before = store.writing.total_changes()
        tell(store, *news[moves])
        written.append(store.writing.total_changes() - before)
        store.close()
    assert written[0] == written[1]
