"""Where the time of a session's turns went: what each activity adds to those that come before it.

The time in which a compaction ran is the length of the union of the compactions' spans. The time in
which a model ran besides is what the models' spans add to that union; then come tools, then
sub-agents; and idle is what all of them leave of the turn's window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ai_viewer.model import OpKind
from ai_viewer.verify.report import Findings, Place

Row: TypeAlias = dict[str, Any]
Span: TypeAlias = tuple[int, int]
Spans: TypeAlias = dict[str, list[Span]]
"""When the ops of a turn ran, by the column that their time belongs to."""

COLUMN_OF = {
    OpKind.COMPACTION: "compaction_us",
    OpKind.LLM: "model_us",
    OpKind.REASONING: "model_us",
    OpKind.TOOL: "tool_us",
    OpKind.SYSTEM: "tool_us",
    OpKind.INTERNAL: "tool_us",
    OpKind.SESSION: "agent_us",
}
PRECEDENCE = ("compaction_us", "model_us", "tool_us", "agent_us")
WORKING = (*PRECEDENCE, "idle_us")
"""Columns that together are the time of a turn's window."""
COLUMNS = (*WORKING, "wait_us")


def note_span(spans: Spans, op: Row) -> None:
    """Add an op's span to its turn's, if it is known and the op is no copy."""
    start, end = op["start_ts"], op["end_ts"]
    if start is not None and end is not None and end > start and not op["replay"]:
        spans.setdefault(COLUMN_OF[OpKind(op["kind"])], []).append((start, end))


def check_times(
    session: Row, turns: Sequence[Row], spans: Mapping[int, Spans], place: Place, findings: Findings
) -> None:
    """Compare the times of each turn and of the session."""
    truth = {turn["turn"]: dict.fromkeys(COLUMNS, 0) for turn in turns}
    started = [
        turn for turn in turns if turn["start_ts"] is not None and (turn["ops"] or not turn["replays"])
    ]
    started.sort(key=lambda turn: (turn["start_ts"], turn["turn"]))
    ended: int | None = None
    for number, turn in enumerate(started):
        start, end = turn["start_ts"], turn["end_ts"]
        if end is None or end < start:
            continue
        if number + 1 < len(started):
            end = min(end, started[number + 1]["start_ts"])
        times = truth[turn["turn"]]
        times.update(_parts(spans.get(turn["turn"], {}), start, end))
        times["wait_us"] = 0 if ended is None else start - ended
        ended = end
    for turn in turns:
        found = {column: turn[column] for column in COLUMNS}
        findings.compare("time", place, f"turn {turn['turn']}", truth[turn["turn"]], found)
    for column in COLUMNS:
        total = sum(times[column] for times in truth.values())
        findings.compare("time", place, column, total, session[column])


def _parts(spans: Spans, start: int, end: int) -> dict[str, int]:
    parts: dict[str, int] = {}
    running: list[Span] = []
    covered = 0
    for column in PRECEDENCE:
        running += ((max(low, start), min(high, end)) for low, high in spans.get(column, ()))
        length = _length(running)
        parts[column], covered = length - covered, length
    parts["idle_us"] = end - start - covered
    return parts


def _length(spans: list[Span]) -> int:
    """Return how long at least one of the spans lasts."""
    length, reached = 0, 0
    for low, high in sorted(spans):
        length += max(0, high - max(low, reached))
        reached = max(reached, high)
    return length
