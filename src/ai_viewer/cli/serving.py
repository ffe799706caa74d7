"""Run the two halves: the ingest in a process of its own, the server in this one, and a browser."""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from ai_viewer.cli.output import say
from ai_viewer.cli.progress import ProgressReporter
from ai_viewer.config import Config
from ai_viewer.errors import AiViewerError, StoreLockedError, UsageError
from ai_viewer.store import database

STOP_SECONDS = 10.0
"""How long the ingest may take to finish its transaction when asked to stop."""

READY_SECONDS = 20.0
"""How long the browser waits for the server."""


def follow(config: Config) -> None:
    """Read the sources, then what is added to them, until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _follow_until(config, stop)


def serve(config: Config, *, open_browser: bool) -> None:
    """Show the store as it is until Ctrl-C or SIGTERM.

    Raises:
        StoreError: if there is no store, or it is another version's.
        UsageError: if the port is taken.
    """
    database.open_reader(config.db).close()
    _serve(config, open_browser=open_browser)


def run(config: Config, *, open_browser: bool) -> None:
    """Read and show at once; both end together.

    If another process writes the store already, say so and only show.
    """
    try:
        with database.writer_lock(config.db):
            # The server wants a store of this version, also while the ingest is starting.
            database.open_writer(config.db).close()
    except StoreLockedError:
        other = database.writer(config.db)
        who = f"process {other.pid}" if other else "another process"
        say(f"{who} is already reading the sources into {config.db}; this one only shows them.")
        serve(config, open_browser=open_browser)
        return
    with _ingesting(config):
        _serve(config, open_browser=open_browser)


def demo(host: str, port: int, *, open_browser: bool) -> None:
    """Show made-up sessions, one of them going on, in a store that is gone afterwards."""
    from ai_viewer import demo

    signal.signal(signal.SIGTERM, _interrupt)
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="ai-viewer-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        sources, later = demo.lay_out(folder, dt.datetime.now(dt.UTC))
        player = threading.Thread(target=demo.play, args=(later, stop), daemon=True)
        player.start()
        try:
            say("These are made-up sessions; one of them goes on for the next minute.")
            run(Config(folder / "demo.db", sources, host, port), open_browser=open_browser)
        finally:
            stop.set()
            player.join()


def _serve(config: Config, *, open_browser: bool) -> None:
    config = msgspec.structs.replace(config, port=check_port(config))
    # Loaded here: the web framework is the slowest import of all.
    from ai_viewer.server import app

    url = _url(config)
    say(f"ai-viewer is at {url} (Ctrl-C stops it)")
    if open_browser and _has_display():
        threading.Thread(target=_open_when_ready, args=(config, url), daemon=True).start()
    # uvicorn raises the signal that ended it once more when it has shut down: it must
    # not end this process before what surrounds the server has been put away.
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        app.run(config)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _ingesting(config: Config) -> Iterator[None]:
    """Run the ingest in a child process for as long as the block runs.

    The child ends when the pipe to it closes: by us, or by our death.
    """
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    child = context.Process(target=_ingest_process, args=(config, theirs), name="ai-viewer ingest")
    child.start()
    theirs.close()
    try:
        yield
    finally:
        ours.close()
        child.join(STOP_SECONDS)
        if child.is_alive():
            child.kill()
            child.join()


def _ingest_process(config: Config, lifeline: Connection) -> None:
    # Ctrl-C in a terminal goes to both processes; the parent decides for both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def wait_for_end() -> None:
        with contextlib.suppress(EOFError, OSError):
            lifeline.recv_bytes()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    try:
        _follow_until(config, stop)
    except AiViewerError as error:
        say(f"ai-viewer: {error}")
        sys.exit(error.exit_code)


def _follow_until(config: Config, stop: threading.Event) -> None:
    from ai_viewer.ingest import run as ingest

    with ProgressReporter(then="Following what is added.") as report:
        ingest.follow(config, report, stop)


def check_port(config: Config) -> int:
    """Return the port to listen on: the configured one if it is free, for port 0 any that is.

    Raises:
        UsageError: if the host is not this machine's, or the port is taken.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":
                # A port that a server has just left is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            port: int = probe.getsockname()[1]
    except OSError as error:
        raise UsageError(
            f"cannot listen on {config.host} port {config.port}: {error.strerror}; "
            "choose another with --port (0 takes any free one)"
        ) from error
    return port


def _url(config: Config) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{config.port}"


def _has_display() -> bool:
    """Tell whether a browser could show itself: not on a server, not in CI, not over SSH."""
    if os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def _open_when_ready(config: Config, url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((config.host, config.port), timeout=1):
            break
        time.sleep(0.1)
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(url)
