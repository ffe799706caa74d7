"""``/api/marks``: what people note, kept beside the store, and who may write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.config import Config
from ai_viewer.store.marks import marks_path
from tests.pictures import Store

SESSION = "claude_code:s"
URL = "/api/marks"


def add(client: TestClient[Litestar], **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, json={"session": SESSION, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def all_of(client: TestClient[Litestar], **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(URL, params=params).json()["marks"]
    return found


def test_without_marks_there_is_an_empty_list_and_no_file(
    client: TestClient[Litestar], config: Config
) -> None:
    assert all_of(client) == []
    assert not marks_path(config.db).exists()


def test_a_mark_is_kept_as_it_was_made(client: TestClient[Litestar]) -> None:
    made = add(client, turn=3, seq=17, colour="red", note="Here it went wrong: «é»")
    (found,) = all_of(client)
    assert found == made
    assert (made["turn"], made["seq"], made["colour"]) == (3, 17, "red")
    assert made["note"] == "Here it went wrong: «é»"
    assert made["created_at"] == made["updated_at"] > 0


def test_marks_are_those_of_a_session_or_all_oldest_first(client: TestClient[Litestar]) -> None:
    add(client, note="first")
    add(client, session="codex:t", note="second")
    assert [mark["note"] for mark in all_of(client)] == ["first", "second"]
    assert [mark["note"] for mark in all_of(client, session="codex:t")] == ["second"]


def test_a_mark_is_changed_in_what_is_told_and_removed(client: TestClient[Litestar]) -> None:
    made = add(client, note="old", colour="red")
    changed = client.patch(f"{URL}/{made['id']}", json={"note": "new"}).json()
    assert (changed["note"], changed["colour"]) == ("new", "red")
    assert client.delete(f"{URL}/{made['id']}").status_code == 204
    assert all_of(client) == []


def test_a_mark_that_is_not_there_is_not_found(client: TestClient[Litestar]) -> None:
    assert client.patch(f"{URL}/7", json={"note": "x"}).status_code == 404
    assert client.delete(f"{URL}/7").status_code == 404


def test_marks_outlive_the_store(client: TestClient[Litestar], config: Config, store: Store) -> None:
    add(client, note="kept")
    assert marks_path(config.db).parent == config.db.parent
    assert store.reader.execute("SELECT name FROM sqlite_schema WHERE name = 'mark'").get is None


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "session"),
        ({"session": SESSION, "colour": "beige"}, "colour"),
        ({"session": SESSION, "turn": -1}, "turn"),
        ({"session": SESSION, "seq": 2**60}, "seq"),
        ({"session": SESSION, "note": "x" * 4_001}, "note"),
        ({"session": SESSION, "nothing": 1}, "nothing"),
        ({"session": 5}, "session"),
    ],
)
def test_a_wrong_field_is_named(client: TestClient[Litestar], body: dict[str, Any], parameter: str) -> None:
    answer = client.post(URL, json=body)
    assert answer.status_code == 400
    told = answer.json()
    assert parameter in {told["parameter"], *told["detail"].replace("`", " ").replace("$.", " ").split()}
    assert all_of(client) == []


def test_what_is_no_json_is_refused(client: TestClient[Litestar]) -> None:
    json_type = {"Content-Type": "application/json"}
    assert client.post(URL, content=b"{", headers=json_type).status_code == 400
    assert client.post(URL, content=b"[]", headers=json_type).status_code == 400


def test_a_form_that_a_page_elsewhere_could_send_is_refused(client: TestClient[Litestar]) -> None:
    """Such a request needs no leave of ours: browsers send it unasked."""
    body = b'{"session": "claude_code:s"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        headers = {} if kind is None else {"Content-Type": kind}
        assert client.post(URL, content=body, headers=headers).status_code == 415
    assert all_of(client) == []


def test_another_origins_page_may_not_write(client: TestClient[Litestar]) -> None:
    made = add(client)
    headers = {"Origin": "http://evil.example"}
    assert client.post(URL, json={"session": SESSION}, headers=headers).status_code == 403
    assert client.delete(f"{URL}/{made['id']}", headers=headers).status_code == 403
    assert len(all_of(client)) == 1


def test_nothing_else_can_be_written(client: TestClient[Litestar]) -> None:
    for path in ("/api/sessions", "/api/marks/1/x", "/api/marks/x", "/", "/api/stats"):
        for method in ("POST", "PATCH", "DELETE", "PUT"):
            answer = client.request(method, path, json={})
            assert answer.status_code == 405, (method, path)
            assert answer.headers["allow"] == "GET, HEAD"


def test_marks_that_cannot_be_written_are_told(client: TestClient[Litestar], config: Config) -> None:
    Path(marks_path(config.db)).write_bytes(b"this is no database, but long enough to be taken for one" * 20)
    answer = client.post(URL, json={"session": SESSION})
    assert answer.status_code == 503
    assert "marks" in answer.json()["detail"]
