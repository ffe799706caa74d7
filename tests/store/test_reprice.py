"""Prices in the store: the same on every way to them, and anew after a change."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.model import Event, OpFinalized, OpKind, OpStarted, OpStatus, TurnStarted, Usage
from ai_viewer.pricing import Prices, quote
from ai_viewer.pricing.entries import Discount, Price
from ai_viewer.store import database
from ai_viewer.store.price import prices_behind
from ai_viewer.store.reprice import Repriced, reprice, reprice_store
from ai_viewer.store.write import Writer
from ai_viewer.testing.dump import dump
from tests.store.test_write import NOON, SECOND, batch, started

HALF = Prices(discounts=[Discount(percent=Decimal(50))])


class Store:
    """A store at ``path``, written with some prices after others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = database.open_writer(path)

    def read(self, events: list[Event], prices: Prices = quote, path: str = "a.jsonl") -> None:
        Writer(self.connection, prices).apply([batch(events, path)])

    def reprice(self, prices: Prices, bound: int = 5_000) -> Repriced:
        return reprice(Writer(self.connection, prices), bound=bound)

    def one(self, sql: str) -> Any:
        return database.one(self.connection, sql)

    def costs(self) -> list[tuple[Any, ...]]:
        return database.rows(
            self.connection,
            "SELECT op.cost_nano, cost_source, context_max FROM op JOIN session ON session.id = session_id"
            " WHERE op.kind = 'llm' ORDER BY session.native_id, seq",
        )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    yield made
    made.connection.close()


def call(seq: int, *, session: str = "s", model: str = "claude-opus-4-5", **more: Any) -> list[Event]:
    return [
        OpStarted(
            session=session, turn=1, seq=seq, ts=NOON, kind=OpKind.LLM, model=model, provider="anthropic"
        ),
        OpFinalized(
            session=session,
            turn=1,
            seq=seq,
            ts=NOON + SECOND,
            status=OpStatus.COMPLETED,
            usage=Usage(input=1000),
            **more,
        ),
    ]


def session(*calls: list[Event], name: str = "s") -> list[Event]:
    return [
        started(name),
        TurnStarted(session=name, turn=1, ts=NOON),
        *(event for one in calls for event in one),
    ]


# --- one price on every way ---

FACETS: list[dict[str, Any]] = [
    {"usage": Usage(input=1000, output=20, cache_write_1h=300)},
    {"tier": "batch"},
    {"web_searches": 2},
    {"model": "claude-sonnet-4-5[1m]"},
    {"context_max": 123_456},
    {"cost": 42},
]


@settings(deadline=None, max_examples=60)
@given(
    facets=st.sets(st.sampled_from(range(len(FACETS))), min_size=1).map(sorted),
    order=st.randoms(use_true_random=False),
    cuts=st.sets(st.integers(1, 8)),
)
def test_a_call_has_one_price_in_whatever_order_and_pieces_it_is_told(
    facets: list[int], order: Any, cuts: set[int]
) -> None:
    tools: list[Event] = [
        OpStarted(session="s", turn=1, seq=2, ts=NOON, kind=OpKind.TOOL, name="Bash", parent=1),
        OpFinalized(session="s", turn=1, seq=2, ts=NOON + SECOND, status=OpStatus.COMPLETED),
    ]
    news: list[Event] = [
        OpStarted(session="s", turn=1, seq=1, ts=NOON, kind=OpKind.LLM, provider="anthropic"),
        OpStarted(session="s", turn=1, seq=1, ts=None, kind=OpKind.LLM, model="claude-opus-4-8"),
        *(
            OpFinalized(
                session="s", turn=1, seq=1, ts=NOON + SECOND, status=OpStatus.COMPLETED, **FACETS[number]
            )
            for number in facets
        ),
        *tools,
    ]
    if {"model": "claude-sonnet-4-5[1m]"} in [FACETS[number] for number in facets]:
        # A model told again replaces the one before, so only one may be told here.
        del news[1]
    shuffled = news.copy()
    order.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        whole, pieces = Store(Path(folder) / "whole.db"), Store(Path(folder) / "pieces.db")
        head: list[Event] = [started(), TurnStarted(session="s", turn=1, ts=NOON)]
        whole.read(head + news)
        pieces.read(head)
        places = [0, *sorted(cut for cut in cuts if cut < len(shuffled)), len(shuffled)]
        for start, end in itertools.pairwise(places):
            pieces.read(shuffled[start:end])
        before = dump(pieces.path, "records")
        assert before == dump(whole.path, "records")
        assert pieces.reprice(quote).models == []
        assert dump(pieces.path, "records") == before
        for made in (whole, pieces):
            made.connection.close()


