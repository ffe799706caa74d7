"""Metrics over time: every step is there, every group is told, and nothing counts twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_viewer.store.series import MAX_BUCKETS, heatmap, series
from ai_viewer.store.stats import stats
from ai_viewer.store.sums import By, Metric, StatsQuestionError, Work
from ai_viewer.store.zones import Bucket, Zone
from tests.pictures import NOON, SECOND, Store

HOUR = 3600 * SECOND
DAY = 24 * HOUR
UTC = Zone("UTC")
NOW = NOON + 5 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s.db")
    made.add("a: A\n    1: llm Read Bash! Read Grep", at=NOON)
    made.add("b: B\n    1: llm? Read", at=NOON + 3 * DAY)
    yield made
    made.close()


def test_steps_in_which_nothing_happened_are_zeros(store: Store) -> None:
    told = series(store.reader, Metric.OPS, Bucket.DAY, Work(), UTC, now=NOW)
    assert [bucket.key for bucket in told.buckets] == ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    assert [line.values for line in told.lines] == [[5, 0, 0, 2]]
    assert [line.total for line in told.lines] == [7]
    assert all(bucket.end - bucket.start == DAY for bucket in told.buckets)


def test_the_steps_are_those_of_the_time_asked_for(store: Store) -> None:
    """From ``since`` on to now, whether or not anything happened there."""
    told = series(store.reader, Metric.OPS, Bucket.DAY, Work(since=NOON + DAY), UTC, now=NOW)
    assert [bucket.key for bucket in told.buckets][0::4] == ["2026-01-02", "2026-01-06"]
    assert told.lines[0].values == [0, 0, 2, 0, 0]
    told = series(store.reader, Metric.OPS, Bucket.WEEK, Work(until=NOON - DAY), UTC, now=NOW)
    assert told.lines[0].values == []


def test_groups_beyond_the_greatest_share_a_line(store: Store) -> None:
    told = series(store.reader, Metric.OPS, Bucket.DAY, Work(), UTC, by=By.TOOL, lines=1, now=NOW)
    assert [(line.key, line.total, line.values) for line in told.lines] == [
        ("Read", 3, [2, 0, 0, 1]),
        (None, 2, [2, 0, 0, 0]),
    ]
    assert told.others == 2


def test_a_session_in_several_of_the_others_is_one_of_theirs(store: Store) -> None:
    told = series(store.reader, Metric.SESSIONS, Bucket.DAY, Work(), UTC, by=By.TOOL, lines=1, now=NOW)
    assert [(line.key, line.total) for line in told.lines] == [("Read", 2), (None, 1)]


@pytest.mark.parametrize("by", [By.KIND, By.PROJECT, By.AGENT, By.STATUS])
@pytest.mark.parametrize("metric", [Metric.COST_USD, Metric.TOKENS, Metric.FAILURES])
def test_lines_add_up_to_the_whole(store: Store, metric: Metric, by: By) -> None:
    told = series(store.reader, metric, Bucket.HOUR, Work(), UTC, by=by, lines=1, now=NOW)
    whole = getattr(stats(store.reader).totals, metric.value)
    assert sum(line.total or 0 for line in told.lines) == pytest.approx(whole)
    assert sum(value or 0 for line in told.lines for value in line.values) == pytest.approx(whole)


@pytest.mark.parametrize("by", [None, By.AGENT])
def test_a_line_tells_how_many_calls_its_cost_leaves_out(store: Store, by: By | None) -> None:
    unpriced = stats(store.reader).totals.unpriced_calls
    told = series(store.reader, Metric.COST_USD, Bucket.DAY, Work(), UTC, by=by, now=NOW)
    assert sum(line.unpriced_calls for line in told.lines) == unpriced > 0


def test_a_share_of_nothing_is_none(store: Store) -> None:
    told = series(store.reader, Metric.FAILURE_SHARE, Bucket.DAY, Work(), UTC, now=NOW)
    assert told.lines[0].values == [0.2, None, None, 0]


def test_too_many_steps_are_refused_not_cut(store: Store) -> None:
    work = Work(since=NOON - (MAX_BUCKETS + 1) * HOUR, until=NOON)
    with pytest.raises(StatsQuestionError, match="wider") as caught:
        series(store.reader, Metric.OPS, Bucket.HOUR, work, UTC, now=NOW)
    assert caught.value.parameter == "bucket"
    assert len(series(store.reader, Metric.OPS, Bucket.DAY, work, UTC, now=NOW).buckets) == 168


def test_an_empty_store_has_an_empty_line(tmp_path: Path) -> None:
    empty = Store(tmp_path / "empty.db")
    told = series(empty.reader, Metric.COST_USD, Bucket.DAY, Work(), UTC, by=By.MODEL, now=NOW)
    assert told.lines == []
    assert heatmap(empty.reader, Metric.OPS, Work(), UTC).rows == [[0] * 24] * 7
    empty.close()


def test_a_heatmap_is_by_the_clock_of_the_zone(store: Store) -> None:
    told = heatmap(store.reader, Metric.OPS, Work(), Zone("Asia/Kathmandu"))  # 17:45 there
    assert told.rows[3][17] == 5  # a Thursday
    assert told.rows[6][17] == 2
    assert sum(value or 0 for row in told.rows for value in row) == 7


def test_no_tool_has_a_part_of_a_turns_time(store: Store) -> None:
    with pytest.raises(StatsQuestionError, match="whole turns"):
        series(store.reader, Metric.BUSY_US, Bucket.DAY, Work(), UTC, by=By.TOOL, now=NOW)
    with pytest.raises(StatsQuestionError, match="whole turns"):
        heatmap(store.reader, Metric.BUSY_US, Work(tool="Read"), UTC)
    told = series(store.reader, Metric.BUSY_US, Bucket.DAY, Work(), UTC, by=By.PROJECT, now=NOW)
    assert {line.key: line.total for line in told.lines} == {
        "/home/dev/a": 5 * SECOND,
        "/home/dev/b": 2 * SECOND,
    }
