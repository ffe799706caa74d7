"""Secrets masked in what the server hands out, counts of them, and sessions as files."""

from __future__ import annotations

import json

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.model import (
    OpKind,
    OpStarted,
    PayloadKind,
    PayloadRef,
    Rank,
    SessionFacts,
    SessionStarted,
    TurnStarted,
)
from ai_viewer.server import exports
from tests.pictures import NOON, Store, batch

KEY = "sk-proj-Zx81kd92JdkLs0sKdl29dkslQpw7Vb3nM5cR8tY1uH4gF6eW"
MASKED = "sk-p…[masked: OpenAI key]"
URL = "/api/sessions/claude_code:k"


@pytest.fixture(autouse=True)
def session(store: Store) -> None:
    text = f"{'x' * 3_000} {KEY} {KEY}"
    events = [
        SessionStarted(session="k", rank=Rank.TRANSCRIPT, facts=SessionFacts(title=f"Use {KEY}")),
        TurnStarted(session="k", turn=1, ts=NOON, label=f"Use {KEY}"),
        PayloadRef(session="k", turn=1, seq=0, kind=PayloadKind.PROMPT, text=f"Use {KEY}"),
        OpStarted(session="k", turn=1, seq=1, ts=NOON, kind=OpKind.TOOL, name="Bash"),
        PayloadRef(session="k", turn=1, seq=1, kind=PayloadKind.TOOL_OUTPUT, text=text),
    ]
    store.writer.apply([batch(list(events), "k.jsonl")])


class TestMasking:
    @pytest.mark.parametrize(
        "path",
        ["/api/sessions", URL, f"{URL}/turns", f"{URL}/trace?format=json", f"{URL}/payloads/1.0.prompt.0"],
    )
    def test_it_is_on_without_being_asked_for(self, client: TestClient[Litestar], path: str) -> None:
        text = client.get(path).text
        assert MASKED in text
        assert KEY not in text

    @pytest.mark.parametrize("path", [f"{URL}/turns", f"{URL}/payloads/1.0.prompt.0"])
    def test_a_text_is_revealed_on_demand(self, client: TestClient[Litestar], path: str) -> None:
        text = client.get(path, params={"reveal": "true"}).text
        assert f"Use {KEY}" in text
        assert MASKED not in text

    def test_a_payload_says_how_many_were_masked(self, client: TestClient[Litestar]) -> None:
        answer = client.get(f"{URL}/payloads/1.1.tool_output.0")
        assert answer.headers["x-masked-secrets"] == "2"
        assert "x-masked-secrets" not in client.get(f"{URL}/payloads/1.1.tool_output.0?reveal=true").headers

    def test_masked_and_revealed_are_told_apart_by_caches(self, client: TestClient[Litestar]) -> None:
        masked = client.get(f"{URL}/payloads/1.0.prompt.0").headers["etag"]
        revealed = client.get(f"{URL}/payloads/1.0.prompt.0?reveal=true", headers={"If-None-Match": masked})
        assert revealed.status_code == 200


class TestCounting:
    def test_every_payload_s_secrets_are_counted_beyond_its_start(self, client: TestClient[Litestar]) -> None:
        assert client.get(f"{URL}/secrets").json() == {
            "total": 3,
            "kinds": {"OpenAI key": 3},
            "payloads": [
                {"payload": "1.0.prompt.0", "kind": "OpenAI key", "count": 1},
                {"payload": "1.1.tool_output.0", "kind": "OpenAI key", "count": 2},
            ],
            "next": None,
        }

    def test_a_long_search_stops_and_is_gone_on_with(
        self, client: TestClient[Litestar], store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "SCAN_SECONDS", -1.0)
        store.add(f"long: L\n    1: {'Read ' * 120}")
        pages = 0
        cursor: str | None = None
        while True:
            told = client.get(
                "/api/sessions/claude_code:long/secrets", params={"cursor": cursor} if cursor else {}
            )
            pages += 1
            cursor = told.json()["next"]
            if cursor is None:
                break
        assert pages == 3

    def test_a_session_that_was_never_read_is_not_found(self, client: TestClient[Litestar]) -> None:
        assert client.get("/api/sessions/claude_code:nobody/secrets").status_code == 404


class TestExport:
    @pytest.mark.parametrize(
        ("form", "name", "start"),
        [
            ("html", "claude_code-k.html", "<!doctype html>"),
            ("markdown", "claude_code-k.md", "# Use"),
            ("json", "claude_code-k.json", '{"format":"ai-viewer"'),
            ("perfetto", "claude_code-k.trace.json", '{"displayTimeUnit"'),
            ("otlp", "claude_code-k.otlp.json", '{"resourceSpans"'),
        ],
    )
    def test_it_is_a_file_to_download(
        self, client: TestClient[Litestar], form: str, name: str, start: str
    ) -> None:
        answer = client.get(f"{URL}/export", params={"format": form})
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.text.startswith(start)
        assert KEY not in answer.text

    def test_secrets_are_left_if_that_is_wanted(self, client: TestClient[Litestar]) -> None:
        told = json.loads(client.get(f"{URL}/export", params={"format": "json", "redact": "false"}).text)
        assert told["sessions"][0]["turns"][0]["payloads"][0]["text"] == f"Use {KEY}"

    def test_what_cannot_be_written_is_told_with_a_status(self, client: TestClient[Litestar]) -> None:
        assert client.get("/api/sessions/claude_code:nobody/export").status_code == 404
        answer = client.get(f"{URL}/export", params={"format": "docx"})
        assert (answer.status_code, answer.json()["parameter"]) == (400, "format")
