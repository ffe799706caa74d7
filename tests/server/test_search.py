"""``/api/search``, ``/api/sessions/{id}/find`` and the query of ``/api/sessions``."""

from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.pictures import Store

FAMILY = """
    s: Fix the parser
        1: llm Read Bash!
        2: Read log
    c < s Explore: Look around
        1: Read llm
"""


@pytest.fixture
def filled(store: Store, client: TestClient[Litestar]) -> TestClient[Litestar]:
    store.add(FAMILY)
    return client


def test_hits_come_by_session_with_their_snippets(filled: TestClient[Litestar]) -> None:
    told = filled.get("/api/search", params={"q": "prompt kind:prompt"}).json()
    assert told["query"] == "prompt kind:prompt"
    assert (told["total"], told["at_least"], told["next"]) == (3, False, None)
    assert [(group["session"]["id"], group["count"]) for group in told["groups"]] == [
        ("claude_code:c", 1),
        ("claude_code:s", 2),
    ]
    hit = told["groups"][1]["hits"][0]
    assert (hit["turn"], hit["seq"], hit["kind"], hit["payload"]) == (2, None, "prompt", "2.0.prompt.0")
    assert hit["snippet"] == {"text": "prompt 2 of s", "marks": [[0, 6]], "offset": 0, "more": False}


def test_pages_go_on_where_the_one_before_ended(filled: TestClient[Litestar]) -> None:
    first = filled.get("/api/search", params={"q": "prompt", "limit": 2}).json()
    second = filled.get("/api/search", params={"q": "prompt", "limit": 2, "cursor": first["next"]}).json()
    assert sum(len(group["hits"]) for group in second["groups"]) == 1
    assert (second["total"], second["facets"], second["next"]) == (None, None, None)


def test_a_word_that_is_being_typed_is_found_by_its_beginning(filled: TestClient[Litestar]) -> None:
    told = filled.get("/api/search", params={"q": "fix par", "typing": True}).json()
    assert [group["hits"][0]["kind"] for group in told["groups"]] == ["title"]


def test_places_in_a_session_tree(filled: TestClient[Litestar]) -> None:
    told = filled.get("/api/sessions/claude_code:s/find", params={"q": "tool:Read"}).json()
    assert [(place["session"], place["turn"], place["seq"]) for place in told["places"]] == [
        ("claude_code:s", 1, 2),
        ("claude_code:s", 2, 4),
        ("claude_code:c", 1, 1),
    ]
    assert filled.get("/api/sessions/claude_code:none/find", params={"q": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("parser", ["s"]),
        ("fix pars", ["s"]),
        ("look -parser", ["c"]),
        ("-parser", ["c"]),
        ("tool:bash", ["s"]),
        ("-tool:Bash", ["c"]),
        ("is:failed", ["s"]),
        ("agent:explore model:op*", ["c"]),
        ("session:c project:/home/dev", ["c"]),
        ("tok:>1k dur:>2s", ["s"]),
        ("cost:>1", []),
        ("before:2026-01-01", []),
        ("after:2025-12-01", ["c", "s"]),
    ],
)
def test_sessions_are_listed_by_the_same_language(
    filled: TestClient[Litestar], query: str, names: list[str]
) -> None:
    told = filled.get("/api/sessions", params={"q": query, "roots": False})
    assert [row["native_id"] for row in told.json()["sessions"]] == names


@pytest.mark.parametrize("path", ["/api/search", "/api/sessions", "/api/sessions/claude_code:s/find"])
def test_what_a_condition_cannot_be_is_told_with_its_place(filled: TestClient[Litestar], path: str) -> None:
    told = filled.get(path, params={"q": "x status:odd"})
    assert told.status_code == 400
    assert told.json()["parameter"] == "q"
    assert "at character 10" in told.json()["detail"]


def test_conditions_on_texts_are_refused_for_sessions(filled: TestClient[Litestar]) -> None:
    for query in ("kind:log", "ctx:>80%"):
        assert filled.get("/api/sessions", params={"q": query}).json()["parameter"] == "q"


def test_wrong_parameters_are_refused_by_name(filled: TestClient[Litestar]) -> None:
    for params in ({"sort": "odd"}, {"limit": "0"}, {"cursor": "x"}, {"nothing": "1"}):
        answer = filled.get("/api/search", params={"q": "x", **params})
        assert answer.status_code == 400, params
        assert answer.json()["parameter"] == next(iter(params))


PIECES = [*string.printable, "é", "設", "is:", "dur:>", "after:", "tool:", "NEAR("]
LIKE_A_QUERY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(
    text=st.one_of(LIKE_A_QUERY, st.text(st.characters(codec="utf-8"))),
    sort=st.sampled_from(["newest", "best"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_is_answered_or_refused(filled: TestClient[Litestar], text: str, sort: str) -> None:
    for path, more in (("/api/search", {"sort": sort}), ("/api/sessions", {})):
        assert filled.get(path, params={"q": text, **more}).status_code in {200, 400}
