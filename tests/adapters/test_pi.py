"""What the golden files of pi do not say well."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ai_viewer.adapters.base import Artifact
from ai_viewer.adapters.pi import Pi
from ai_viewer.adapters.pi.contents import read_cost, read_usage
from ai_viewer.model import (
    Event,
    LogEntry,
    OpFinalized,
    OpStarted,
    SessionStarted,
    SourceError,
    TurnStarted,
    Usage,
)
from ai_viewer.testing import always, read, read_folder, split

PI = Pi()
CASES = Path(__file__).parents[1] / "fixtures" / "pi"
PARENT = "0a1b2c3d-0000-4000-8000-000000000001"
FORK = "0a1b2c3d-0000-4000-8000-000000000002"
FOLDER = "sessions/--home-dev-project--"
FILE = f"{FOLDER}/2026-01-02T03-04-00-000Z_{PARENT}.jsonl"
HEADER = {"type": "session", "version": 3, "id": PARENT, "timestamp": "2026-01-02T03:04:00.000Z"}


def told(path: str, *records: dict[str, Any]) -> list[Event]:
    """Return the events of a file at ``path`` with these lines."""
    artifact = PI.artifact(PurePosixPath(path))
    assert artifact is not None
    data = b"\n".join(json.dumps(record).encode() for record in records)
    return read(PI, artifact, split(artifact, data)).events


def case(name: str) -> dict[str, list[Event]]:
    """Return the events of a fixture's files, by the id in their names."""
    readings = read_folder(PI, CASES / name / "input")
    return {Path(path).stem.rpartition("_")[2]: reading.events for path, reading in readings.items()}


def calls(events: list[Event], *, copied: bool) -> list[int]:
    return [
        event.call
        for event in events
        if isinstance(event, OpStarted) and event.call is not None and event.copied is copied
    ]


def message(role: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "timestamp": "2026-01-02T03:04:05.000Z",
        "message": {"role": role, "timestamp": 1767323043000, **fields},
    }


def test_the_home_is_configurable() -> None:
    home = Path("/home/dev")
    assert PI.roots({}, home) == [home / ".pi" / "agent"]
    assert PI.roots({"PI_CODING_AGENT_DIR": "/data/pi"}, home) == [Path("/data/pi")]
    assert PI.roots({"PI_CODING_AGENT_DIR": "~/pi"}, home) == [home / "pi"]


def test_only_the_sessions_are_searched(tmp_path: Path) -> None:
    assert PI.folders(tmp_path) == [tmp_path]
    (tmp_path / "agent" / "sessions").mkdir(parents=True)
    assert PI.folders(tmp_path) == [tmp_path / "agent" / "sessions"]
    assert PI.folders(tmp_path / "agent") == [tmp_path / "agent" / "sessions"]


def test_session_files_are_read_and_nothing_else() -> None:
    assert PI.artifact(PurePosixPath(FILE)) == Artifact(FILE)
    for name in ("settings.json", "auth.json", "models.json", f"{FOLDER}/subagent-artifacts/0a1b.jsonl"):
        assert PI.artifact(PurePosixPath(name)) is None


@pytest.mark.parametrize(
    ("path", "header", "session"),
    [
        (FILE, HEADER, PARENT),
        (FILE, {**HEADER, "id": "a/b"}, "a:b"),
        (FILE, {"type": "label"}, PARENT),
        ("notes/copy.jsonl", {"type": "label"}, "notes:copy"),
    ],
)
def test_a_session_is_named_by_its_header_then_its_file(
    path: str, header: dict[str, Any], session: str
) -> None:
    assert [event.session for event in told(path, header) if isinstance(event, SessionStarted)] == [session]


def test_a_forks_copies_have_their_parents_calls_and_its_own_do_not() -> None:
    files = case("fork")
    parent = calls(files[PARENT], copied=False)
    copies, own = calls(files[FORK], copied=True), calls(files[FORK], copied=False)
    assert len(copies) == 2
    assert set(copies) < set(parent)
    assert len(own) == 1
    assert not set(own) & set(parent)
    assert not calls(files[PARENT], copied=True)


