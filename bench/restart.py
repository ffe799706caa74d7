"""A start when nothing is new: one look at each file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from ai_viewer.config import Config, SourceRoot
from ai_viewer.ingest.run import ingest_once
from bench import limits
from bench.corpus import many_sessions
from bench.scale import Scale
from bench.table import Line

_RUNS = 3


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Read many files, then start again over them; the best of some runs, of ours and of the limit."""
    many_sessions(folder, scale.files)
    config = Config(folder / "store.db", (SourceRoot("claude_code", folder / "claude"),))
    began = time.perf_counter()
    ingest_once(config, lambda _: None)
    first = time.perf_counter() - began
    ours, scans = [], []
    for _ in range(_RUNS):
        scans.append(limits.scan(folder / "claude"))
        began = time.perf_counter()
        summary = ingest_once(config, lambda _: None)
        ours.append(time.perf_counter() - began)
        if summary.bytes or summary.files_unchanged != scale.files:
            raise RuntimeError(f"read {summary.bytes} bytes that were not new")
    yield Line(f"first ingest of {scale.files:,} small files", scale.files / first, "files/s")
    yield Line(
        f"start over {scale.files:,} unchanged files",
        min(ours) * 1000,
        "ms",
        min(scans) * 1000,
        "scandir + stat",
        budget="≤ 1.5 × the limit",
        kept=min(ours) <= 1.5 * min(scans),
    )
