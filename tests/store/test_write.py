"""What the writer promises, whatever the events: see `ai_viewer.store.write`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_viewer import pricing
from ai_viewer.ingest.fold import KEEP_BYTES, fold
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionStarted,
    SessionStatus,
    SessionUpdated,
    Timing,
    TurnFinalized,
    TurnStarted,
    TurnStatus,
    Usage,
    call_key,
)
from ai_viewer.store import database
from ai_viewer.store.batch import FileBatch, FileState
from ai_viewer.store.write import ANEW, Writer
from ai_viewer.testing.dump import dump

NOON = 1_767_268_800_000_000
SECOND = 1_000_000


def batch(events: list[Event], path: str = "a.jsonl", *, offset: int = 100, reset: bool = False) -> FileBatch:
    """The events as one file's batch."""
    sessions, problems = fold(events, lambda _: None)
    return FileBatch(
        format="claude_code",
        root="/home/dev/.claude",
        file=FileState(path, 1, offset, 1, offset, 0, 1, b""),
        start=0,
        reset=reset,
        done=True,
        counts={"mapped": len(events)},
        problems=problems,
        sessions=sessions,
    )


def started(session: str = "s", rank: Rank = Rank.TRANSCRIPT, **facts: Any) -> SessionStarted:
    return SessionStarted(session=session, rank=rank, facts=SessionFacts(**facts))


def turn(number: int = 1, at: int = NOON, session: str = "s", label: str | None = None) -> TurnStarted:
    return TurnStarted(session=session, turn=number, ts=at, label=label)


def begin(
    seq: int, at: int | None = NOON, *, session: str = "s", kind: OpKind = OpKind.TOOL, **more: Any
) -> OpStarted:
    return OpStarted(session=session, turn=more.pop("turn", 1), seq=seq, ts=at, kind=kind, **more)


def end(seq: int, at: int | None, *, session: str = "s", **more: Any) -> OpFinalized:
    more.setdefault("status", OpStatus.COMPLETED)
    return OpFinalized(session=session, turn=more.pop("turn", 1), seq=seq, ts=at, **more)


def model_call(
    seq: int, at: int, *, session: str = "s", message: str = "msg_1", output: int = 50, turn: int = 1
) -> list[Event]:
    usage = Usage(input=1000, output=output, cache_read=200)
    model: dict[str, Any] = {"model": "claude-opus-4-5", "provider": "anthropic"}
    call = call_key(message, 1000, 200)
    return [
        begin(seq, at, session=session, kind=OpKind.LLM, turn=turn, call=call, **model),
        end(seq, at + SECOND, session=session, turn=turn, usage=usage),
    ]


