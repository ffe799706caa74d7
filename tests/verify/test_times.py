"""Two ways to part a turn's time agree: the store's and the verifier's."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis.attribution import split
from ai_viewer.model import OpKind
from ai_viewer.verify.report import Findings, Place
from ai_viewer.verify.times import COLUMNS, Spans, check_times, note_span

ops = st.lists(st.tuples(st.sampled_from(list(OpKind)), st.integers(0, 60), st.integers(1, 20)), max_size=12)


def turn(number: int, start: int | None, end: int | None, **times: int) -> dict[str, Any]:
    return {
        "turn": number,
        "start_ts": start,
        "end_ts": end,
        "ops": 1,
        "replays": 0,
        **{column: times.get(column, 0) for column in COLUMNS},
    }


@given(ops, st.integers(0, 30), st.integers(0, 40))
def test_they_agree_on_any_ops(found: list[tuple[OpKind, int, int]], start: int, length: int) -> None:
    end = start + length
    parts = split(start, end, [(kind, begun, begun + lasting) for kind, begun, lasting in found])
    times = {f"{name}_us": value for name, value in parts._asdict().items()}
    spans: Spans = {}
    for kind, begun, lasting in found:
        note_span(spans, {"kind": kind, "start_ts": begun, "end_ts": begun + lasting, "replay": 0})
    findings = Findings()

    check_times({"wait_us": 0, **times}, [turn(1, start, end, **times)], {1: spans}, Place(), findings)

    assert findings.differences == []


def test_a_window_ends_where_the_next_turn_starts_and_the_wait_is_before_it() -> None:
    findings = Findings()
    turns = [
        turn(1, 0, 50, idle_us=40),  # cut by the second
        turn(2, 40, 60, idle_us=20),
        turn(3, 75, 80, idle_us=5, wait_us=15),
        turn(4, None, 90),
    ]

    check_times({**dict.fromkeys(COLUMNS, 0), "idle_us": 65, "wait_us": 15}, turns, {}, Place(), findings)

    assert findings.differences == []
