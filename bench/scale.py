"""How large the benchmarks are: `quick` for a look, `full` for the budgets as they are written."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """Sizes of all subjects."""

    corpus_megabytes: float
    files: int
    session_megabytes: float
    line_megabytes: float
    idle_sessions: int
    idle_seconds: float
    appends: int
    frames: int
    store_ops: int


SCALES = {
    "quick": Scale(60, 20_000, 150, 60, 2_000, 6, 40, 45, 200_000),
    "full": Scale(400, 300_000, 1_000, 300, 14_000, 30, 200, 90, 10_000_000),
}
