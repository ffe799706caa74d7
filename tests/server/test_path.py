"""``/api/sessions/{id}/path``."""

from __future__ import annotations

from itertools import pairwise

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import NOON, SECOND, Store

URL = "/api/sessions/claude_code:s/path"


def test_it_tells_what_the_turn_waited_for(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read\n    2: llm Bash >c")
    answer = client.get(URL, params={"turn": 2}).json()
    assert answer["turn"] == 2
    assert [section["seq"] for section in answer["sections"]] == [3, 4, 5]
    assert answer["sections"][0]["start_ts"] == NOON + 2 * SECOND
    assert all(one["end_ts"] == other["start_ts"] for one, other in pairwise(answer["sections"]))
    assert answer["ops"] == [{"seq": seq, "duration_us": SECOND, "self_us": SECOND} for seq in (3, 4, 5)]


def test_a_turn_of_copies_has_no_path(store: Store, client: TestClient[Litestar]) -> None:
    store.add("a: A\n    1: llm=m\ns: S\n    1: llm=m")
    assert client.get(URL, params={"turn": 1}).json() == {"turn": 1, "sections": [], "ops": []}


@pytest.mark.parametrize(("turn", "status"), [("7", 404), ("-1", 400), ("x", 400), (None, 400)])
def test_a_turn_that_is_none_is_refused(
    store: Store, client: TestClient[Litestar], turn: str | None, status: int
) -> None:
    store.add("s: Fix it\n    1: llm Read")
    assert client.get(URL, params={"turn": turn} if turn else {}).status_code == status


def test_an_unknown_session_has_none(client: TestClient[Litestar]) -> None:
    assert client.get("/api/sessions/claude_code:none/path", params={"turn": 1}).status_code == 404
