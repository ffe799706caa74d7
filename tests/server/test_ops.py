"""``/api/sessions/{id}/ops``."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import Store

URL = "/api/sessions/claude_code:s/ops"


@pytest.mark.parametrize(
    ("seq", "told"), [("2", [2]), ("2..3", [2, 3]), ("3..", [3, 4]), ("..2", [1, 2]), ("..", [1, 2, 3, 4])]
)
def test_a_range_may_be_open(store: Store, client: TestClient[Litestar], seq: str, told: list[int]) -> None:
    store.add("s: Fix it\n    1: llm Read\n    2: llm Bash")
    assert [op["seq"] for op in client.get(URL, params={"seq": seq}).json()["ops"]] == told


@pytest.mark.parametrize("seq", ["", "x", "1.", "1...2", "5..2", "-1", "1..2..3", "9" * 16, "٣"])
def test_a_range_that_is_none_is_refused(store: Store, client: TestClient[Litestar], seq: str) -> None:
    store.add("s: Fix it\n    1: llm Read")
    answer = client.get(URL, params={"seq": seq})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "seq")


def test_one_op_tells_all_that_is_known_of_it(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    answer = client.get(f"{URL}/2").json()
    assert answer["session"]["title"] == "Fix it"
    assert answer["op"]["name"] == "Read"
    assert answer["parent"]["seq"] == 1
    assert answer["file"]["path"] == "s.jsonl"


@pytest.mark.parametrize("place", ["9", "99999999999999999999", "-1"])
def test_what_is_no_op_is_not_there(store: Store, client: TestClient[Litestar], place: str) -> None:
    store.add("s: Fix it\n    1: llm Read")
    answer = client.get(f"{URL}/{place}")
    assert answer.status_code in {400, 404}
    assert client.get("/api/sessions/claude_code:none/ops/1").status_code == 404
