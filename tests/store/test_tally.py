"""Sums of whole days: the same as those of the rows, whatever is sealed and whatever happened since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.model import OpKind, SessionStatus
from ai_viewer.store import database, days, sums, tally
from ai_viewer.store.days import DAY
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import FIELDS, KEYS, By, Work, among, hour_of_week_key, time_key
from ai_viewer.store.zones import QUARTER_US, Bucket, Zone
from tests.pictures import NOON, SECOND, Store

HOUR = 3_600 * SECOND
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu")
WORDS = st.lists(st.sampled_from(["llm", "llm?", "Read", "Bash!", "think", "Edit~"]), max_size=4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def seal_all(store: Store, before: int = 2**40) -> int:
    days = 0
    while tally.seal(store.writing, before):
        days += 1
    return days


def questions() -> Iterator[Question]:
    since, until = NOON + 7 * HOUR, NOON + 3 * DAY * QUARTER_US - 5 * QUARTER_US
    for work in (
        Work(),
        Work(since=since),
        Work(until=until),
        Work(since=since, until=until),
        Work(kind=OpKind.TOOL),
        Work(tool="Read", since=since),
        Work(model="opus"),
        Work(sessions=SessionFilter(project="/home/dev/s")),
        Work(sessions=SessionFilter(status=SessionStatus.RUNNING), until=until),
    ):
        yield work, [], FIELDS
        for by, key in KEYS.items():
            yield work, [key], FIELDS
            yield work, [among(key, ":kept")], ("cost_nano", "ops")
            if by in {By.TOOL, By.PROJECT}:
                yield work, [key, time_key(Zone("UTC"), Bucket.DAY)], FIELDS
                yield work, [among(key, ":kept")], FIELDS
        for zone in map(Zone, ZONES):
            for bucket in Bucket:
                yield work, [time_key(zone, bucket)], FIELDS
            yield work, [hour_of_week_key(zone)], ("ops", "failures")
            yield work, [hour_of_week_key(zone)], FIELDS
    yield Work(), [], (*FIELDS, *sums.NAMESPACES)


Question: TypeAlias = tuple[Work, list[sums.Key], tuple[str, ...]]
QUESTIONS = list(questions())


def rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [{name: value or 0 if name[0] != "k" else value for name, value in row.items()} for row in found]
    return sorted(found, key=lambda row: [str(value) for name, value in row.items() if name[0] == "k"])


def check(store: Store, asked: Iterable[Question] = QUESTIONS) -> None:
    for work, keys, fields in asked:
        kept = {"kept": '["Read", "opus", "/home/dev/s"]'}
        truth = sums.sums(store.reader, work, keys, fields, **kept)
        found = tally.sums(store.reader, work, keys, fields, **kept)
        assert rows(found) == rows(truth), (work, [key.sql[:60] for key in keys])
    assert tally.wrong_days(store.reader) == []


def test_a_session_that_goes_on_for_days_counts_once(store: Store) -> None:
    store.add("s: Long\n    1: llm Read\n    2: llm", at=NOON)
    store.add("s: Long\n    1: llm Read\n    2: llm\n    3: Read llm\n    0:", at=NOON + 20 * HOUR)
    store.add("o: Original\n    1: llm=m1", at=NOON)
    store.add("c: All copies\n    1: llm=m1", at=NOON + HOUR)
    store.add("t: Bare\n    1:", at=NOON + 13 * HOUR)
    assert seal_all(store) == 2
    check(store)
    (told,) = tally.sums(store.reader, Work(), [], ("sessions", "turns"))
    assert (told["sessions"], told["turns"]) == (4, 5)


def test_sealed_days_are_read_without_their_rows(store: Store) -> None:
    for day in range(20):
        store.add(f"s{day}: One\n    1: {'llm Read ' * 20}", at=NOON + day * 24 * HOUR)
    seal_all(store)
    statements = store.count_statements()
    tally.sums(store.reader, Work(), [KEYS[By.TOOL]])
    assert not any("rollup" in statement for statement in statements)


def test_only_days_that_are_over_are_sealed(store: Store) -> None:
    store.add("s: One\n    1: llm", at=NOON)
    assert seal_all(store, NOON // QUARTER_US // DAY) == 0
    assert seal_all(store, NOON // QUARTER_US // DAY + 1) == 1


def test_news_unseals_its_day_and_the_later_ones_of_its_session_only(store: Store) -> None:
    for place, name in enumerate("abc"):
        store.add(f"{name}: One\n    1: llm", at=NOON + place * 24 * HOUR)
    seal_all(store)
    store.add("a: One\n    1: llm Read", at=NOON)
    first = NOON // QUARTER_US // DAY
    assert database.rows(store.reader, "SELECT day FROM day WHERE NOT sealed") == [(first,)]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_happens_the_sums_are_those_of_the_rows(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = Store(tmp_path_factory.mktemp("store") / "store.db")
    heads = ["s: Fix", "c < s Explore: Look", "o: Other"]
    for _ in range(data.draw(st.integers(1, 5))):
        for head in heads:
            if data.draw(st.booleans()):
                turns = data.draw(st.lists(WORDS, max_size=3))
                at = NOON + data.draw(st.integers(0, 80)) * HOUR
                made.add("\n".join([head, *(f"    {n}: {' '.join(w)}" for n, w in enumerate(turns))]), at=at)
        if data.draw(st.booleans()):
            seal_all(made, data.draw(st.integers(0, 4)) + NOON // QUARTER_US // DAY)
        truth = {
            (session, day)
            for (session,) in database.rows(made.writing, "SELECT id FROM session")
            for (day,) in database.rows(made.writing, days.TRUTH, (session,))
        }
        assert set(database.rows(made.writing, "SELECT session_id, day FROM session_day")) == truth
        assert tally.wrong_days(made.reader) == []
    seal_all(made, data.draw(st.integers(0, 5)) + NOON // QUARTER_US // DAY)
    check(made, data.draw(st.lists(st.sampled_from(QUESTIONS), min_size=20, max_size=20)))
    made.close()


def test_a_window_that_ends_before_it_begins_holds_nothing(store: Store) -> None:
    store.add("a: A\n    1: llm Read", at=NOON)
    seal_all(store)
    nothing = Work(since=NOON + HOUR, until=NOON)
    for by in (By.MODEL, By.PROJECT):
        assert tally.sums(store.reader, nothing, [KEYS[by]]) == []
