"""The API's description, from which the web app's types come."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.server.openapi import openapi_json
from ai_viewer.store import (
    views,
    views_home,
    views_ops,
    views_search,
    views_stats,
    views_timeline,
    views_topology,
)
from ai_viewer.store.views import View

QUESTIONS = {"MarkInput", "MarkChange"}
"""What is sent to the server: there a field may be left out."""


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(openapi_json())


def test_every_route_is_there(described: Any) -> None:
    """Those for programs; the web app's own files are none."""
    assert set(described["paths"]) == {
        "/api/home",
        "/api/health",
        "/api/settings",
        "/api/sources",
        "/api/sessions",
        "/api/sessions/{session_id}",
        "/api/sessions/{session_id}/turns",
        "/api/sessions/{session_id}/ops",
        "/api/sessions/{session_id}/ops/{seq}",
        "/api/sessions/{session_id}/path",
        "/api/sessions/{session_id}/payloads/{payload_id}",
        "/api/sessions/{session_id}/topology",
        "/api/topology",
        "/api/sessions/{session_id}/timeline",
        "/api/sessions/{session_id}/trace",
        "/api/sessions/{session_id}/export",
        "/api/sessions/{session_id}/secrets",
        "/api/sessions/{session_id}/logs",
        "/api/ingest-errors",
        "/api/stats",
        "/api/stats/series",
        "/api/stats/heatmap",
        "/api/stats/top/sessions",
        "/api/stats/top/ops",
        "/api/stats/durations",
        "/api/stats/context",
        "/api/stats/distributions",
        "/api/catalog/{catalog_kind}",
        "/api/catalog/{catalog_kind}/detail",
        "/api/failures",
        "/api/search",
        "/api/sessions/{session_id}/find",
        "/api/events",
        "/api/marks",
        "/api/marks/{mark_id}",
    }


def test_only_marks_can_be_written(described: Any) -> None:
    """All else is for reading."""
    writable = {path for path, operations in described["paths"].items() if set(operations) != {"get"}}
    assert writable == {"/api/marks", "/api/marks/{mark_id}"}


def test_every_route_and_parameter_says_what_it_is_for(described: Any) -> None:
    """In a sentence, and an operation has a name that is worth reading."""
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert operation["operationId"].isalpha(), path
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (path, parameter["name"])


def test_every_answer_has_the_name_of_its_struct(described: Any) -> None:
    """So the web app speaks of the same things."""
    names = {
        name
        for module in (
            views,
            views_home,
            views_ops,
            views_search,
            views_stats,
            views_timeline,
            views_topology,
        )
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, View) and value not in {View, views_topology.Load}
    }
    assert names <= set(described["components"]["schemas"])
    answers = {
        path: operations["get"]["responses"]["200"]["content"]["application/json"]["schema"][
            "$ref"
        ].rpartition("/")[2]
        for path, operations in described["paths"].items()
        if "get" in operations and "application/json" in operations["get"]["responses"]["200"]["content"]
    }
    assert answers == {
        "/api/home": "Home",
        "/api/health": "Health",
        "/api/settings": "Settings",
        "/api/ingest-errors": "IngestErrorPage",
        "/api/marks": "Marks",
        "/api/sessions/{session_id}/logs": "LogPage",
        "/api/sources": "Sources",
        "/api/sessions": "SessionPage",
        "/api/sessions/{session_id}": "SessionDetail",
        "/api/sessions/{session_id}/turns": "TurnPage",
        "/api/sessions/{session_id}/ops": "OpRange",
        "/api/sessions/{session_id}/ops/{seq}": "OpDetail",
        "/api/sessions/{session_id}/path": "TurnPath",
        "/api/sessions/{session_id}/topology": "Topology",
        "/api/topology": "Topology",
        "/api/sessions/{session_id}/timeline": "Timeline",
        "/api/sessions/{session_id}/trace": "TraceView",
        "/api/sessions/{session_id}/secrets": "SecretsInSession",
        "/api/stats": "Stats",
        "/api/stats/series": "Series",
        "/api/stats/heatmap": "Heatmap",
        "/api/stats/top/sessions": "TopSessions",
        "/api/stats/top/ops": "TopOps",
        "/api/stats/durations": "DurationGroups",
        "/api/stats/context": "ContextPressure",
        "/api/stats/distributions": "Distributions",
        "/api/catalog/{catalog_kind}": "Catalog",
        "/api/catalog/{catalog_kind}/detail": "CatalogDetail",
        "/api/search": "SearchPage",
        "/api/sessions/{session_id}/find": "FoundPlaces",
        "/api/failures": "Failures",
    }


def test_every_field_of_an_answer_is_always_there(described: Any) -> None:
    """None is optional: what is not known is null."""
    for name, schema in described["components"]["schemas"].items():
        if schema.get("type") == "object" and name not in QUESTIONS:
            assert set(schema["required"]) == set(schema["properties"]), name


def test_every_refusal_has_the_same_shape(described: Any) -> None:
    """Whatever it refuses."""
    for path, operations in described["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Error"}, (path, status)


def test_the_server_hands_it_out(client: TestClient[Litestar], described: Any) -> None:
    """The same as the command does."""
    answer = client.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == described


def test_the_command_needs_no_store() -> None:
    """And warns of nothing."""
    code = "from ai_viewer.server.openapi import openapi_json; openapi_json()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
