"""Run ai-viewer as its users do: as a process, stopped by Ctrl-C."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 20


def wait_for(condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    """Wait until ``condition`` is true; fail, naming ``what``, if it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.02)


class Running:
    """A started ai-viewer and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], messages: Path) -> None:
        self.process = process
        self._messages = messages

    @property
    def messages(self) -> str:
        """What it has written on stderr."""
        return self._messages.read_text()

    @property
    def url(self) -> str:
        """Where it serves."""
        found = re.search(r"http://\S+:\d+", self.messages)
        assert found, self.messages
        return found[0]

    def get(self, path: str) -> bytes:
        """Ask it for ``path``."""
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            body: bytes = response.read()
        return body

    def wait_until_up(self) -> None:
        """Wait until it answers."""

        def up() -> bool:
            assert self.process.poll() is None, self.messages
            with contextlib.suppress(AssertionError, OSError):
                return bool(self.get("/api/health"))
            return False

        wait_for(up, "the server is up")

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start ``command`` and wait until it serves; it is gone after the block."""
    messages = folder / "messages.txt"
    with messages.open("wb") as stderr:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr, env=env)
    try:
        server = Running(process, messages)
        server.wait_until_up()
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
