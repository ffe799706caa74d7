"""``/api/sessions/{id}/trace``."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.server import trace as server_trace
from ai_viewer.store import trace
from tests.pictures import Store

URL = "/api/sessions/claude_code:s/trace"


def test_it_comes_as_columns(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    answer = client.get(URL)
    assert answer.headers["content-type"] == "application/octet-stream"
    header, tables = trace.decode(answer.content)
    assert header["sessions"][0]["title"] == "Fix it"
    assert list(tables["ops"]["seq"]) == [1, 2]


def test_it_comes_as_json_to_those_who_ask(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    answer = client.get(URL, params={"format": "json", "scope": "self"}).json()
    assert answer["ops"]["seq"] == [1, 2]
    assert answer["head"]["names"][2:] == ["Read", "call", "opus"]


def test_what_has_not_changed_is_not_sent_again(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    tag = client.get(URL).headers["etag"]
    again = client.get(URL, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    store.add("s: Fix it\n    1: llm Read Bash")
    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 200


def test_each_form_and_scope_has_a_tag_of_its_own(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    questions = [
        {"format": form, "scope": scope} for form in ("columns", "json") for scope in ("tree", "self")
    ]
    tags = {client.get(URL, params=params).headers["etag"] for params in questions}
    assert len(tags) == 4


def test_wrong_questions_are_refused_by_name(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    for params in ({"scope": "all"}, {"format": "xml"}, {"nothing": "1"}):
        answer = client.get(URL, params=params)
        assert answer.status_code == 400
        assert answer.json()["parameter"] == next(iter(params))
    assert client.get("/api/sessions/claude_code:none/trace").status_code == 404


def test_one_may_ask_for_what_changed_since(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read\n    2: llm")
    have = client.get(URL, params={"format": "json"}).json()["head"]
    store.add("s: Fix it\n    1: llm Read\n    2: llm Bash")
    params = {"format": "json", "after": have["revision"]}
    first = client.get(URL, params=params)
    assert first.json()["head"]["reset"] is False
    assert first.json()["head"]["sessions"][0]["from_turn"] == 1
    assert client.get(URL, params=params, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get(URL, params={"after": "-1"}).json()["parameter"] == "after"


def test_what_was_built_is_not_built_again(store: Store, client: TestClient[Litestar]) -> None:
    store.add("s: Fix it\n    1: llm Read")
    first = client.get(URL).content
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "encode", None)
        assert client.get(URL).content == first
    store.add("s: Fix it\n    1: llm Read Bash")
    assert client.get(URL).content != first


def test_as_much_is_kept_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_trace, "_KEPT_BYTES", 10)
    kept = server_trace.Traces()
    for name in "abc":
        kept.put(name, b"1234")
        kept.get("a")
    assert [kept.get(name) for name in "abc"] == [b"1234", None, b"1234"]
    kept.put("d", bytes(11))
    assert kept.get("d") is None
