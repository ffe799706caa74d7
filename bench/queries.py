"""Whether a large store answers within its budgets, asked through the real server.

    python -m bench.queries [OPS] [STORE]

OPS (else ``AI_VIEWER_BENCH_OPS``, else 1,000,000) is the store's size; the budgets are meant for
10,000,000. Each line mixes questions of one kind; times are those of a client that asks one after the
other, over one connection, each question ten times in mixed order (the first time is counted as well).
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.store import COMMON, LONG_SESSION, RARE, RARE_EVERY, store

ROUNDS = 10
_SERVE = """
import sys; from pathlib import Path; from ai_viewer.config import Config; from ai_viewer.server import app
app.run(Config(db=Path(sys.argv[1]), sources=(), host="127.0.0.1", port=int(sys.argv[2])))
"""
_DAY = 86_400_000_000


class Line(NamedTuple):
    """A line of the table: what is asked, and in how many milliseconds 95 of 100 have to be answered."""

    name: str
    budget: float
    paths: list[str]


class Client:
    """One connection to the server."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> tuple[bytes, float]:
        """Return the answer, and in how many milliseconds it came.

        Raises:
            SystemExit: if it is none but that the question took too long, which counts as infinite.
        """
        begun = time.perf_counter()
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        body = response.read()
        took = (time.perf_counter() - begun) * 1000
        if response.status == http.client.SERVICE_UNAVAILABLE:
            return body, float("inf")
        if response.status != http.client.OK:
            raise SystemExit(f"{path}: {response.status} {body[:300]!r}")
        return body, took

    def json(self, path: str) -> Any:
        """Return the answer's value."""
        return json.loads(self.get(path)[0])


def path(route: str, **parameters: object) -> str:
    """Return an address under ``/api/``."""
    query = urllib.parse.urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"/api/{route}?{query}" if query else f"/api/{route}"


def lines(client: Client) -> Iterator[Line]:
    """Yield what is measured, for the store at hand."""
    newest = client.json("/api/sessions?limit=200")
    latest = max(session["last_at"] for session in newest["sessions"])
    session = [one["id"] for one in newest["sessions"] if one["id"] != LONG_SESSION][:8]
    yield Line("list", 20, list(_lists(client, newest["next"])))
    for id_ in (session[0], LONG_SESSION):
        which = "long session" if id_ == LONG_SESSION else "session"
        quoted = urllib.parse.quote(id_, safe="")
        parts = ("", "/turns", "/ops", "/path?turn=1", "/timeline", "/topology", "/logs")
        yield Line(f"{which} page", 50, [f"/api/sessions/{quoted}{part}" for part in parts])
    windows: list[dict[str, object]] = [{}]
    windows += [{"since": latest - days * _DAY + 123_456_789} for days in (1, 7, 30, 90)]
    windows.append({"since": latest - 200 * _DAY, "until": latest - 40 * _DAY})
    groups = (None, "model", "tool", "project", "agent", "format", "kind", "day", "month")
    yield Line(
        "stats",
        100,
        [path("stats", **window, by=by, tz="Europe/Berlin") for window in windows for by in groups],
    )
    narrow: list[dict[str, object]] = [
        {"format": "codex"}, {"project": "/home/dev/project-3"}, {"agent": "Explore"}, {"tool": "Read"},
        {"op_model": "gpt-5"}, {"status": "failed"},
    ]  # fmt: skip
    yield Line(
        "stats, one filter", 100, [path("stats", **window, **some) for window in windows for some in narrow]
    )
    yield Line(
        "stats, filter and group", 100,
        [path("stats", **window, **some, by="tool") for window in windows[1:3] for some in narrow[:3]],
    )  # fmt: skip
    yield Line(
        "series", 100,
        [
            path("stats/series", **window, metric=metric, bucket="day", by=by, tz=tz)
            for window in windows for metric in ("cost_usd", "sessions") for by in (None, "model", "project")
            for tz in ("Europe/Berlin", "Asia/Kolkata")
        ],
    )  # fmt: skip
    yield Line("heatmap", 100, [path("stats/heatmap", **window, tz="Europe/Berlin") for window in windows])
    yield Line("top sessions", 100, [path("stats/top/sessions", **window) for window in windows])
    yield Line(
        "top ops", 100,
        [path("stats/top/ops", **window, metric=by) for window in windows for by in ("cost_usd", "tokens")],
    )  # fmt: skip
    yield Line("durations", 100, [path("stats/durations", **window) for window in windows])
    yield Line("context", 100, [path("stats/context", **window) for window in windows])
    catalogs = ("tools", "models", "agents", "projects", "providers")
    yield Line(
        "catalogs", 100, [path(f"catalog/{kind}", **window) for window in windows for kind in catalogs]
    )
    names = {"tools": "Read", "models": "gpt-5", "agents": "Plan", "projects": "/home/dev/project-3"}
    yield Line(
        "catalog, one", 100,
        [
            path(f"catalog/{kind}/detail", name=name, **window)
            for window in windows for kind, name in names.items()
        ],
    )  # fmt: skip
    yield Line("failures", 100, [path("failures", **window) for window in windows])
    yield Line("home", 100, ["/api/home"])
    rare = [RARE.format(copy=copy, number=RARE_EVERY * (1 + copy)) for copy in range(1, 8)]
    yield Line("search, rare", 20, [path("search", q=word) for word in rare])
    yield Line(
        "search, common", 100, [path("search", q=word) for word in (COMMON, f"{COMMON} after:2025-02-01")]
    )
    yield Line("search, prefix", 100, [path("search", q=f"{COMMON[:4]}*"), path("search", q="ba*")])
    yield Line(
        "search, best", 100, [path("search", q=COMMON, sort="best"), path("search", q=rare[0], sort="best")]
    )
    long = urllib.parse.quote(LONG_SESSION, safe="")
    yield Line("trace of 50,000 ops", 10, [f"/api/sessions/{long}/trace"])


