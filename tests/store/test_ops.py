"""Single ops: a range of them, or one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ai_viewer.errors import NotFoundError
from ai_viewer.model import (
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    PayloadKind,
    PayloadRef,
    TurnStarted,
    Usage,
)
from ai_viewer.pricing import Prices
from ai_viewer.pricing.entries import Price
from ai_viewer.store import ops, turns
from ai_viewer.store.views_ops import PriceTerm
from tests.pictures import NOON, SECOND, Store, batch

PICTURE = """
    s: Fix the parser
        1: llm Read Bash!
        2: llm >c llm?
    c < s Explore: Look around
        1: llm
"""
PRICES = Prices((Price(model="opus", input=Decimal(10), output=Decimal(50), cache_read=Decimal(1)),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    made.add(PICTURE)
    yield made
    made.close()


class TestARange:
    def test_both_ends_are_in_it(self, store: Store) -> None:
        found = ops.in_range(store.reader, "claude_code:s", 2, 4)
        assert [op.seq for op in found.ops] == [2, 3, 4]
        assert found.next is None

    def test_it_tells_where_to_go_on_when_there_was_no_room(self, store: Store) -> None:
        found = ops.in_range(store.reader, "claude_code:s", 1, 99, limit=2)
        assert ([op.seq for op in found.ops], found.next) == ([1, 2], 3)

    def test_ops_are_told_as_with_their_turns(self, store: Store) -> None:
        told = [op for turn in turns.page(store.reader, "claude_code:s").turns for op in turn.ops]
        assert ops.in_range(store.reader, "claude_code:s", 0, 99).ops == told

    def test_it_asks_as_often_for_many_as_for_few(self, store: Store) -> None:
        store.add("many: Many\n    1: " + "llm Read " * 50)
        statements = store.count_statements()
        ops.in_range(store.reader, "claude_code:s", 0, 99)
        few = len(statements)
        ops.in_range(store.reader, "claude_code:many", 0, 99)
        assert len(statements) == 2 * few


class TestOne:
    def test_it_has_what_it_belongs_to_and_what_belongs_to_it(self, store: Store) -> None:
        call = ops.detail(store.reader, "claude_code:s", 1, PRICES)
        assert call.parent is None
        assert [(part.seq, part.name, part.status) for part in call.parts] == [
            (2, "Read", "completed"),
            (3, "Bash", "failed"),
        ]
        assert call.part_count == 2
        parent = ops.detail(store.reader, "claude_code:s", 3, PRICES).parent
        assert parent is not None
        assert (parent.seq, parent.kind) == (1, "llm")

    def test_it_links_to_the_session_it_ran(self, store: Store) -> None:
        child = ops.detail(store.reader, "claude_code:s", 5, PRICES).op.child
        assert child is not None
        assert (child.id, child.agent) == ("claude_code:c", "Explore")

    def test_more_parts_than_are_shown_are_counted(self, store: Store) -> None:
        store.add("many: Many\n    1: llm" + " Read" * (ops.PARTS_SHOWN + 5))
        found = ops.detail(store.reader, "claude_code:many", 1, PRICES)
        assert (len(found.parts), found.part_count) == (ops.PARTS_SHOWN, ops.PARTS_SHOWN + 5)

    def test_its_price_is_the_sum_of_its_terms(self, store: Store) -> None:
        price = ops.detail(store.reader, "claude_code:s", 1, PRICES).price
        assert price is not None
        assert price.terms[:3] == [
            PriceTerm(name="input", units=100, price_usd=10, per=1_000_000, cost_usd=0.001),
            PriceTerm(name="output", units=6, price_usd=50, per=1_000_000, cost_usd=0.0003),
            PriceTerm(name="reasoning", units=4, price_usd=50, per=1_000_000, cost_usd=0.0002),
        ]
        assert price.cost_usd == pytest.approx(sum(term.cost_usd for term in price.terms))
        usage = Usage(100, 10, 4, 1000, 20, 5)
        cost = PRICES("anthropic", "opus", NOON, usage).cost
        assert cost is not None
        assert price.cost_usd == pytest.approx(cost / 1e9)

    def test_what_has_no_price_has_no_terms(self, store: Store) -> None:
        assert ops.detail(store.reader, "claude_code:s", 6, PRICES).price is None
        assert ops.detail(store.reader, "claude_code:s", 2, PRICES).price is None

    def test_its_texts_have_their_places_in_the_source(self, store: Store) -> None:
        store.writer.apply(
            [
                batch(
                    [
                        TurnStarted(session="p", turn=1, ts=NOON),
                        OpStarted(session="p", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL, name="Read"),
                        PayloadRef(
                            session="p", turn=1, seq=1, kind=PayloadKind.TOOL_INPUT, text="{}", offset=900,
                            length=80, pointer="/message/content/0",
                        ),
                        PayloadRef(session="p", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, path="out.txt"),
                        OpFinalized(session="p", turn=1, seq=1, ts=NOON + SECOND, status=OpStatus.COMPLETED),
                    ],
                    "p.jsonl",
                )
            ]
        )  # fmt: skip
        found = ops.detail(store.reader, "claude_code:p", 1, PRICES)
        places = {place.id: (place.path, place.offset, place.length, place.pointer) for place in found.places}
        assert places == {
            "1.1.tool_input.0": ("p.jsonl", 900, 80, "/message/content/0"),
            "1.1.tool_output.0": ("out.txt", 0, 0, ""),
        }
        assert [payload.id for payload in found.op.payloads] == list(places)
        assert found.file is not None
        assert (found.file.path, found.offset) == ("p.jsonl", 900)

    def test_an_op_that_is_none_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match="no op 99"):
            ops.detail(store.reader, "claude_code:s", 99, PRICES)
