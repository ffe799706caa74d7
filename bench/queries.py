"""Whether a large store answers within its budgets, asked through the real server.

The budgets are meant for 10,000,000 ops, the size of `full`. Questions of one kind are asked in mixed
order, each ten times, by a client that asks one after the other over one connection; the first time
is counted as well.
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.scale import Scale
from bench.store import COMMON, LONG_SESSION, RARE, RARE_EVERY, store
from bench.table import Line

ROUNDS = 10
_SERVE = """
import sys; from pathlib import Path; from ai_viewer.config import Config; from ai_viewer.server import app
app.run(Config(db=Path(sys.argv[1]), sources=(), host="127.0.0.1", port=int(sys.argv[2])))
"""
_DAY = 86_400_000_000


class Questions(NamedTuple):
    """Questions of one kind: what is asked, and in how many milliseconds 95 of 100 have to be answered."""

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


def questions(client: Client) -> Iterator[Questions]:
    """Yield what is asked, of the store at hand."""
    newest = client.json("/api/sessions?limit=200")
    latest = max(session["last_at"] for session in newest["sessions"])
    session = [one["id"] for one in newest["sessions"] if one["id"] != LONG_SESSION][:8]
    yield Questions("list", 20, list(_lists(client, newest["next"])))
    for id_ in (session[0], LONG_SESSION):
        which = "long session" if id_ == LONG_SESSION else "session"
        quoted = urllib.parse.quote(id_, safe="")
        parts = ("", "/turns", "/ops", "/path?turn=1", "/timeline", "/topology", "/logs")
        yield Questions(f"{which} page", 50, [f"/api/sessions/{quoted}{part}" for part in parts])
    windows: list[dict[str, object]] = [{}]
    windows += [{"since": latest - days * _DAY + 123_456_789} for days in (1, 7, 30, 90)]
    windows.append({"since": latest - 200 * _DAY, "until": latest - 40 * _DAY})
    groups = (None, "model", "tool", "project", "agent", "format", "kind", "day", "month")
    yield Questions(
        "stats",
        100,
        [path("stats", **window, by=by, tz="Europe/Berlin") for window in windows for by in groups],
    )
    narrow: list[dict[str, object]] = [
        {"format": "codex"}, {"project": "/home/dev/project-3"}, {"agent": "Explore"}, {"tool": "Read"},
        {"op_model": "gpt-5"}, {"status": "failed"},
    ]  # fmt: skip
    yield Questions(
        "stats, one filter", 100, [path("stats", **window, **some) for window in windows for some in narrow]
    )
    yield Questions(
        "stats, filter and group", 100,
        [path("stats", **window, **some, by="tool") for window in windows[1:3] for some in narrow[:3]],
    )  # fmt: skip
    yield Questions(
        "series", 100,
        [
            path("stats/series", **window, metric=metric, bucket="day", by=by, tz=tz)
            for window in windows for metric in ("cost_usd", "sessions") for by in (None, "model", "project")
            for tz in ("Europe/Berlin", "Asia/Kolkata")
        ],
    )  # fmt: skip
    yield Questions(
        "heatmap", 100, [path("stats/heatmap", **window, tz="Europe/Berlin") for window in windows]
    )
    yield Questions("top sessions", 100, [path("stats/top/sessions", **window) for window in windows])
    yield Questions(
        "top ops", 100,
        [path("stats/top/ops", **window, metric=by) for window in windows for by in ("cost_usd", "tokens")],
    )  # fmt: skip
    yield Questions("durations", 100, [path("stats/durations", **window) for window in windows])
    yield Questions("context", 100, [path("stats/context", **window) for window in windows])
    catalogs = ("tools", "models", "agents", "projects", "providers")
    yield Questions(
        "catalogs", 100, [path(f"catalog/{kind}", **window) for window in windows for kind in catalogs]
    )
    yield Questions(
        "catalog, one", 100,
        [
            path(f"catalog/{kind}/detail", name=row["name"], **window)
            for window in windows for kind in catalogs[:4]
            for row in client.json(path(f"catalog/{kind}", **window))["rows"][:1]
        ],
    )  # fmt: skip
    yield Questions("failures", 100, [path("failures", **window) for window in windows])
    yield Questions("home", 100, ["/api/home"])
    rare = [RARE.format(copy=copy, number=RARE_EVERY * (1 + copy)) for copy in range(1, 8)]
    yield Questions("search, rare", 20, [path("search", q=word) for word in rare])
    yield Questions(
        "search, common", 100, [path("search", q=word) for word in (COMMON, f"{COMMON} after:2025-02-01")]
    )
    yield Questions("search, prefix", 100, [path("search", q=f"{COMMON[:4]}*"), path("search", q="ba*")])
    yield Questions(
        "search, best", 100, [path("search", q=COMMON, sort="best"), path("search", q=rare[0], sort="best")]
    )
    long = urllib.parse.quote(LONG_SESSION, safe="")
    yield Questions("trace of 50,000 ops", 10, [f"/api/sessions/{long}/trace"])


def _lists(client: Client, cursor: str | None) -> Iterator[str]:
    for filters in ({}, {"format": "codex"}, {"project": "/home/dev/project-3"}, {"failed": "true"}):
        yield path("sessions", **filters, limit=100)
    for _ in range(50):
        if cursor is None:
            break
        cursor = client.json(path("sessions", limit=200, cursor=cursor))["next"]
    if cursor is not None:
        yield path("sessions", limit=200, cursor=cursor)


def measure(client: Client, kind: Questions) -> list[float]:
    """Return the times of all answers, in order."""
    asked = kind.paths * ROUNDS
    random.Random(1).shuffle(asked)
    times, slow = [], set()
    for one in asked:
        if one in slow:
            times.append(float("inf"))
            continue
        _, took = client.get(one)
        times.append(took)
        if took > 20 * kind.budget:
            slow.add(one)  # once is enough to know
            print(f"    {took:8.0f} ms  {urllib.parse.unquote(one)}", file=sys.stderr)
    return sorted(times)


def lines(folder: Path, scale: Scale) -> Iterator[Line]:
    """Ask a large store, which is kept for the next time, through a server of its own."""
    del folder
    db = store(scale.store_ops)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", _SERVE, str(db), str(port)])
    try:
        _wait(port)
        client = Client(port)
        for kind in questions(client):
            times = measure(client, kind)
            high = times[len(times) * 95 // 100]
            yield Line(
                f"{scale.store_ops:,} ops: {kind.name}, p95", high, "ms",
                budget=f"≤ {kind.budget:g}", kept=high <= kind.budget,
            )  # fmt: skip
        body, _ = client.get(f"/api/sessions/{urllib.parse.quote(LONG_SESSION, safe='')}/trace")
        for what, size, most in (("", len(body), 3.0), (", gzipped", len(gzip.compress(body, 6)), 0.8)):
            megabytes = size / 1e6
            yield Line(
                f"trace of 50,000 ops{what}", megabytes, "MB", budget=f"≤ {most}", kept=megabytes <= most
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