def _lists(client: Client, cursor: str | None) -> Iterator[str]:
    for filters in ({}, {"format": "codex"}, {"project": "/home/dev/project-3"}, {"failed": "true"}):
        yield path("sessions", **filters, limit=100)
    for _ in range(50):
        if cursor is None:
            break
        cursor = client.json(path("sessions", limit=200, cursor=cursor))["next"]
    if cursor is not None:
        yield path("sessions", limit=200, cursor=cursor)


def measure(client: Client, line: Line) -> list[float]:
    """Return the times of all answers, in order."""
    asked = line.paths * ROUNDS
    random.Random(1).shuffle(asked)
    times, slow = [], set()
    for one in asked:
        if one in slow:
            times.append(float("inf"))
            continue
        _, took = client.get(one)
        times.append(took)
        if took > 20 * line.budget:
            slow.add(one)  # once is enough to know
            print(f"    {took:8.0f} ms  {urllib.parse.unquote(one)}", file=sys.stderr)
    return sorted(times)


def main() -> None:
    """Print the table."""
    ops = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AI_VIEWER_BENCH_OPS", "1000000"))
    db = Path(sys.argv[2]) if len(sys.argv) > 2 else store(ops)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", _SERVE, str(db), str(port)])
    try:
        _wait(port)
        client = Client(port)
        print(f"{'':26}{'budget':>9}{'p50':>9}{'p95':>9}  ms")
        for line in lines(client):
            times = measure(client, line)
            middle, high = times[len(times) // 2], times[len(times) * 95 // 100]
            told = "ok" if high <= line.budget else "TOO SLOW"
            print(f"{line.name:26}{line.budget:9.0f}{middle:9.1f}{high:9.1f}  {told}", flush=True)
        body, _ = client.get(f"/api/sessions/{urllib.parse.quote(LONG_SESSION, safe='')}/trace")
        print(
            f"trace: {len(body) / 1e6:.2f} MB, {len(gzip.compress(body, 6)) / 1e6:.2f} MB gzipped (3.0, 0.8)"
        )
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
