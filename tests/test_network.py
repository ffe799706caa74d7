"""Nothing leaves this machine: ingest, server and commands, watched from within Python."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ai_viewer import demo
from tests.running import running

WATCHER = """
import ipaddress, os, sys

def local(host):
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = arguments[1]
        if not isinstance(address, tuple):  # a Unix socket, or already connected
            return
        host = address[0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not local(host):
        with open(os.environ["OUTBOUND_LOG"], "a") as log:
            log.write(f"{event} {host}\\n")
        raise OSError(f"outbound: {event} {host}")

sys.addaudithook(watch)
"""


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """An environment in which every Python process writes down, and refuses, what is not local."""
    (tmp_path / "watcher").mkdir()
    (tmp_path / "watcher" / "sitecustomize.py").write_text(WATCHER)
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outbound.log").touch()
    return os.environ | {
        "PYTHONPATH": str(tmp_path / "watcher"),
        "OUTBOUND_LOG": str(tmp_path / "outbound.log"),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }


def test_the_watcher_sees_an_outbound_connection(tmp_path: Path, watched: dict[str, str]) -> None:
    """The proof below proves something: a connection elsewhere is refused and written down."""
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=watched, capture_output=True, check=False)
    assert done.returncode != 0
    assert "192.0.2.1" in (tmp_path / "outbound.log").read_text()


def test_nothing_leaves_this_machine(tmp_path: Path, watched: dict[str, str]) -> None:
    """Reading, following, serving and every command work, and nobody else is spoken to."""
    roots, _ = demo.lay_out(tmp_path / "sessions", dt.datetime.now(dt.UTC))
    program = [
        sys.executable,
        "-m",
        "ai_viewer",
        "--db",
        str(tmp_path / "store.db"),
        "--port",
        "0",
        "--no-open",
    ]
    for source in roots:
        program += ["--source", f"{source.format}={source.root}"]
    with running(program, tmp_path, watched) as server:
        for path in ("/", "/api/health", "/api/sources", "/api/sessions", "/api/openapi.json"):
            assert server.get(path)

        def ask(*command: str) -> str:
            return subprocess.run(
                [*program, *command], env=watched, stdout=subprocess.PIPE, text=True, check=True
            ).stdout

        for command in (["sources"], ["stats", "--by", "model"], ["doctor"], ["openapi"]):
            assert ask(*command)
        first = json.loads(ask("sessions", "--json"))["sessions"][0]
        assert ask("show", first["id"])
        for form in ("html", "otlp"):
            assert ask("export", first["id"], "--format", form)
            assert server.get(f"/api/sessions/{first['id']}/export?format={form}")
        assert server.interrupt() == 0
    assert ask("reprice")
    assert (tmp_path / "outbound.log").read_text() == ""
