"""``/api/topology`` and ``/api/sessions/{id}/topology``."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import Store

PICTURE = "s: Fix it\n    1: llm Read >c\nc < s Explore: Look\n    1: llm Grep"


def test_a_session_tree_has_one(store: Store, client: TestClient[Litestar]) -> None:
    store.add(PICTURE)
    answer = client.get(
        "/api/sessions/claude_code:s/topology", params={"level": "turns", "size": "cost"}
    ).json()
    assert answer["size"] == "cost"
    assert {node["kind"] for node in answer["nodes"]} == {"agent", "turn", "llm", "tool"}


def test_so_has_what_a_filter_lets_through(store: Store, client: TestClient[Litestar]) -> None:
    store.add(PICTURE)
    answer = client.get("/api/topology", params={"agent": "Explore"}).json()
    assert {node["name"] for node in answer["nodes"]} == {"main", "Explore", "Grep", "opus"}
    assert client.get("/api/topology", params={"since": "2031-01-01"}).json()["nodes"] == []


def test_wrong_questions_are_refused_by_name(store: Store, client: TestClient[Litestar]) -> None:
    store.add(PICTURE)
    for url in ("/api/sessions/claude_code:s/topology", "/api/topology"):
        for params in ({"nodes": "9"}, {"nodes": "2001"}, {"size": "colour"}, {"nothing": "1"}):
            answer = client.get(url, params=params)
            assert (answer.status_code, answer.json()["parameter"]) == (400, next(iter(params)))
    answer = client.get("/api/sessions/claude_code:s/topology", params={"level": "deep"})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "level")
    assert client.get("/api/sessions/claude_code:none/topology").status_code == 404
