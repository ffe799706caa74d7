"""``/api/sessions/{id}/timeline``."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import Store

URL = "/api/sessions/claude_code:s/timeline"


def test_it_is_told_as_finely_as_asked_for(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read Bash Edit")
    assert [bar["ops"] for bar in client.get(URL).json()["lanes"][0]["bars"]] == [1, 1, 1, 1]
    answer = client.get(URL, params={"steps": 2}).json()
    assert [bar["ops"] for bar in answer["lanes"][0]["bars"]] == [2, 2]
    assert answer["at_once"] == [1, 1]


def test_wrong_questions_are_refused_by_name(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm")
    for params in ({"steps": "0"}, {"steps": "x"}, {"nothing": "1"}):
        answer = client.get(URL, params=params)
        assert (answer.status_code, answer.json()["parameter"]) == (400, next(iter(params)))
    assert client.get("/api/sessions/claude_code:none/timeline").status_code == 404