def test_an_entry_before_the_header_is_no_copy_in_a_session_without_a_parent() -> None:
    (events,) = case("first_version").values()
    assert len(calls(events, copied=False)) == 2
    assert not calls(events, copied=True)


def test_abandoned_branches_are_billed() -> None:
    (events,) = case("branches").values()
    assert len(set(calls(events, copied=False))) == 4
    said = [event.message for event in events if isinstance(event, LogEntry) and event.name == "branch"]
    assert said == ["goes on from entry e0000002", "goes on from the beginning"]


@pytest.mark.parametrize(
    ("cost", "output", "nano"),
    [
        ({"total": 0.030330197699999985}, 5, 30_330_198),
        ({"total": 0}, 5, None),
        ({"total": 0}, 0, 0),
        ({"total": -1}, 5, None),
        ({"total": True}, 5, None),
        ({"total": "1"}, 5, None),
        ({"total": float("nan")}, 5, None),
        ({}, 5, None),
        (7, 5, None),
    ],
)
def test_a_recorded_cost_of_nothing_is_none(cost: object, output: int, nano: int | None) -> None:
    value = {"output": output, "cost": cost}
    assert read_cost(value, read_usage(value)) == nano


def test_usage_is_read_as_it_stands() -> None:
    value = {"input": 1, "output": 2, "cacheRead": 3, "cacheWrite": 4, "totalTokens": 10}
    assert read_usage(value) == Usage(input=1, output=2, cache_read=3, cache_write_5m=4)
    assert read_usage("none") is None


def test_a_failed_request_that_is_tried_again_leaves_the_turn_complete() -> None:
    events = told(
        FILE,
        HEADER,
        message("user", content="Hello"),
        message("assistant", stopReason="error", errorMessage="overloaded", content=[]),
        message("assistant", stopReason="stop", content="Hi."),
    )
    statuses = [event.status.value for event in events if isinstance(event, OpFinalized)]
    assert statuses == ["failed", "completed"]
    assert len([event for event in events if isinstance(event, TurnStarted)]) == 1


def test_the_state_stays_small() -> None:
    records = [HEADER]
    for number in range(500):
        tool = {
            "type": "toolCall",
            "id": f"tool-{number}",
            "name": "bash",
            "arguments": {"command": "x" * 500},
        }
        records += [message("assistant", content=[tool], stopReason="toolUse")]
    found = [(json.dumps(record).encode(), number) for number, record in enumerate(records)]
    assert read(PI, Artifact(FILE), found, always).state_bytes < 3_000


def test_wrong_types_are_no_reason_to_lose_a_record() -> None:
    values: list[Any] = [None, True, -1, 1e300, "", "x", [], [1], [[]], [{}], {}, {"a": []}]
    roles = ("user", "assistant", "toolResult", "bashExecution", "custom", "compactionSummary")
    fields = (
        "content", "timestamp", "usage", "stopReason", "provider", "model", "toolCallId", "toolName",
        "details", "isError", "command", "output", "exitCode", "errorMessage", "summary",
    )  # fmt: skip
    entries = (
        "compaction",
        "custom_message",
        "model_change",
        "thinking_level_change",
        "label",
        "session_info",
    )
    inner = ("id", "name", "arguments", "thinking", "text")
    names = ("id", "parentId", "timestamp", "summary", "tokensBefore", "content", "provider", "label", "name")
    events = told(
        FILE,
        *({**HEADER, "id": value, "parentSession": value, "timestamp": value} for value in values),
        *(message(role, **{field: value}) for role in roles for field in fields for value in values),
        *({"type": "message", "message": value} for value in values),
        *({"type": kind, name: value} for kind in entries for name in names for value in values),
        *(
            message("assistant", content=[{"type": kind, name: value}])
            for kind in ("text", "thinking", "toolCall")
            for name in inner
            for value in values
        ),
    )
    assert not [event for event in events if isinstance(event, SourceError)]