def test_a_call_over_midnight_has_the_price_of_the_day_it_began(store: Store) -> None:
    # GPT-5.6 Sol: input $5 until 2026-08-20, $4 from 2026-08-21 (UTC).
    midnight = 1_787_270_400 * SECOND
    for seq, start in ((1, midnight - 1), (2, midnight)):
        store.read(
            [
                OpFinalized(
                    session="s",
                    turn=1,
                    seq=seq,
                    ts=midnight + SECOND,
                    status=OpStatus.COMPLETED,
                    usage=Usage(input=1000),
                    model="gpt-5.6-sol",
                )
            ]
        )
        store.read([OpStarted(session="s", turn=1, seq=seq, ts=start, kind=OpKind.LLM, provider="openai")])
    assert [cost for cost, *_ in store.costs()] == [5_000_000, 4_000_000]


def test_a_context_window_that_the_source_told_is_not_replaced(store: Store) -> None:
    store.read(session(call(1, context_max=150_000), call(2)))
    store.read(
        [OpFinalized(session="s", turn=1, seq=1, ts=NOON + SECOND, status=OpStatus.COMPLETED, tier="us")]
    )
    assert [window for *_, window in store.costs()] == [150_000, 200_000]


def test_a_model_that_turns_out_to_be_another_takes_its_price_along(store: Store) -> None:
    store.read(session(call(1)))
    assert store.costs() == [(5_000_000, "priced", 200_000)]
    store.read(
        [
            OpFinalized(
                session="s", turn=1, seq=1, ts=None, status=OpStatus.COMPLETED, model="nobody-knows-this"
            )
        ]
    )
    assert store.costs() == [(None, None, None)]


# --- anew ---


def test_what_is_priced_anew_is_as_if_it_had_been_read_with_the_new_prices(tmp_path: Path) -> None:
    prices = Prices([Price(model="mine", input=Decimal(1), output=Decimal(1))], HALF.discounts)
    old, new = Store(tmp_path / "old.db"), Store(tmp_path / "new.db")
    for made, with_prices in ((old, quote), (new, prices)):
        made.read(session(call(1), call(2, cost=7), call(3, model="mine")), with_prices, "a.jsonl")
        made.read(session(call(1, session="t"), name="t"), with_prices, "b.jsonl")
    told = old.reprice(prices)
    assert dump(old.path) == dump(new.path)
    assert old.costs()[:3] == [
        (2_500_000, "override", 200_000),
        (7, "recorded", 200_000),
        (1_000_000, "override", None),
    ]
    listed = {(one.model, one.calls, one.changed, one.newly_priced): one for one in told.models}
    opus = listed["claude-opus-4-5", 2, 2, 0]
    assert (opus.old_cost_usd, opus.new_cost_usd) == (0.01, 0.005)
    mine = listed["mine", 1, 1, 1]
    assert (mine.old_cost_usd, mine.new_cost_usd) == (0, 0.001)
    for made in (old, new):
        made.connection.close()


def test_totals_and_rollups_follow(store: Store) -> None:
    store.read(session(call(1), call(2, model="nobody-knows-this")))
    store.reprice(HALF)
    for table in ("turn", "session", "rollup"):
        assert store.one(f"SELECT sum(cost_nano) FROM {table}") == 2_500_000
        assert store.one(f"SELECT sum(unpriced_calls) FROM {table}") == 1


