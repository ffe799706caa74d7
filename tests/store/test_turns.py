"""Turns page by page: nothing twice, nothing left out, and no dearer for a longer session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.errors import NotFoundError
from ai_viewer.model import OpKind, OpStarted, PayloadKind, PayloadRef, Rank, SessionFacts, SessionStarted
from ai_viewer.store import turns
from ai_viewer.store.cursors import CursorError
from ai_viewer.store.views import Turn, TurnPage
from tests.pictures import NOON, SECOND, Store, batch

S = "claude_code:s"
Order = Literal["asc", "desc"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.close()


def pages(store: Store, limit: int, order: Order = "asc", **more: Any) -> list[TurnPage]:
    read: list[TurnPage] = []
    cursor = None
    while True:
        page = turns.page(store.reader, S, cursor=cursor, limit=limit, order=order, **more)
        read.append(page)
        assert sum(len(turn.ops) for turn in page.turns) <= limit
        cursor = page.next
        if cursor is None:
            return read


def picture(page: TurnPage) -> str:
    """A page as a text: `1: 1 2; 2:` is turn 1 with ops 1 and 2, and turn 2 without any."""
    return "; ".join(" ".join([f"{turn.turn}:", *(str(op.seq) for op in turn.ops)]) for turn in page.turns)


def joined(read: list[TurnPage]) -> list[Turn]:
    """The parts of each turn put together."""
    whole: dict[int, Turn] = {}
    for page in read:
        for part in page.turns:
            before = whole.get(part.turn)
            if before is None:
                whole[part.turn] = part
                continue
            assert part.payloads == []
            assert part.logs == []
            assert part.totals == before.totals
            assert part.time == before.time
            whole[part.turn] = msgspec.structs.replace(before, ops=before.ops + part.ops)
    return list(whole.values())


class TestPages:
    def test_a_long_turn_goes_on_on_the_next_page(self, store: Store) -> None:
        store.add("s: S\n    1: llm A B C\n    2:\n    3: llm A B")
        assert [picture(page) for page in pages(store, 3)] == ["1: 1 2 3", "1: 4; 2:; 3: 5 6", "3: 7"]

    def test_backwards_from_the_end(self, store: Store) -> None:
        store.add("s: S\n    1: llm A B C\n    2:\n    3: llm A B")
        assert [picture(page) for page in pages(store, 4, "desc")] == ["3: 7 6 5; 2:; 1: 4", "1: 3 2 1"]

    def test_begun_with_an_op_in_the_middle_of_a_turn(self, store: Store) -> None:
        store.add("s: S\n    1: llm A B C D\n    2: llm A")
        assert [picture(page) for page in pages(store, 3, from_turn=1, from_seq=3)] == ["1: 3 4 5", "2: 6 7"]
        assert [picture(page) for page in pages(store, 2, "desc", from_turn=1, from_seq=2)] == ["1: 2 1"]

    def test_an_op_behind_its_turns_last_is_the_next_turns_business(self, store: Store) -> None:
        store.add("s: S\n    1: llm A\n    2: llm A")
        assert [picture(page) for page in pages(store, 3, from_turn=1, from_seq=9)] == ["1:; 2: 3 4"]

    def test_a_turn_without_ops_appears(self, store: Store) -> None:
        store.add("s: S\n    1:\n    2:\n    3:")
        assert [picture(page) for page in pages(store, 1)] == ["1:", "2:", "3:"]
        assert [picture(page) for page in pages(store, 200)] == ["1:; 2:; 3:"]

    def test_from_a_turn_on(self, store: Store) -> None:
        store.add("s: S\n    0: llm\n    1: llm A\n    2:\n    3: llm A B")
        assert [picture(page) for page in pages(store, 2, from_turn=1)] == ["1: 2 3; 2:", "3: 4 5", "3: 6"]
        assert [picture(page) for page in pages(store, 9, "desc", from_turn=1)] == ["1: 3 2; 0: 1"]
        assert [picture(page) for page in pages(store, 9, from_turn=9)] == [""]

    @given(
        sizes=st.lists(st.integers(0, 5), max_size=6),
        logs=st.booleans(),
        limit=st.integers(1, 12),
        order=st.sampled_from(["asc", "desc"]),
    )
    @settings(max_examples=80, deadline=None)
    def test_pages_of_any_size_are_together_the_whole(
        self, sizes: list[int], logs: bool, limit: int, order: Order
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "s.db")
            lines = [f"    {n}: {'log ' * logs}{'A ' * size}" for n, size in enumerate(sizes, 1)]
            store.add("\n".join(["s: S", "    0: llm", *lines]))
            [whole] = pages(store, 1000, order)
            read = pages(store, limit, order)
            store.close()
        assert [turn.turn for turn in whole.turns] == sorted(range(len(sizes) + 1), reverse=order == "desc")
        assert [len(turn.ops) for turn in whole.turns] == [1, *sizes][:: -1 if order == "desc" else 1]
        assert all(page.turns for page in read)
        assert joined(read) == whole.turns

    def test_ops_of_an_earlier_turn_that_came_late_stay_in_their_turn(self, store: Store) -> None:
        ops = [(1, 1), (2, 2), (1, 3), (2, 4), (1, 5)]
        started = SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts())
        events = [
            OpStarted(session="s", turn=turn, seq=seq, ts=NOON + seq, kind=OpKind.TOOL) for turn, seq in ops
        ]
        store.writer.apply([batch([started, *events], "s.jsonl")])
        assert [picture(page) for page in pages(store, 2)] == ["1: 1 3", "1: 5; 2: 2", "2: 4"]

    def test_what_is_appended_between_two_pages_is_on_the_next(self, store: Store) -> None:
        store.add("s: S\n    1: llm A B")
        first = turns.page(store.reader, S, limit=2)
        store.add("s: S\n    1: llm A B C D")
        assert picture(turns.page(store.reader, S, cursor=first.next)) == "1: 3 4 5"

    def test_a_cursor_is_good_for_its_own_session_and_order_only(self, store: Store) -> None:
        store.add("s: S\n    1: llm A B\nt: T\n    1: llm A B")
        cursor = turns.page(store.reader, S, limit=1).next
        with pytest.raises(CursorError):
            turns.page(store.reader, "claude_code:t", cursor=cursor)
        with pytest.raises(CursorError):
            turns.page(store.reader, S, cursor=cursor, order="desc")

    def test_an_unknown_session_has_no_turns(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            turns.page(store.reader, S)


class TestWhatAPageHolds:
    def test_prompt_ops_payloads_logs_and_links(self, store: Store) -> None:
        store.add("s: S\n    1: llm Bash! log >c\nc < s Explore: Look\n    1: llm")
        [turn] = turns.page(store.reader, S).turns
        assert [payload.text for payload in turn.payloads] == ["prompt 1 of s"]
        assert [log.message for log in turn.logs] == ["log 1"]
        call, bash, spawn = turn.ops
        assert (call.kind, call.cost_usd, call.context_max, call.duration_us) == (
            "llm",
            0.001,
            200_000,
            1_000_000,
        )
        assert (bash.status, bash.parent_seq, bash.payloads[0].text) == ("failed", 1, "Bash! at 2")
        assert (bash.cost_usd, bash.tokens_in) == (None, None)
        assert spawn.child is not None
        assert (spawn.child.id, spawn.child.title, spawn.child.agent) == ("claude_code:c", "Look", "Explore")

    def test_where_the_time_of_each_turn_went_is_on_every_part_of_it(self, store: Store) -> None:
        store.add("s: S\n    1: llm Bash >c\n    2: llm")
        nothing = {"compaction_us": 0, "idle_us": 0, "wait_us": 0, "tool_us": 0, "agent_us": 0}
        times = {turn.turn: msgspec.structs.asdict(turn.time) for turn in joined(pages(store, 1))}
        assert times == {
            1: nothing | {"model_us": SECOND, "tool_us": SECOND, "agent_us": SECOND},
            2: nothing | {"model_us": SECOND},
        }

    def test_a_child_that_was_never_read_is_no_link(self, store: Store) -> None:
        store.add("s: S\n    1: llm >gone")
        assert turns.page(store.reader, S).turns[0].ops[1].child is None

    def test_copies_of_another_session_are_marked(self, store: Store) -> None:
        store.add("a: A\n    1: llm=m\ns: S\n    1: llm=m llm")
        [turn] = turns.page(store.reader, S).turns
        assert [op.replay for op in turn.ops] == [True, False]
        assert (turn.replays, turn.totals.llm_calls) == (1, 1)

    @pytest.mark.parametrize("letter", ["a", "ü", "🙂"])
    @pytest.mark.parametrize("length", [0, 1, 1999, 2000, 2001, 300_000])
    def test_a_preview_is_the_first_two_thousand_characters(
        self, store: Store, letter: str, length: int
    ) -> None:
        text = letter * length
        events = [
            SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
            OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
            PayloadRef(session="s", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, text=text),
        ]
        store.writer.apply([batch(events, "s.jsonl")])
        [payload] = turns.page(store.reader, S).turns[0].ops[0].payloads
        assert payload.text == text[:2000]
        assert payload.truncated is (length > 2000)
        assert payload.bytes == len(text.encode())

    def test_a_preview_of_a_text_that_hardly_compresses_is_read_from_its_start(self, store: Store) -> None:
        words = " ".join(str(hash((n, "x"))) for n in range(40_000))
        events = [
            SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
            OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
            PayloadRef(session="s", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, text=words),
        ]
        store.writer.apply([batch(events, "s.jsonl")])
        [payload] = turns.page(store.reader, S).turns[0].ops[0].payloads
        assert (payload.text, payload.truncated) == (words[:2000], True)

    def test_an_image_has_no_preview(self, store: Store) -> None:
        events = [
            SessionStarted(session="s", rank=Rank.TRANSCRIPT, facts=SessionFacts()),
            OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL),
            PayloadRef(
                session="s",
                turn=1,
                seq=1,
                kind=PayloadKind.TOOL_OUTPUT,
                media_type="image/png",
                data=b"\x89PNG",
            ),
        ]
        store.writer.apply([batch(events, "s.jsonl")])
        [payload] = turns.page(store.reader, S).turns[0].ops[0].payloads
        assert (payload.text, payload.truncated, payload.kept) == (None, True, True)


class TestCost:
    def steps(self, store: Store, **more: Any) -> int:
        """Steps of SQLite's machine that a page takes, in tens."""
        count = 0

        def step() -> bool:
            nonlocal count
            count += 1
            return False

        store.reader.set_progress_handler(step, 10)
        turns.page(store.reader, S, limit=50, **more)
        store.reader.set_progress_handler(None)
        return count

    def fill(self, store: Store, session_turns: int, ops: int) -> None:
        """Turns of so many ops each, with a log entry each, put in directly, which is quick."""
        store.add("s: S\n    1: A log")
        key = store.writing.execute("SELECT id FROM session").get
        with store.writing:
            for table in ("op", "log", "turn"):
                store.writing.execute(f"DELETE FROM {table}")
            store.writing.executemany(
                "INSERT INTO turn (session_id, turn, first_seq, last_seq, ops) VALUES (?, ?, ?, ?, ?)",
                ((key, n + 1, n * ops + 1, (n + 1) * ops, ops) for n in range(session_turns)),
            )
            store.writing.executemany(
                "INSERT INTO op (session_id, seq, turn, start_ts) VALUES (?, ?, ?, ?)",
                ((key, n + 1, n // ops + 1, n) for n in range(session_turns * ops)),
            )
            store.writing.executemany(
                "INSERT INTO log (session_id, n, turn, seq, severity, name, message)"
                " VALUES (?, ?, ?, 0, 'info', 'x', 'y')",
                ((key, n + 1, n // ops + 1) for n in range(session_turns * ops)),
            )

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_a_page_of_a_long_session_costs_as_much_as_one_of_a_short_one(
        self, tmp_path: Path, order: Order
    ) -> None:
        short, long = Store(tmp_path / "short.db"), Store(tmp_path / "long.db")
        self.fill(short, 200, 10)
        self.fill(long, 2_000, 10)
        assert self.steps(long, order=order) <= 1.1 * self.steps(short, order=order)
        assert self.steps(long, order=order, from_turn=1_000) <= 1.1 * self.steps(
            short, order=order, from_turn=100
        )
        short.close()
        long.close()

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_the_next_page_of_a_turn_costs_the_same_wherever_it_is(
        self, tmp_path: Path, order: Order
    ) -> None:
        short, long = Store(tmp_path / "short.db"), Store(tmp_path / "long.db")
        self.fill(short, 1, 200)
        self.fill(long, 1, 20_000)
        for store in (short, long):
            store.writing.execute("DELETE FROM log")
        cursors = [turns.page(store.reader, S, limit=50, order=order).next for store in (short, long)]
        assert self.steps(long, order=order, cursor=cursors[1]) <= 1.1 * self.steps(
            short, order=order, cursor=cursors[0]
        )
        assert self.steps(long, order=order) <= 1.1 * self.steps(short, order=order)
        short.close()
        long.close()
