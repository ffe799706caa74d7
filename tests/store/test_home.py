"""What to open with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ai_viewer.model import OpKind, OpStarted, Rank, SessionFacts, SessionUpdated, TurnStarted
from ai_viewer.moments import read_moment
from ai_viewer.store import home, sessions, stats
from ai_viewer.store.sums import Work
from ai_viewer.store.views_home import Home, IngestState, LiveState
from ai_viewer.store.zones import Zone
from tests.pictures import NOON, SECOND, Store, batch, draw

MINUTE, DAY = 60 * SECOND, 24 * 3600 * SECOND
INGEST = IngestState(status="ok", reasons=[], ingesting=True, lag_us=0, errors=0, sources=1, backfill=None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def at(store: Store, now: int, zone: str = "UTC") -> Home:
    return home.home(store.reader, Zone(zone), INGEST, now=now)


def begin(store: Store, session: str, turn: int, seq: int, now: int) -> None:
    """Have a session begin a tool call that goes on."""
    store.writer.apply(
        [
            batch(
                [
                    TurnStarted(session=session, turn=turn, ts=now),
                    OpStarted(session=session, turn=turn, seq=seq, ts=now, kind=OpKind.TOOL, name="Bash"),
                    SessionUpdated(session=session, rank=Rank.TRANSCRIPT, facts=SessionFacts(last_at=now)),
                ],
                f"{session}.jsonl",
            )
        ]
    )


class TestWhatRunsNow:
    def test_is_waiting_when_its_last_turn_has_ended(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm Read")
        found = at(store, NOON + 10 * MINUTE)
        (live,) = found.live
        assert (live.session.title, live.state, found.waiting) == ("Fix it", "waiting", 1)
        assert live.idle_us == 10 * MINUTE - 2 * SECOND
        assert (live.project, live.model, live.cost_usd) == ("/home/dev/s", "opus", 0.001)

    def test_is_working_while_its_turn_goes_on_and_then_silent(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm")
        begin(store, "s", 2, 2, NOON + MINUTE)
        (live,) = at(store, NOON + 3 * MINUTE).live
        assert live.state == "working"
        assert live.op is not None
        assert (live.op.turn, live.op.seq, live.op.name, live.op.status) == (2, 2, "Bash", "running")
        assert at(store, NOON + 20 * MINUTE).live[0].state == "silent"

    def test_is_working_as_long_as_an_agent_that_it_started_is(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm\nc < s Explore: Look\n    1: llm\nd < c Plan: Deeper\n    1: llm")
        begin(store, "d", 2, 2, NOON + 2 * 60 * MINUTE)
        found = at(store, NOON + 2 * 60 * MINUTE)
        assert [(live.session.id, live.state, live.agents_working) for live in found.live] == [
            ("claude_code:s", "working", 1)
        ]
        assert found.live[0].last_at == NOON + 2 * 60 * MINUTE

    def test_shows_the_last_quarter_of_an_hour_as_a_lane(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm Bash! llm")
        begin(store, "s", 2, 4, NOON + 2 * MINUTE)
        (live,) = at(store, NOON + 3 * MINUTE).live
        # Twelve minutes before anything, ten seconds in which something failed, a wait, a minute of a tool.
        assert live.lane == "." * 72 + "f" + "." * 11 + "t" * 6

    def test_is_listed_by_what_it_is_up_to(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm\nt: Other\n    1: llm")
        begin(store, "s", 2, 2, NOON + MINUTE)
        now = NOON + 2 * MINUTE
        listed = {
            state: [
                row.id
                for row in sessions.page(
                    store.reader,
                    sessions.SessionFilter(keys=home.live_keys(store.reader, state, now)),
                    now=now,
                ).sessions
            ]
            for state in LiveState
        }
        assert listed == {"working": ["claude_code:s"], "waiting": ["claude_code:t"], "silent": []}

    def test_is_nothing_after_an_hour(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm")
        found = at(store, NOON + 61 * MINUTE)
        assert (found.live, found.working, found.waiting, found.silent) == ([], 0, 0, 0)

    def test_tells_how_full_the_context_is(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm Read llm Read")
        store.writing.execute("UPDATE op SET context_used = 50, context_max = 200 WHERE seq = 1")
        store.writing.execute("UPDATE op SET context_used = 130, context_max = 200 WHERE seq = 3")
        assert at(store, NOON).live[0].context_percent == 65

    def test_counts_what_it_has_no_room_for(self, store: Store) -> None:
        store.add("\n".join(f"s{n}: S\n    1: llm" for n in range(15)))
        found = at(store, NOON + MINUTE)
        assert (len(found.live), found.waiting) == (home.LIVE_SHOWN, 15)


class TestToday:
    def test_has_the_sums_of_the_statistics(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm Read Bash!\nc < s Explore: C\n    1: llm?")
        store.add("old: Old\n    1: llm", at=NOON - DAY)
        found = at(store, NOON + MINUTE).today
        day = stats.stats(store.reader, work=Work(since=NOON - DAY // 2, until=NOON + MINUTE)).totals
        assert (found.ops, found.failures, found.tokens, found.cost_usd, found.unpriced_calls) == (
            day.ops,
            day.failures,
            day.tokens,
            day.cost_usd,
            day.unpriced_calls,
        )
        assert (found.ops, found.sessions, found.cache_hit_share) == (4, 2, day.cache_hit_share)
        assert found.since == NOON - DAY // 2

    def test_is_compared_with_the_same_weekday_up_to_the_same_time(self, store: Store) -> None:
        store.add("a: A\n    1: llm llm", at=NOON - 7 * DAY)
        store.add("b: B\n    1: llm", at=NOON - 7 * DAY + 60 * MINUTE)
        store.add("c: C\n    1: llm", at=NOON - 6 * DAY)
        assert at(store, NOON + 5 * MINUTE).before.ops == 2
        assert at(store, NOON + 65 * MINUTE).before.ops == 3

    def test_is_that_of_the_zone(self, store: Store) -> None:
        midnight = NOON + DAY // 2
        store.add("s: Late\n    1: llm", at=midnight - 30 * MINUTE)
        assert at(store, midnight + MINUTE).today.ops == 0
        assert at(store, midnight + MINUTE, "America/New_York").today.ops == 1

    @pytest.mark.parametrize("evening", ["2026-03-29 23:50", "2026-10-25 23:50"])
    def test_of_another_length_ends_with_its_own_end(self, store: Store, evening: str) -> None:
        """Clocks were moved today: a week ago the day was longer or shorter."""
        now = read_moment(evening, zone=Zone("Europe/Berlin").tzinfo)
        found = at(store, now, "Europe/Berlin")
        assert found.before.until <= found.before.since + DAY

    def test_shows_spend_by_hour_and_model(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm llm Read")
        spend = at(store, NOON + 61 * MINUTE).spend
        assert [(line.key, line.total) for line in spend.lines] == [("opus", 0.002)]
        assert spend.lines[0].values[-2:] == [0.002, 0]
        assert len(spend.buckets) == 14

    def test_shows_what_failed_and_what_cost_most(self, store: Store) -> None:
        store.add("s: Fix it\n    1: llm Bash! Bash! Edit!\nt: Other\n    1: llm llm")
        found = at(store, NOON + MINUTE)
        assert [(one.name, one.count, one.session.id, one.seq) for one in found.failures] == [
            ("Bash", 2, "claude_code:s", 3),
            ("Edit", 1, "claude_code:s", 4),
        ]
        assert [
            (one.session.title, one.cost_usd, one.model, one.model_share) for one in found.top_sessions
        ] == [
            ("Other", 0.002, "opus", 1),
            ("Fix it", 0.001, "opus", 1),
        ]
        assert [one.share for one in found.top_sessions] == pytest.approx([2 / 3, 1 / 3])


def test_another_day_can_be_looked_at(store: Store) -> None:
    store.add("s: Fix it\n    1: llm Bash!")
    later = NOON + 3 * DAY
    assert (at(store, later).today.cost_usd, at(store, later).newest) == (0, "2026-01-01")
    found = home.home(store.reader, Zone("UTC"), INGEST, now=later, day=dt.date(2026, 1, 1))
    assert (found.day, found.today.cost_usd, found.today.failures) == ("2026-01-01", 0.001, 1)
    assert len(found.spend.buckets) == 24


def test_the_latest_sessions_are_there_whenever_they_were(store: Store) -> None:
    store.add("s: Fix it\n    1: llm >c\nc < s Explore: Look\n    1: llm Bash!")
    (recent,) = at(store, NOON + 90 * DAY).recent
    assert (recent.session.title, recent.turns, recent.failures, recent.cost_usd) == ("Fix it", 1, 1, 0.002)


def test_an_empty_store_has_a_home(store: Store) -> None:
    found = at(store, NOON)
    assert (found.live, found.recent, found.today.cost_usd, found.today.cache_hit_share) == ([], [], 0, None)


def test_it_is_small_and_asks_as_often_however_much_there_is(store: Store) -> None:
    store.add("few: Few\n    1: llm Bash!")
    statements = store.count_statements()
    at(store, NOON + MINUTE)
    few = len(statements)
    picture = "\n".join(
        f"s{n}: {'A long title ' * 8}\n    1: llm " + " ".join(f"Tool{n}-{m}!" for m in range(3))
        for n in range(60)
    )
    store.writer.apply(draw(picture))
    statements.clear()
    found = at(store, NOON + 5 * MINUTE)
    assert len(statements) <= few + 2
    assert len(msgspec.json.encode(found)) < 20_000
