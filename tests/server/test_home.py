"""``/api/home``."""

from __future__ import annotations

import time

from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import SECOND, Store


def test_one_request_tells_it_all(store: Store, client: TestClient[Litestar]) -> None:
    now = time.time_ns() // 1000
    store.add("s: Fix it\n    1: llm Bash!", at=now - 3 * SECOND)
    answer = client.get("/api/home", params={"tz": "UTC"})
    told = answer.json()
    assert len(answer.content) < 20_000
    assert [live["session"]["title"] for live in told["live"]] == ["Fix it"]
    assert (told["tz"], told["waiting"]) == ("UTC", 1)
    assert told["ingest"]["ingesting"] is False
    assert told["ingest"]["reasons"]


def test_a_wrong_zone_is_refused_by_name(client: TestClient[Litestar]) -> None:
    for params in ({"tz": "Moon/Crater"}, {"nothing": "1"}):
        answer = client.get("/api/home", params=params)
        assert (answer.status_code, answer.json()["parameter"]) == (400, next(iter(params)))