class Store:
    """A real store in a folder, with a writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = database.open_writer(path)
        self.writer = Writer(self.connection, pricing.quote)

    def apply(self, *batches: FileBatch) -> None:
        self.writer.apply(batches)

    def one(self, sql: str) -> Any:
        return database.one(self.connection, sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return database.rows(self.connection, sql)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.connection.close()


def duration(store: Store) -> int | None:
    value: int | None = store.one("SELECT duration_us FROM op WHERE seq = 1")
    return value


class TestDurationsAreHonest:
    def test_a_normal_op_lasts_from_its_start_to_its_end(self, store: Store) -> None:
        store.apply(batch([begin(1), end(1, NOON + 3 * SECOND)]))
        assert duration(store) == 3 * SECOND

    def test_an_end_whose_start_never_came_has_no_duration(self, store: Store) -> None:
        store.apply(batch([end(1, NOON)]))
        assert store.rows("SELECT start_ts, end_ts, duration_us FROM op") == [(None, NOON, None)]

    @pytest.mark.parametrize("worse", [0, NOON - 1, None])
    @pytest.mark.parametrize("together", [True, False])
    def test_a_later_worse_end_never_erases_a_good_one(
        self, store: Store, worse: int | None, together: bool
    ) -> None:
        events: list[Event] = [begin(1), end(1, NOON + SECOND), end(1, worse, status=OpStatus.FAILED)]
        for part in [events] if together else [events[:1], events[1:2], events[2:]]:
            store.apply(batch(part))
        assert duration(store) == SECOND
        assert store.one("SELECT status FROM op") == "failed"

    def test_a_start_told_again_earlier_lengthens_the_span(self, store: Store) -> None:
        store.apply(batch([begin(1), end(1, NOON + SECOND)]))
        store.apply(batch([begin(1, NOON - SECOND)]))
        store.apply(batch([begin(1, NOON)]))
        assert duration(store) == 2 * SECOND

    def test_a_clock_that_runs_backwards_gives_no_negative_duration(self, store: Store) -> None:
        store.apply(batch([begin(1), end(1, NOON - SECOND)]))
        assert duration(store) is None


class TestAModelCallCountsOnce:
    def totals(self, store: Store) -> Any:
        return store.rows(
            "SELECT sum(llm_calls), sum(tool_calls), sum(tokens_in), sum(tokens_out), sum(replays)"
            " FROM session"
        )[0]

    def test_a_copy_of_a_call_in_another_session_is_a_replay_with_all_its_parts(self, store: Store) -> None:
        original = [started(), turn(), *model_call(1, NOON), begin(2, parent=1), end(2, NOON + 2 * SECOND)]
        copy = [
            started("t"), turn(session="t"), *model_call(1, NOON, session="t"),
            begin(2, session="t", parent=1), end(2, NOON + 2 * SECOND, session="t"),
        ]  # fmt: skip
        store.apply(batch(original), batch(copy, "b.jsonl"))
        assert self.totals(store) == (1, 1, 1000, 50, 2)
        assert store.rows("SELECT native_id, ops, replays, turns FROM session ORDER BY 1") == [
            ("s", 2, 0, 1),
            ("t", 0, 2, 0),
        ]

    def test_which_copy_is_the_original_does_not_depend_on_the_order_of_files(self, tmp_path: Path) -> None:
        files = [
            batch(
                [started(name), turn(session=name), *model_call(1, NOON + late, session=name)],
                f"{name}.jsonl",
            )
            for name, late in [("p", 0), ("q", 0), ("r", SECOND)]
        ]
        dumps = []
        for number, order in enumerate(itertools.permutations(files)):
            made = Store(tmp_path / f"{number}.db")
            for file in order:
                made.apply(file)
            assert self.totals(made) == (1, 0, 1000, 50, 2)
            assert made.rows("SELECT native_id FROM session WHERE llm_calls") == [("p",)]
            made.connection.close()
            dumps.append(dump(made.path))
        assert all(one == dumps[0] for one in dumps)

    def test_a_part_that_comes_later_shares_its_calls_fate(self, store: Store) -> None:
        store.apply(batch([started(), turn(), *model_call(1, NOON)]))
        store.apply(
            batch([started("t"), turn(session="t"), *model_call(1, NOON + 1, session="t")], "b.jsonl")
        )
        store.apply(batch([begin(2, session="t", parent=1)], "b.jsonl"))
        assert store.rows(
            "SELECT seq, replay FROM op JOIN session ON id = session_id WHERE session.native_id = 't'"
        ) == [(1, 1), (2, 1)]

    def test_a_replay_becomes_the_original_when_the_original_is_taken_back(self, store: Store) -> None:
        store.apply(batch([started(), turn(), *model_call(1, NOON)]))
        tool = [begin(2, NOON + 2, session="t", parent=1), end(2, NOON + 3, session="t")]
        store.apply(
            batch([started("t"), turn(session="t"), *model_call(1, NOON + 1, session="t"), *tool], "b.jsonl")
        )
        assert self.totals(store) == (1, 0, 1000, 50, 2)
        store.apply(batch([started(), turn()], reset=True))
        assert self.totals(store) == (1, 1, 1000, 50, 0)

    def test_a_replay_becomes_the_original_when_the_original_turns_out_to_be_another_call(
        self, store: Store
    ) -> None:
        """A call's identity may change while it is told: its prompt's tokens come late."""
        store.apply(batch([started(), turn(), *model_call(1, NOON)]))
        store.apply(
            batch([started("t"), turn(session="t"), *model_call(1, NOON + 1, session="t")], "b.jsonl")
        )
        assert self.totals(store) == (1, 0, 1000, 50, 1)
        store.apply(batch(model_call(1, NOON, message="msg_2")))
        assert self.totals(store) == (2, 0, 2000, 100, 0)

    def test_what_the_source_shows_to_be_copied_never_counts(self, store: Store) -> None:
        store.apply(
            batch(
                [
                    started(),
                    turn(),
                    begin(1, kind=OpKind.LLM, copied=True),
                    end(1, NOON, usage=Usage(input=7)),
                ]
            )
        )
        assert self.totals(store) == (0, 0, 0, 0, 1)

    def test_growing_usage_keeps_the_last(self, store: Store) -> None:
        store.apply(batch([started(), turn(), *model_call(1, NOON, output=1)]))
        store.apply(batch([end(1, NOON + SECOND, usage=Usage(input=1000, output=900, cache_read=200))]))
        assert self.totals(store) == (1, 0, 1000, 900, 0)


class TestCost:
    def test_a_call_is_priced_at_its_start_even_if_its_usage_comes_in_a_later_batch(
        self, tmp_path: Path
    ) -> None:
        first, last = model_call(1, NOON)
        stores = [Store(tmp_path / "together.db"), Store(tmp_path / "apart.db")]
        stores[0].apply(batch([started(), turn(), first, last]))
        stores[1].apply(batch([started(), turn(), first]))
        stores[1].apply(batch([last]))
        for made in stores:
            # 1000 fresh at $5, 50 out at $25, 200 cached at $0.50 a million.
            assert made.rows("SELECT cost_nano, cost_source, context_max FROM op") == [
                (6_350_000, "priced", 200_000)
            ]
            assert made.one("SELECT cost_nano FROM session") == 6_350_000
            made.connection.close()

    def test_a_cost_the_source_recorded_wins(self, store: Store) -> None:
        first, _ = model_call(1, NOON)
        store.apply(batch([started(), turn(), first, end(1, NOON, usage=Usage(input=5), cost=42)]))
        assert store.rows("SELECT cost_nano, cost_source FROM op") == [(42, "recorded")]

    def test_an_unknown_model_has_no_price_and_is_counted_as_such(self, store: Store) -> None:
        call = begin(1, kind=OpKind.LLM, model="nobody-knows-this", provider="anthropic")
        store.apply(batch([started(), turn(), call, end(1, NOON, usage=Usage(input=5))]))
        assert store.rows("SELECT cost_nano, cost_source FROM op") == [(None, None)]
        assert store.rows("SELECT cost_nano, unpriced_calls FROM session") == [(0, 1)]


class TestLinks:
    spawn: ClassVar[list[Event]] = [
        started("p"),
        turn(session="p"),
        begin(1, session="p", kind=OpKind.SESSION, native_id="toolu_1"),
    ]
    result: ClassVar[list[Event]] = [end(1, NOON + SECOND, session="p", child="c")]
    child: ClassVar[list[Event]] = [
        started("c", kind="sub_agent", parent="p"),
        turn(session="c"),
        begin(1, session="c"),
    ]
    sidecar: ClassVar[list[Event]] = [
        started("c", Rank.SIDECAR, agent="Explore", parent="p", parent_op="toolu_1")
    ]

    @pytest.mark.parametrize("told_by", ["result", "sidecar", "both"])
    def test_children_and_parents_find_each_other_in_any_order(self, tmp_path: Path, told_by: str) -> None:
        files = {"p": self.spawn + (self.result if told_by != "sidecar" else []), "c": self.child}
        if told_by != "result":
            files["m"] = self.sidecar
        dumps = []
        for number, order in enumerate(itertools.permutations(files)):
            made = Store(tmp_path / f"{number}.db")
            for name in order:
                made.apply(batch(files[name], f"{name}.jsonl"))
            links = made.rows(
                "SELECT p.native_id, op.seq, c.native_id, c.kind FROM op JOIN session AS c ON c.id = child_id"
                " JOIN session AS p ON p.id = c.parent_id AND p.id = op.session_id"
            )
            assert links == [("p", 1, "c", "sub_agent")]
            made.connection.close()
            dumps.append(dump(made.path))
        assert all(one == dumps[0] for one in dumps)

    def test_a_session_that_is_only_named_is_not_present(self, store: Store) -> None:
        store.apply(batch([*self.spawn, *self.result]))
        assert store.rows("SELECT native_id FROM session WHERE owner_file IS NOT NULL") == [("p",)]

    def test_a_parent_learns_of_its_childs_changes(self, store: Store) -> None:
        store.apply(batch([*self.spawn, *self.result]), batch(self.child, "c.jsonl"))
        last = store.one("SELECT max(id) FROM change")
        store.apply(batch([end(1, NOON + SECOND, session="c")], "c.jsonl"))
        told = store.rows(
            f"SELECT native_id FROM change JOIN session ON session.id = session_id WHERE change.id > {last}"
        )
        assert sorted(told) == [("c",), ("p",)]


class TestOneSessionInSeveralFiles:
    def test_the_best_file_tells_the_content_in_any_order(self, tmp_path: Path) -> None:
        transcript = batch([started(title="real"), turn(), begin(1), begin(2)], "t.jsonl")
        archived = batch(
            [started(rank=Rank.COPY, title="old", cwd="/home/dev"), turn(), begin(1), begin(2), begin(3)],
            "c.jsonl",
        )
        echo = batch([started(rank=Rank.ECHO, agent="Explore"), turn(), begin(1)], "e.jsonl")
        for number, order in enumerate(itertools.permutations([transcript, archived, echo])):
            made = Store(tmp_path / f"{number}.db")
            for file in order:
                made.apply(file)
            assert made.rows("SELECT title, cwd, agent, ops FROM session") == [
                ("real", "/home/dev", "Explore", 2)
            ]
            made.connection.close()

    def test_when_the_better_file_is_gone_the_other_is_read_again(self, store: Store) -> None:
        first = batch([started(), turn(), begin(1)], "a.jsonl")
        second = batch([started(), turn(), begin(1), begin(2)], "b.jsonl")
        store.apply(first, second)
        assert store.one("SELECT ops FROM session") == 1
        store.writer.mark_missing("claude_code", "/home/dev/.claude", ["a.jsonl"])
        known = store.writer.known_files("claude_code", "/home/dev/.claude")
        assert list(known) == ["b.jsonl"]
        assert known["b.jsonl"].adapter_version == -1
        store.apply(batch([started(), turn(), begin(1), begin(2)], "b.jsonl", reset=True))
        assert store.one("SELECT ops FROM session") == 2

    def test_what_was_being_read_on_of_a_file_that_is_asked_for_anew_is_left_out(self, store: Store) -> None:
        """It would move the cursor, and the file would not be read from its beginning."""
        store.apply(
            batch([started(), turn()], "a.jsonl"), batch([started(rank=Rank.COPY), turn()], "b.jsonl")
        )
        further = batch([started(rank=Rank.COPY), turn(2)], "b.jsonl", offset=200)
        further.start = 100
        store.writer.mark_missing("claude_code", "/home/dev/.claude", ["a.jsonl"])
        store.apply(further)
        assert store.rows("SELECT offset, adapter_version FROM file WHERE path = 'b.jsonl'") == [(100, ANEW)]
        assert store.one("SELECT turns FROM session") == 1
        store.apply(batch([started(rank=Rank.COPY), turn(), turn(2)], "b.jsonl", offset=200, reset=True))
        assert store.one("SELECT turns FROM session") == 2

    def test_history_outlives_its_file(self, store: Store) -> None:
        store.apply(batch([started(), turn(), begin(1)]))
        store.writer.mark_missing("claude_code", "/home/dev/.claude", ["a.jsonl"])
        assert store.one("SELECT ops FROM session") == 1

    def test_a_rewritten_file_replaces_what_it_had_told(self, store: Store) -> None:
        prompt = PayloadRef(session="s", turn=1, seq=0, kind=PayloadKind.PROMPT, text="walrus")
        store.apply(batch([started(title="one"), turn(), prompt, *model_call(1, NOON), begin(2)]))
        store.apply(batch([started(), turn(), begin(1)], reset=True))
        assert store.rows("SELECT title, ops, tokens_in FROM session") == [(None, 1, 0)]
        assert store.rows("SELECT rowid FROM payload_text('walrus')") == []


class TestPayloads:
    def test_another_files_text_is_kept_and_the_size_of_a_very_long_one_is_true(self) -> None:
        payload = PayloadRef(
            session="s", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, text="start", path="t.txt"
        )
        sessions, _ = fold([payload], lambda _: (b"whole", 5))
        assert sessions[0].payloads[0].data == b"whole"
        sessions, _ = fold([payload], lambda _: (b"the start", KEEP_BYTES + 10))
        row = sessions[0].payloads[0]
        assert (row.codec, row.size, row.search) == ("none", KEEP_BYTES + 10, "the start")
        sessions, _ = fold([payload], lambda _: None)
        assert sessions[0].payloads[0].data == b"start"

    def test_a_payload_told_again_is_replaced_in_the_index_too(self, store: Store) -> None:
        def answer(text: str) -> PayloadRef:
            return PayloadRef(session="s", turn=1, seq=1, kind=PayloadKind.ANSWER, text=text)

        store.apply(batch([started(), turn(), begin(1), answer("walrus")]))
        store.apply(batch([answer("penguin")]))
        assert store.one("SELECT count(*) FROM payload") == 1
        assert store.rows("SELECT rowid FROM payload_text('walrus')") == []
        assert len(store.rows("SELECT rowid FROM payload_text('penguin')")) == 1

    def test_the_whole_text_is_found_not_only_its_start(self, store: Store) -> None:
        text = "filler " * 100_000 + "walrus"
        store.apply(
            batch(
                [
                    started(),
                    turn(),
                    PayloadRef(session="s", turn=1, seq=0, kind=PayloadKind.PROMPT, text=text),
                ]
            )
        )
        assert len(store.rows("SELECT rowid FROM payload_text('walrus')")) == 1
        assert store.one("SELECT bytes FROM payload") == len(text)
        assert store.one("SELECT length(data) FROM payload") < len(text) / 100


def test_appending_writes_as_many_rows_to_a_long_session_as_to_a_short_one(tmp_path: Path) -> None:
    written = []
    for length in (1, 3000):
        made = Store(tmp_path / f"{length}.db")
        history: list[Event] = [started()]
        for n in range(1, length + 1):
            history += [
                turn(n, NOON + n * 60 * SECOND),
                *model_call(n, NOON + n * 60 * SECOND, message=f"msg_{n}", turn=n),
            ]
        made.apply(batch(history))
        before = made.connection.total_changes()
        made.apply(batch([*model_call(length + 1, NOON + length * 61 * SECOND, message="new", turn=length)]))
        written.append(made.connection.total_changes() - before)
        made.connection.close()
    assert written[0] == written[1]


def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    store.apply(batch([started(), turn(), begin(1)]))
    before = store.rows("SELECT * FROM op"), store.rows("SELECT * FROM change")
    broken = batch([started("t"), turn(session="t"), begin(1, session="t")], "b.jsonl")
    broken.sessions[0].ops[0].tokens_in = "many"  # type: ignore[assignment]
    with pytest.raises(apsw.ConstraintError):
        store.apply(broken)
    assert (store.rows("SELECT * FROM op"), store.rows("SELECT * FROM change")) == before
    store.apply(batch([started("t"), turn(session="t"), begin(1, session="t")], "b.jsonl"))
    assert store.one("SELECT count(*) FROM session WHERE ops = 1") == 2


TIMES = st.one_of(st.none(), st.integers(NOON, NOON + 100))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events as an adapter emits them: a start first, then any corrections."""
    events: list[Event] = [started()]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        events.append(turn(number, NOON + number))
        for seq in range(10 * number, 10 * number + draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(OpKind))
            events.append(
                begin(seq, NOON + draw(st.integers(0, 50)), kind=kind, turn=number, timing=Timing.DERIVED)
            )
            for _ in range(draw(st.integers(0, 3))):
                usage = draw(
                    st.one_of(st.none(), st.builds(Usage, input=st.integers(0, 9), output=st.integers(0, 9)))
                )
                status = draw(st.sampled_from(OpStatus))
                events.append(end(seq, draw(TIMES), turn=number, usage=usage, status=status))
        events.append(
            TurnFinalized(session="s", turn=number, ts=draw(TIMES), status=draw(st.sampled_from(TurnStatus)))
        )
        facts = SessionFacts(
            title=draw(st.sampled_from([None, "a", "b"])),
            status=draw(st.sampled_from([None, SessionStatus.FAILED])),
        )
        events.append(SessionUpdated(session="s", rank=Rank.TRANSCRIPT, facts=facts))
    return events


@given(events=histories(), cuts=st.sets(st.integers(0, 40)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writing_at_once_or_in_pieces_or_twice_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], cuts: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("stores")
    whole, parts, twice = (Store(folder / f"{name}.db") for name in ("whole", "parts", "twice"))
    whole.apply(batch(events))
    twice.apply(batch(events))
    twice.apply(batch(events))
    bounds = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    for low, high in itertools.pairwise(bounds):
        piece = batch(events[low:high])
        piece.counts = {"mapped": len(events)}
        parts.apply(piece)
    for made in (whole, parts, twice):
        made.connection.close()
    assert dump(whole.path) == dump(parts.path) == dump(twice.path)
