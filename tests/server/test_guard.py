"""Who may ask, and what a browser may do with the answer. Against a real server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from ai_viewer.config import Config
from ai_viewer.server.app import create_app
from tests.pictures import Store
from tests.server.conftest import Server

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob: data:; style-src 'self';"
    " script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.fixture
def server(store: Store, serve: Callable[[Path], Server]) -> Server:
    store.add("s: S\n    1: llm")
    return serve(store.path)


def ask(server: Server, request: str) -> str:
    """Send a request as it is written, and return the answer's first line."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
        return connection.makefile("rb").readline().decode().strip()


def test_every_answer_has_the_headers_that_bind_a_browser(server: Server, http: httpx.Client) -> None:
    """Pages, data, errors of every kind, and refusals."""
    paths = [
        "/",
        "/api/sessions",
        "/api/nothing",
        "/api/sessions?x=1",
        "/assets/none.js",
        "/api/openapi.json",
    ]
    answers = [http.get(server.url + path) for path in paths]
    answers.append(http.post(server.url + "/"))
    answers.append(http.get(server.url + "/", headers={"Host": "evil.example"}))
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url


def test_a_name_that_points_here_by_an_attackers_doing_is_refused(server: Server) -> None:
    """DNS rebinding: the browser takes the page for evil.example's own."""
    names = [
        "evil.example",
        f"evil.example:{server.port}",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
    ]
    for host in (*names, "169.254.0.1", "127.0.0.1@evil.example", "[::2]", "a b", ""):
        assert ask(server, f"GET /api/sessions HTTP/1.1\r\nHost: {host}").split()[1] in {"400", "403"}, host


def test_this_machines_names_are_answered(server: Server) -> None:
    """With and without a port, in any case."""
    for host in ("localhost", "LOCALHOST:1", f"127.0.0.1:{server.port}", "[::1]", "[::1]:7710", "localhost."):
        assert ask(server, f"GET /api/sessions HTTP/1.1\r\nHost: {host}").split()[1] == "200", host


def test_one_host_is_needed(server: Server) -> None:
    """Neither none nor two."""
    assert ask(server, "GET / HTTP/1.0").split()[1] == "400"
    assert ask(server, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example").split()[1] == "400"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "file://", "https://127.0.0.1", "x"]
)
def test_another_origins_page_may_not_ask(server: Server, http: httpx.Client, origin: str) -> None:
    """Not even another port's of this machine."""
    answer = http.get(server.url + "/api/sessions", headers={"Origin": origin})
    assert answer.status_code == 403
    assert "may not ask" in answer.json()["detail"]


def test_the_servers_own_page_may_ask(server: Server, http: httpx.Client) -> None:
    """By whichever of its names it was opened."""
    for host in (f"127.0.0.1:{server.port}", f"localhost:{server.port}"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert http.get(server.url + "/api/sessions", headers=headers).status_code == 200


def test_a_host_that_was_asked_for_is_answered(store: Store) -> None:
    """Any address of the loopback net may be listened on."""

    def status(bound: str, host: str) -> int:
        with TestClient(create_app(Config(store.path, (), host=bound))) as client:
            return client.get("/api/stats", headers={"Host": host}).status_code

    assert status("127.0.0.7", "127.0.0.7:7710") == 200
    assert status("127.0.0.7", "127.0.0.8") == 403
