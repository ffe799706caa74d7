"""Starting the server, or saying why it cannot be started."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ai_viewer.config import Config
from ai_viewer.errors import StoreError, StoreVersionError, UsageError
from ai_viewer.server.app import create_app, run
from tests.pictures import Store
from tests.server.conftest import Server


def test_without_a_store_it_says_how_to_make_one(tmp_path: Path) -> None:
    """And makes none."""
    with pytest.raises(StoreError, match="ingest --once"):
        run(Config(tmp_path / "none.db", ()))
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_another_version_is_refused(store: Store) -> None:
    """With what to do about it."""
    store.writing.execute("UPDATE schema_meta SET version = 999")
    with pytest.raises(StoreVersionError, match="version 999"):
        run(Config(store.path, ()))


def test_a_port_that_is_taken_is_named_with_the_way_out(store: Store) -> None:
    """Another ai-viewer may be running there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1 port {port}.*--port"):
            run(Config(store.path, (), port=port))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "box.example"])
def test_another_host_than_this_machine_is_refused_with_the_way_out(store: Store, host: str) -> None:
    """There is no password."""
    with pytest.raises(UsageError, match=rf"--host {host}: .*ssh -L"):
        run(Config(store.path, (), host=host))


def test_it_answers_while_the_store_is_written_and_writes_nothing_itself(
    store: Store, serve: Callable[[Path], Server], http: httpx.Client
) -> None:
    """Readers and the writer do not block each other."""
    store.add("a: A\n    1: llm")
    server = serve(store.path)
    before = store.path.read_bytes()
    with store.writing:
        store.writing.execute("UPDATE session SET title = 'B'")
        assert http.get(f"{server.url}/api/sessions").json()["sessions"][0]["title"] == "A"
    assert http.get(f"{server.url}/api/sessions").json()["sessions"][0]["title"] == "B"
    server.stop()
    assert store.path.read_bytes() == before


def test_making_the_application_opens_nothing(tmp_path: Path) -> None:
    """It can be described without a store."""
    create_app(Config(tmp_path / "none.db", ()))
    assert list(tmp_path.iterdir()) == []
