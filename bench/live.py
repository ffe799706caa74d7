"""From a line that is appended to the event at a client: at rest, and while much else is read."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.corpus import generate, long_session, many_sessions
from bench.scale import Scale
from bench.serving import known, serving, wait_until_read
from bench.table import Line

_PATIENCE = 20.0
_PAUSE = 0.15
"""Between two appends, so that each is an event of its own."""
_FEW = 40


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Append to a short and to a long session at rest, then to one during a backfill."""
    for what, megabytes in (("short", 0.05), ("long", scale.session_megabytes / 5)):
        here = folder / what
        long_session(here, megabytes)
        [path] = here.rglob("*.jsonl")
        with serving(here, [f"claude_code={here / 'claude'}"]) as server:
            wait_until_read(server, 1)
            with server.events() as events:
                _settle(events)
                times = _append(path, events, scale.appends)
        yield from _told(f"append to a {what} session → event", times, 0.1)
    yield from _backfilling(folder / "busy", scale)


def _backfilling(folder: Path, scale: Scale) -> Iterator[Line]:
    many_sessions(folder, _FEW)
    path = next(folder.rglob("*.jsonl"))
    with serving(folder, [f"claude_code={folder / 'claude'}"]) as server:
        wait_until_read(server, _FEW)
    truths = [generate(folder / f"more-{seed}", scale.corpus_megabytes, seed) for seed in (3, 4)]
    whole = _FEW + sum(truth["sessions"] for told in truths for truth in told.values())
    sources = [f"claude_code={folder / 'claude'}"]
    for seed in (3, 4):
        more = folder / f"more-{seed}"
        sources += [f"claude_code={more / 'claude'}", f"codex={more / 'codex'}"]
    with serving(folder, sources) as server, server.events() as events:
        times = _append(path, events, scale.appends, lambda: known(server) < whole)
    yield from _told("append during a backfill → event", times, 0.25)


def _told(what: str, times: list[float], budget: float) -> Iterator[Line]:
    if not times:
        raise RuntimeError(f"{what}: nothing was appended in time")
    times.sort()
    p50, p95 = (times[min(len(times) - 1, int(part * len(times)))] for part in (0.5, 0.95))
    yield Line(f"{what}, p50 of {len(times)}", p50 * 1000, "ms")
    limit = f"≤ {budget * 1000:.0f}"
    yield Line(f"{what}, p95 of {len(times)}", p95 * 1000, "ms", budget=limit, kept=p95 <= budget)


def _append(
    path: Path,
    events: queue.Queue[tuple[float, bytes]],
    count: int,
    wanted: Callable[[], bool] = lambda: True,
) -> list[float]:
    """Append up to so many records while ``wanted``, each when the one before is told; return the seconds."""
    name = path.stem.encode()
    times = []
    for number in range(count):
        if not wanted():
            break
        began = time.perf_counter()
        with path.open("a", encoding="utf-8") as file:
            file.write(_record(path.stem, number))
        while True:
            came, line = events.get(timeout=_PATIENCE)
            if came >= began and line.startswith(b"data:") and name in line:
                break
        times.append(came - began)
        time.sleep(_PAUSE)
        _drain(events)
    return times


def _settle(events: queue.Queue[tuple[float, bytes]]) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            events.get(timeout=1)


def _drain(events: queue.Queue[tuple[float, bytes]]) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            events.get_nowait()


def _record(session: str, number: int) -> str:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {
        "id": f"msg_01{session.replace('-', '')[:16]}{number:06}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-5-20251101",
        "content": [{"type": "text", "text": f"One more: {number}."}],
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }
    about = {"type": "assistant", "uuid": f"{session[:-12]}{number:012}", "sessionId": session}
    return json.dumps({**about, "timestamp": now, "cwd": "/home/dev/project", "message": message}) + "\n"
