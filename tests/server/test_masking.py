"""Secrets in what people and programs wrote are masked on every page that tells it."""

from __future__ import annotations

import time

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.model import PayloadKind, PayloadRef, TurnStarted
from tests.pictures import SECOND, Store, batch

SECRET = "ghp_" + "a1B2c3D4e5F6" * 3
S = "/api/sessions/claude_code:s"


@pytest.fixture
def secretive(store: Store) -> Store:
    now = time.time_ns() // 1000 - 9 * SECOND
    store.add(f"s: Use {SECRET}\n    1: llm Read! >c\nc < s Explore: With {SECRET}\n    1: llm", at=now)
    told = PayloadRef(session="s", turn=1, seq=2, kind=PayloadKind.TOOL_OUTPUT, text=f"token {SECRET}")
    store.writer.apply(
        [batch([TurnStarted(session="s", turn=1, ts=now, label=f"Try {SECRET}"), told], "s.jsonl")]
    )
    return store


@pytest.mark.parametrize(
    "url",
    [
        "/api/home",
        f"{S}",
        f"{S}/ops",
        f"{S}/ops/2",
        f"{S}/timeline",
        f"{S}/topology?level=turns",
        f"{S}/trace?format=json",
    ],
)
def test_they_are_masked(secretive: Store, client: TestClient[Litestar], url: str) -> None:
    del secretive
    answer = client.get(url)
    assert answer.status_code == 200
    assert SECRET not in answer.text
    assert "masked" in answer.text


@pytest.mark.parametrize("url", [f"{S}/ops", f"{S}/ops/2"])
def test_they_are_shown_to_who_asks(secretive: Store, client: TestClient[Litestar], url: str) -> None:
    del secretive
    assert SECRET in client.get(url, params={"reveal": "true"}).text
