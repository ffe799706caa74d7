"""A session tree in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.errors import NotFoundError
from ai_viewer.store import timeline
from tests.pictures import NOON, SECOND, Store

TREE = """
    s: Fix the parser
        1: llm Read Bash!
        2: llm >c
    c < s Explore: Look around
        1: llm think Grep
    d < c Plan: Deeper
        1: llm?
    lost < s Explore: Lost
        1: llm
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db")
    made.add(TREE)
    yield made
    made.close()


def test_each_session_has_a_lane_below_the_one_that_started_it(store: Store) -> None:
    found = timeline.timeline(store.reader, "claude_code:s")
    assert [(lane.session.id, lane.parent, lane.depth) for lane in found.lanes] == [
        ("claude_code:s", None, 0),
        ("claude_code:c", 0, 1),
        ("claude_code:d", 1, 2),
        ("claude_code:lost", 0, 1),
    ]
    assert (found.start_ts, found.end_ts) == (NOON, NOON + 10 * SECOND)


def test_a_lane_has_its_ops_as_bars_and_its_numbers(store: Store) -> None:
    main, look, deeper, _ = timeline.timeline(store.reader, "claude_code:s").lanes
    assert [(bar.kind, bar.seq, bar.start_ts - NOON) for bar in main.bars] == [
        ("llm", 1, 0),
        ("tool", 2, SECOND),
        ("tool", 3, 2 * SECOND),
        ("llm", 4, 3 * SECOND),
        ("session", 5, 4 * SECOND),
    ]
    assert [bar.failures for bar in main.bars] == [0, 0, 1, 0, 0]
    assert (main.work_us, main.cost_usd, main.ops, main.rows) == (4 * SECOND, 0.002, 5, 1)
    assert [bar.kind for bar in look.bars] == ["llm", "tool"]
    assert (deeper.cost_usd, deeper.unpriced_calls) == (0, 1)


def test_links_go_from_the_op_that_ran_a_lane_or_from_the_lane_above(store: Store) -> None:
    links = timeline.timeline(store.reader, "claude_code:s").links
    assert [(link.source, link.target, link.turn, link.seq) for link in links] == [
        (0, 1, 2, 5),
        (1, 2, None, None),
        (0, 3, None, None),
    ]
    assert (links[0].spawn_ts, links[0].return_ts) == (NOON + 4 * SECOND, NOON + 5 * SECOND)


def test_what_runs_at_the_same_time_has_rows_and_is_counted(store: Store) -> None:
    store.writing.execute("UPDATE op SET end_ts = end_ts + 3000000 WHERE name = 'Read'")
    store.writing.execute("UPDATE op SET start_ts = start_ts - 4000000 WHERE name = 'Grep'")
    found = timeline.timeline(store.reader, "claude_code:s", steps=10)
    assert {bar.row for bar in found.lanes[0].bars} == {0, 1}
    assert found.lanes[0].rows == 2
    assert found.at_once == [1, 1, 1, 2, 2, 1, 1, 1, 1, 1]
    assert found.most_at_once == 2


def test_it_is_no_larger_for_many_ops_than_for_some(store: Store) -> None:
    store.add("many: Many\n    1: " + "llm Read " * 400)
    (lane,) = timeline.timeline(store.reader, "claude_code:many", steps=50).lanes
    assert len(lane.bars) <= 50
    assert sum(bar.ops for bar in lane.bars) == lane.ops == 800


def test_lanes_beyond_the_limit_are_told_to_be_missing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "LANES", 2)
    found = timeline.timeline(store.reader, "claude_code:s")
    assert (len(found.lanes), found.left_out) == (2, 2)
    assert {link.target for link in found.links} == {1}


def test_a_session_without_times_has_an_empty_one(store: Store) -> None:
    store.add("empty: Empty\n    1:")
    found = timeline.timeline(store.reader, "claude_code:empty")
    assert (found.start_ts, found.at_once, found.lanes[0].bars) == (None, [], [])


def test_a_session_nobody_read_has_none(store: Store) -> None:
    with pytest.raises(NotFoundError):
        timeline.timeline(store.reader, "claude_code:nobody")
