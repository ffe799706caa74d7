"""``/api/sessions/{id}/logs`` and ``/api/ingest-errors``."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import Store

URL = "/api/sessions/claude_code:s/logs"


def test_notices_come_page_by_page(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: log llm log")
    first = client.get(URL, params={"limit": 1}).json()
    second = client.get(URL, params={"limit": 1, "cursor": first["next"]}).json()
    assert [log["n"] for log in (*first["logs"], *second["logs"])] == [1, 2]
    assert second["next"] is None
    assert client.get(URL, params={"severity": "error"}).json()["logs"] == []


def test_there_is_nothing_that_could_not_be_read(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm")
    assert client.get("/api/ingest-errors").json() == {"errors": [], "next": None}


def test_wrong_questions_are_refused_by_name(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: log")
    for params in ({"severity": "loud"}, {"scope": "all"}, {"limit": "0"}, {"cursor": "x"}, {"nothing": "1"}):
        answer = client.get(URL, params=params)
        assert answer.status_code == 400, params
        assert answer.json()["parameter"] == next(iter(params))
    assert client.get("/api/sessions/claude_code:none/logs").status_code == 404
    assert client.get("/api/ingest-errors", params={"session": "claude_code:none"}).status_code == 404
