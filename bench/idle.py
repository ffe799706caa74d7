"""What a server uses while nothing happens: processor, memory, and how often it wakes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.corpus import many_sessions
from bench.processes import cpu_of, family, peak_of, wakes_of
from bench.scale import Scale
from bench.serving import serving, wait_until_read
from bench.table import Line

_SETTLE_SECONDS = 3


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Serve many sessions, with a client connected, and look at the processes for a while."""
    many_sessions(folder, scale.idle_sessions)
    with serving(folder, [f"claude_code={folder / 'claude'}"]) as server:
        wait_until_read(server, scale.idle_sessions)
        with server.events():
            time.sleep(_SETTLE_SECONDS)
            pids = family(server.process.pid)
            before, wakes = sum(map(cpu_of, pids)), sum(map(wakes_of, pids))
            time.sleep(scale.idle_seconds)
            share = (sum(map(cpu_of, pids)) - before) / scale.idle_seconds * 100
            woken = (sum(map(wakes_of, pids)) - wakes) / scale.idle_seconds
            peak = max(map(peak_of, pids))
    what = f"idle with {scale.idle_sessions:,} sessions"
    yield Line(f"{what}: of one core", share, "%", budget="≤ 0.5", kept=share <= 0.5)
    yield Line("  wakes", woken, "/s")
    yield Line("  largest process, since its start", peak / 1e6, "MB")
