"""How much memory the largest process needs for one long session, and for one long record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ai_viewer.config import Config, SourceRoot
from bench.corpus import long_session
from bench.corpus.extremes import long_line
from bench.corpus.truth import Truth
from bench.ingest import check
from bench.processes import OURS, measured
from bench.scale import Scale
from bench.table import Line

_BUDGET = 250e6


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Read each, as a process of its own."""
    yield from _read(folder / "session", "one session", scale.session_megabytes, long_session)
    yield from _read(folder / "line", "one record", scale.line_megabytes, long_line)


def _read(
    folder: Path, what: str, megabytes: float, write: Callable[[Path, float], Mapping[str, Truth]]
) -> Iterator[Line]:
    folder.mkdir()
    truths = write(folder, megabytes)
    store, root = folder / "store.db", folder / "claude"
    ours = measured([*OURS, "ingest", "--once", "--db", store, "--source", f"claude_code={root}"])
    check(Config(store, (SourceRoot("claude_code", root),)), truths)
    total = sum(path.stat().st_size for path in root.rglob("*.jsonl"))
    name = f"{what} of {total / 1e6:,.0f} MB"
    yield Line(f"{name}: largest process", ours.peak / 1e6, "MB", budget="≤ 250", kept=ours.peak <= _BUDGET)
    yield Line("  read at", total / ours.seconds / 1e6, "MB/s")