def test_a_price_can_be_lost(store: Store) -> None:
    mine = Prices([Price(model="mine", input=Decimal(1), output=Decimal(1))])
    store.read(session(call(1, model="mine")), mine)
    (model,) = store.reprice(quote).models
    assert (model.newly_unpriced, model.old_cost_usd, model.new_cost_usd) == (1, 0.001, 0)
    assert store.costs() == [(None, None, None)]
    assert store.one("SELECT unpriced_calls FROM session") == 1


def test_only_sessions_that_changed_are_told_of(store: Store) -> None:
    store.read(session(call(1)), path="a.jsonl")
    store.read(session(call(1, session="t", cost=5), name="t"), path="b.jsonl")
    before = store.one("SELECT max(id) FROM change")
    store.reprice(HALF)
    changed = database.rows(
        store.connection,
        f"SELECT native_id FROM change JOIN session ON session.id = session_id WHERE change.id > {before}",
    )
    assert changed == [("s",)]
    before = store.one("SELECT max(id) FROM change")
    store.reprice(HALF)
    assert store.one("SELECT max(id) FROM change") == before


def test_the_store_knows_whether_prices_have_changed_since(store: Store) -> None:
    def behind(prices: Prices) -> bool:
        return prices_behind(store.connection, prices.fingerprint)

    assert not behind(quote)
    store.read(session(call(1)))
    assert (behind(quote), behind(HALF)) == (False, True)
    store.read(session(call(1, session="t"), name="t"), HALF, "b.jsonl")
    assert (behind(quote), behind(HALF)) == (True, True)
    store.reprice(HALF)
    assert (behind(quote), behind(HALF)) == (True, False)


def test_reading_what_costs_nothing_says_nothing_of_prices(store: Store) -> None:
    store.read(session())
    assert store.one("SELECT count(*) FROM price_list") == 0


class Interrupted(Exception):  # noqa: N818 - what happens, no error
    pass


def interrupt_after(times: int) -> Callable[[int], None]:
    calls: list[int] = []

    def report(done: int) -> None:
        calls.append(done)
        if len(calls) == times:
            raise Interrupted

    return report


def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    stores = [Store(tmp_path / f"{name}.db") for name in ("straight", "interrupted")]
    for made in stores:
        for name in "abcd":
            made.read(session(call(1, session=name), call(2, session=name), name=name), path=f"{name}.jsonl")
    straight, interrupted = stores
    straight.reprice(HALF)
    writer = Writer(interrupted.connection, HALF)
    with pytest.raises(Interrupted):
        reprice(writer, interrupt_after(2), bound=1)
    assert [cost for cost, *_ in interrupted.costs()] == [2_500_000] * 4 + [5_000_000] * 4
    assert prices_behind(interrupted.connection, HALF.fingerprint)
    told = interrupted.reprice(HALF)
    assert (told.resumed, told.sessions, told.calls) == (True, 2, 4)
    assert dump(interrupted.path) == dump(straight.path)
    assert not prices_behind(interrupted.connection, HALF.fingerprint)
    for made in stores:
        made.connection.close()


def test_an_interrupted_run_begins_again_if_other_prices_were_used_meanwhile(store: Store) -> None:
    for name in "ab":
        store.read(session(call(1, session=name), name=name), path=f"{name}.jsonl")
    with pytest.raises(Interrupted):
        reprice(Writer(store.connection, HALF), interrupt_after(1), bound=1)
    store.read(call(2, session="a"), quote, "a.jsonl")
    told = store.reprice(HALF)
    assert (told.resumed, told.sessions) == (False, 2)
    assert [cost for cost, *_ in store.costs()] == [2_500_000] * 3


def test_a_transaction_ends_with_the_session_that_fills_it(store: Store) -> None:
    for name in "abc":
        store.read(session(call(1, session=name), call(2, session=name), name=name), path=f"{name}.jsonl")
    reports: list[int] = []
    reprice(Writer(store.connection, HALF), reports.append, bound=3)
    assert reports == [4, 6]


def test_it_is_the_stores_one_writer(tmp_path: Path) -> None:
    from ai_viewer.errors import StoreLockedError

    path = tmp_path / "s.db"
    with database.writer_lock(path), pytest.raises(StoreLockedError):
        reprice_store(path, quote)
