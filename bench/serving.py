"""A running server and those who listen to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench.processes import OURS

_START_SECONDS = 60
_STOP_SECONDS = 30


class Server:
    """A server that answers."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url

    def get(self, path: str) -> bytes:
        """Ask it for ``path``."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    @contextlib.contextmanager
    def events(self) -> Iterator[queue.Queue[tuple[float, bytes]]]:
        """What it sends on its stream of changes: when each line came, and the line."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=None)
        connection.request("GET", "/api/events")
        response = connection.getresponse()
        lines: queue.Queue[tuple[float, bytes]] = queue.Queue()

        def listen() -> None:
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
                while line := response.readline():
                    lines.put((time.perf_counter(), line))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield lines
        finally:
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            thread.join(_STOP_SECONDS)
            connection.close()


@contextlib.contextmanager
def serving(folder: Path, sources: Sequence[str], *, store: str = "store.db") -> Iterator[Server]:
    """Start a server over ``sources`` (``format=folder``) and wait until it answers."""
    said = folder / "said.txt"
    command: list[str | Path] = [*OURS, "--db", folder / store, "--port", "0", "--no-open"]
    for source in sources:
        command += ["--source", source]
    with said.open("wb") as stderr:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr)
    try:
        server = Server(process, _address(process, said))
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://\S+:\d+", said.read_text())
        if found:
            with contextlib.suppress(OSError):
                Server(process, found[0]).get("/api/health")
                return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {said.read_text()}")


def known(server: Server) -> int:
    """How many sessions a server knows, sub-agents not counted."""
    answer = json.loads(server.get("/api/sessions?limit=1&kind=root"))
    total: int = answer["total"]
    return total


def wait_until_read(server: Server, sessions: int, seconds: float = 600) -> None:
    """Wait until a server knows so many sessions.

    Raises:
        RuntimeError: if it does not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while known(server) < sessions:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not {sessions} sessions within {seconds:.0f} s")
        time.sleep(0.2)
