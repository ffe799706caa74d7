"""A store with sessions, the application over it, and a server process of its own."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.config import Config, SourceRoot
from ai_viewer.server.app import create_app
from tests.pictures import Store

HOST = "http://127.0.0.1:7710"

SERVE = """
import contextlib, sys
from pathlib import Path
from ai_viewer.config import Config
from ai_viewer.server.app import run
with contextlib.suppress(KeyboardInterrupt):
    run(Config(Path(sys.argv[1]), (), port=int(sys.argv[2])))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "store").mkdir()
    made = Store(tmp_path / "store" / "s.db")
    yield made
    made.close()


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    """The store, and one source: an empty folder."""
    root = tmp_path / "sources"
    root.mkdir()
    return Config(store.path, (SourceRoot("claude_code", root),))


@pytest.fixture
def client(config: Config) -> Iterator[TestClient[Litestar]]:
    """Speaks to the application as a browser on this machine does."""
    with TestClient(create_app(config), base_url=HOST, raise_server_exceptions=False) as made:
        yield made


class Server:
    """A server process on a port of its own."""

    def __init__(self, store: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(store), str(self.port)], stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self, number: int = signal.SIGTERM) -> tuple[float, str]:
        """Send a signal; return how long the end took, and what was said."""
        start = time.monotonic()
        self.process.send_signal(number)
        _, messages = self.process.communicate(timeout=20)
        return time.monotonic() - start, messages


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Server]]:
    """Start servers; they are gone after the test."""
    started: list[Server] = []

    def start(store: Path) -> Server:
        started.append(Server(store))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.communicate()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as made:
        yield made
