"""What the golden files of Gemini CLI do not say well."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ai_viewer.adapters.base import Artifact, Shape
from ai_viewer.adapters.gemini import Gemini
from ai_viewer.adapters.gemini.contents import read_usage
from ai_viewer.model import Event, OpFinalized, OpStarted, Rank, SessionStarted, SourceError, Usage
from ai_viewer.testing import always, read, read_folder, split

GEMINI = Gemini()
CASES = Path(__file__).parents[1] / "fixtures" / "gemini"
CHATS = "tmp/project/chats"
SESSION = "0a1b2c3d-0000-4000-8000-000000000001"
HEADER = {"sessionId": SESSION, "projectHash": "p", "startTime": "2026-01-02T03:04:00.000Z", "kind": "main"}


def told(path: str, *records: dict[str, Any]) -> list[Event]:
    """Return the events of a chat at ``path`` with these lines, or this object."""
    artifact = GEMINI.artifact(PurePosixPath(path))
    assert artifact is not None
    data = b"\n".join(json.dumps(record).encode() for record in records)
    return read(GEMINI, artifact, split(artifact, data)).events


def answer(**fields: Any) -> dict[str, Any]:
    return {"id": "m", "timestamp": "2026-01-02T03:04:09.000Z", "type": "gemini", "model": "g", **fields}


def sessions(events: list[Event]) -> list[str]:
    return [event.session for event in events if isinstance(event, SessionStarted)]


def calls(events: list[Event]) -> set[int]:
    return {event.call for event in events if isinstance(event, OpStarted) and event.call is not None}


def usages(events: list[Event]) -> dict[int, Usage]:
    """Return the final usage of each op, by seq."""
    return {
        event.seq: event.usage
        for event in events
        if isinstance(event, OpFinalized) and event.usage is not None
    }


def test_the_home_is_configurable() -> None:
    assert GEMINI.roots({}, Path("/home/dev")) == [Path("/home/dev/.gemini")]
    assert GEMINI.roots({"GEMINI_CLI_HOME": "/data"}, Path("/home/dev")) == [Path("/data/.gemini")]


def test_settings_and_secrets_are_not_searched(tmp_path: Path) -> None:
    home = tmp_path / ".gemini"
    assert GEMINI.folders(home) == []
    (home / "tmp").mkdir(parents=True)
    assert GEMINI.folders(home) == [home / "tmp"]
    assert GEMINI.folders(tmp_path) == [tmp_path]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (f"{CHATS}/session-2026-01-02T03-04-0a1b2c3d.json", Shape.WHOLE),
        (f"{CHATS}/session-2026-01-02T03-04-0a1b2c3d.jsonl", Shape.LINES),
        (f"{CHATS}/{SESSION}/agent.jsonl", Shape.LINES),
        ("copies/chat.json", Shape.WHOLE),
    ],
)
def test_chats_of_both_kinds_are_read(path: str, shape: Shape) -> None:
    assert GEMINI.artifact(PurePosixPath(path)) == Artifact(path, shape)


@pytest.mark.parametrize(
    "path",
    [
        "tmp/project/logs.json",
        "tmp/project/checkpoint-before.json",
        "tmp/project/tool-outputs/session/output.json",
        "project/checkpoints/2026-01-02.json",
        "project/logs.json",
        "settings.json",
        f"{CHATS}/session-2026-01-02T03-04-0a1b2c3d.jsonl.unreadable-1",
        f"{CHATS}/session-2026-01-02T03-04-0a1b2c3d.jsonl.tmp-1",
    ],
)
def test_nothing_else_is_read(path: str) -> None:
    assert GEMINI.artifact(PurePosixPath(path)) is None


@pytest.mark.parametrize(
    ("name", "header", "session"),
    [
        ("session-2026-01-02T03-04-0a1b2c3d.jsonl", HEADER, SESSION),
        (
            "session-2026-01-02T03-04-0a1b2c3d.json",
            {**HEADER, "kind": None, "messages": []},
            "session-2026-01-02T03-04-0a1b2c3d",
        ),
        (
            "session-2026-01-02T03-05-0a1b2c3d.json",
            {**HEADER, "kind": "subagent", "messages": []},
            f"{SESSION}:session-2026-01-02T03-05-0a1b2c3d",
        ),
        (f"{SESSION}/agent.jsonl", {**HEADER, "sessionId": "a/b", "kind": "subagent"}, "a:b"),
        ("copy.json", {"sessionId": SESSION, "messages": []}, SESSION),
        ("copy.jsonl", {"messages": []}, "copy"),
    ],
)
def test_a_session_is_named_by_its_id_unless_others_may_have_that_too(
    name: str, header: dict[str, Any], session: str
) -> None:
    assert sessions(told(f"{CHATS}/{name}", header)) == [session]


def test_of_twins_the_lines_are_believed() -> None:
    readings = read_folder(GEMINI, CASES / "twins" / "input").values()
    started = [event for reading in readings for event in reading.events if isinstance(event, SessionStarted)]
    assert [event.session for event in started] == [SESSION, SESSION]
    assert [event.rank for event in started] == [Rank.COPY, Rank.TRANSCRIPT]
    old, new = (calls(reading.events) for reading in readings)
    assert len(old) == 2
    assert old < new


@pytest.mark.parametrize(
    ("tokens", "usage"),
    [
        (None, None),
        ({}, None),
        (
            {"input": 12069, "output": 147, "cached": 11502, "thoughts": 20, "tool": 0, "total": 12236},
            Usage(input=567, output=167, reasoning=20, cache_read=11502),
        ),
        ({"input": 10, "output": 5, "cached": 0, "thoughts": 1, "tool": 7, "total": 23}, Usage(17, 6, 1)),
        ({"input": 10, "output": 5, "cached": 0, "thoughts": 1, "tool": 7, "total": 16}, Usage(10, 6, 1)),
        ({"input": 10, "output": 5, "cached": 12}, Usage(0, 5, 0, 12)),
    ],
)
def test_the_parts_of_tokens_are_disjoint(tokens: object, usage: Usage | None) -> None:
    assert read_usage(tokens) == usage


def test_a_message_that_comes_again_is_one_call_and_its_last_tokens_hold() -> None:
    tool = {"id": "t", "name": "glob", "status": "success", "timestamp": "2026-01-02T03:04:10.000Z"}
    events = told(
        f"{CHATS}/chat.jsonl",
        HEADER,
        answer(tokens=None),
        answer(tokens={"input": 5, "output": 1, "cached": 0, "total": 6}),
        answer(tokens={"input": 9, "output": 2, "cached": 4, "total": 11}, toolCalls=[tool]),
        answer(
            tokens={"input": 9, "output": 2, "cached": 4, "total": 11}, toolCalls=[tool, {**tool, "id": "u"}]
        ),
    )
    assert usages(events) == {1: Usage(input=5, output=2, cache_read=4)}
    assert {event.seq for event in events if isinstance(event, OpStarted)} == {1, 2, 3}


def test_a_call_is_told_from_others_by_its_tokens_too() -> None:
    tokens = [
        {"input": 5, "output": 1, "cached": 0, "total": 6},
        {"input": 7, "output": 1, "cached": 0, "total": 8},
    ]
    keys = [
        calls(told(f"{CHATS}/{name}.jsonl", answer(tokens=one)))
        for name, one in zip("ab", tokens, strict=True)
    ]
    assert len(keys[0] | keys[1]) == 2
    assert calls(told(f"{CHATS}/c.jsonl", answer(tokens=tokens[0]))) == keys[0]
    assert not calls(told(f"{CHATS}/d.jsonl", answer(tokens=None)))


def test_the_working_directory_is_the_path_whose_hash_is_known() -> None:
    digest = hashlib.sha256(b"/home/dev/project").hexdigest()
    tool = {"id": "t", "name": "read_file", "args": {"file_path": "/home/dev/project/src/a.py"}}
    for project, cwd in ((digest, "/home/dev/project"), ("another", None)):
        events = told(f"{CHATS}/chat.jsonl", {**HEADER, "projectHash": project}, answer(toolCalls=[tool]))
        facts = [event.facts.cwd for event in events if hasattr(event, "facts")]
        assert [found for found in facts if found] == ([cwd] if cwd else [])


def test_the_state_stays_small() -> None:
    messages = [
        {**answer(content="x" * 500), "id": f"{number}-{kind}", "type": kind}
        for number in range(500)
        for kind in ("user", "gemini")
    ]
    artifact = Artifact(f"{CHATS}/chat.jsonl")
    found = [(json.dumps(message).encode(), number) for number, message in enumerate(messages)]
    assert read(GEMINI, artifact, found, always).state_bytes < 3_000


def test_wrong_types_are_no_reason_to_lose_a_record() -> None:
    values: list[Any] = [None, True, -1, 1e300, "", "x", [], [1], [[]], [{}], {}, {"a": []}]
    names = (
        "id", "timestamp", "content", "displayContent", "tokens", "model", "thoughts", "toolCalls",
        "messages", "sessionId", "projectHash", "directories", "summary", "kind", "$rewindTo",
    )  # fmt: skip
    inner = ("id", "name", "args", "status", "result", "resultDisplay", "timestamp", "subject", "agentId")
    events = told(
        f"{CHATS}/chat.jsonl",
        HEADER,
        *(
            {"type": kind, **answer(), name: value}
            for kind in ("user", "info")
            for name in names
            for value in values
        ),
        *({**answer(), name: value} for name in names for value in values),
        *({"$set": {name: value}} for name in names for value in values),
        *(answer(toolCalls=[{name: value}], thoughts=[{name: value}]) for name in inner for value in values),
    )
    assert not [event for event in events if isinstance(event, SourceError)]
