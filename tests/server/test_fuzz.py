"""Whatever is asked, the server has no error of its own, and answers as its description says.

Questions are made from the description by schemathesis, sensible ones and others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from ai_viewer.config import Config, SourceRoot
from ai_viewer.server.app import create_app
from ai_viewer.server.openapi import openapi_json
from tests.pictures import ROOT, Store

EXAMPLES = 10
"""Of each operation and way: what a test may take."""
REAL: dict[str, list[Any]] = {
    "session_id": ["claude_code:s", "claude_code:c"],
    "payload_id": ["1.2.tool_output.0"],
    "seq": [1, 2],
}
"""Names of what is there: made-up ones hardly ever are."""

DESCRIPTION = json.loads(openapi_json())
# The event stream never ends; what it is asked is what the list of sessions is asked.
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION).exclude(operation_id="events")


def _operations() -> dict[str, Any]:
    operations = {}
    for found in SCHEMA.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        operations[f"{operation.method.upper()} {operation.path}"] = operation
    return operations


OPERATIONS = _operations()


ELSEWHERE = {"404", "405"}
"""An odd part of a path may make it another path, or none."""
WAYS = {"sensible": GenerationMode.POSITIVE, "odd": GenerationMode.NEGATIVE}
QUESTIONS = [
    (name, way)
    for name in sorted(OPERATIONS)
    for way in WAYS
    if way == "sensible"
    or any(one["name"] != "session_id" for one in OPERATIONS[name].definition.raw.get("parameters", []))
]
"""Without parameters there is nothing odd to ask, and any text may be a session's id."""


@pytest.mark.parametrize(("name", "way"), QUESTIONS)
def test_no_question_is_an_error_of_the_server(name: str, way: str, tmp_path: Path) -> None:
    operation = OPERATIONS[name]
    store = Store(tmp_path / "store.db")
    store.add("s: Fix it\n    1: log llm Read Bash!\n    2: llm? >c\nc < s Explore: Look\n    1: llm Grep~")
    app = create_app(Config(store.path, (SourceRoot("claude_code", Path(ROOT)),)))
    with TestClient(app, base_url="http://127.0.0.1:7710", raise_server_exceptions=False) as client:

        @seed(20260101)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=WAYS[way]), data=st.data())
        def ask(case: Any, data: st.DataObject) -> None:
            for parameter in (case.path_parameters or {}).keys() & REAL.keys():
                if data.draw(st.booleans()):
                    case.path_parameters[parameter] = data.draw(st.sampled_from(REAL[parameter]))
            sent = case.as_transport_kwargs(base_url="http://127.0.0.1:7710")
            answer = client.request(
                sent["method"],
                sent["url"],
                params=sent.get("params"),
                headers=sent.get("headers"),
                json=sent.get("json"),
            )
            assert answer.status_code < 500, (sent, answer.text)
            told = operation.definition.raw["responses"].keys() | ELSEWHERE
            assert str(answer.status_code) in told, (sent, answer.text)

        ask()
    store.close()
