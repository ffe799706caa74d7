"""What the golden files of Codex do not say well."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ai_viewer.adapters.base import Artifact, Shape
from ai_viewer.adapters.codex import Codex
from ai_viewer.adapters.codex import usage as codex_usage
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    PayloadRef,
    Rank,
    SessionStarted,
    SourceError,
    Usage,
)
from ai_viewer.testing import read_folder

CODEX = Codex()
CASES = Path(__file__).parents[1] / "fixtures" / "codex"
THREAD = "019b7ca9-8c88-7000-8000-000000000001"
ROLLOUT = f"sessions/2026/01/02/rollout-2026-01-02T04-04-05-{THREAD}.jsonl"


def read(path: str, *records: bytes | dict[str, Any]) -> list[Event]:
    """Return the events of a file at ``path`` with these lines."""
    artifact = CODEX.artifact(PurePosixPath(path))
    assert artifact is not None
    parser = CODEX.parser(artifact, None)
    offset = 0
    for record in records:
        line = record if isinstance(record, bytes) else json.dumps(record).encode()
        parser.feed(line, offset)
        offset += len(line) + 1
    events, _, _ = parser.take()
    return events


def case(name: str) -> list[list[Event]]:
    """Return the events of a fixture's files, in the order of their names."""
    return [reading.events for _, reading in sorted(read_folder(CODEX, CASES / name / "input").items())]


def calls(events: list[Event]) -> dict[int, tuple[int, bool, Usage]]:
    """Return key, copied and usage of each model call that has a usage, by seq."""
    keys = {
        event.seq: (event.call, event.copied)
        for event in events
        if isinstance(event, OpStarted) and event.call is not None
    }
    return {
        event.seq: (keys[event.seq][0] or 0, keys[event.seq][1], event.usage)
        for event in events
        if isinstance(event, OpFinalized) and event.usage is not None
    }


def test_the_home_is_configurable() -> None:
    assert CODEX.roots({}, Path("/home/dev")) == [Path("/home/dev/.codex")]
    assert CODEX.roots({"CODEX_HOME": "/data/codex"}, Path("/home/dev")) == [Path("/data/codex")]


def test_only_the_session_folders_of_a_home_are_searched(tmp_path: Path) -> None:
    assert CODEX.folders(tmp_path) == [tmp_path]
    for name in ("sessions", "archived_sessions", "log"):
        (tmp_path / name).mkdir()
    assert CODEX.folders(tmp_path) == [tmp_path / "sessions", tmp_path / "archived_sessions"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (ROLLOUT, Shape.LINES),
        (f"archived_sessions/rollout-2026-01-02T04-04-05-{THREAD}.jsonl", Shape.LINES),
        (f"{ROLLOUT}.zst", Shape.LINES),
        ("sessions/rollout-2025-06-26-5556f03d-348c-4463-987c-053ccd0b1df5.json", Shape.WHOLE),
        ("project-alpha/session-alpha.jsonl", Shape.LINES),
    ],
)
def test_rollouts_of_every_era_are_read(path: str, shape: Shape) -> None:
    assert CODEX.artifact(PurePosixPath(path)) == Artifact(path, shape)


@pytest.mark.parametrize(
    "path",
    [
        "history.jsonl",
        "session_index.jsonl",
        "auth.json",
        "config.toml",
        "state_5.sqlite",
        "sessions/notes.json",
    ],
)
def test_nothing_else_is_read(path: str) -> None:
    assert CODEX.artifact(PurePosixPath(path)) is None


@pytest.mark.parametrize(
    ("path", "header", "session"),
    [
        (ROLLOUT, {"id": "another"}, THREAD),
        ("sessions/copy.jsonl", {"id": "a/b"}, "a:b"),
        ("sessions/team/copy.jsonl", {}, "team:copy"),
        ("archived_sessions/team/copy.jsonl.zst", {}, "team:copy"),
    ],
)
def test_a_session_is_named_by_its_file_then_its_header_then_its_path(
    path: str, header: dict[str, str], session: str
) -> None:
    first = read(path, {"timestamp": "2026-01-02T03:04:05Z", "type": "session_meta", "payload": header})[0]
    assert isinstance(first, SessionStarted)
    assert first.session == session


def test_the_archive_and_compressed_files_are_copies() -> None:
    header = {"timestamp": "2026-01-02T03:04:05Z", "type": "session_meta", "payload": {"id": THREAD}}
    ranks = []
    for path in (ROLLOUT, f"archived_sessions/rollout-{THREAD}.jsonl", f"{ROLLOUT}.zst"):
        first = read(path, header)[0]
        assert isinstance(first, SessionStarted)
        ranks.append(first.rank)
    assert ranks == [Rank.TRANSCRIPT, Rank.COPY, Rank.COPY]


@pytest.mark.parametrize("name", ["fork", "spawned_agents"])
def test_copied_history_has_its_parents_calls_and_counts_for_nothing(name: str) -> None:
    parent, child = (calls(events) for events in case(name))
    own = {key for key, copied, _ in child.values() if not copied}
    copies = {key for key, copied, _ in child.values() if copied}
    assert own
    assert copies
    assert copies <= {key for key, _, _ in parent.values()}
    assert not own & {key for key, _, _ in parent.values()}


def test_a_forks_first_own_call_is_not_charged_with_its_parents_total() -> None:
    (events,) = case("fork_without_counts")
    assert [usage for _, copied, usage in calls(events).values() if not copied] == [
        Usage(input=500, output=60, reasoning=20, cache_read=1000)
    ]


def test_every_call_has_a_key_of_its_own() -> None:
    for folder in sorted(CASES.iterdir()):
        for events in case(folder.name):
            keys = Counter(key for key, _, _ in calls(events).values())
            assert set(keys.values()) <= {1}, folder.name


def test_a_counter_that_began_anew_is_counted_whole() -> None:
    before, after = codex_usage.Counter(500, 100, 0, 50, 0, 550), codex_usage.Counter(600, 0, 0, 60, 0, 660)
    assert codex_usage.growth(before, after, after, inherited=False) == after
    assert codex_usage.growth(before, after, None, inherited=False) == after  # fewer cached than before
    assert not codex_usage.growth(before, before, before, inherited=False).has_tokens


def _told(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-01-02T03:04:08.000Z", "type": kind, "payload": payload}


def _counted(total: int) -> dict[str, Any]:
    counter = {"input_tokens": total, "output_tokens": 1, "total_tokens": total + 1}
    return _told("event_msg", type="token_count", info={"total_token_usage": counter})


def _billing(*records: dict[str, Any]) -> list[tuple[str | None, int | None]]:
    """Return tier and searches of each call."""
    return [
        (event.tier, event.web_searches)
        for event in read(ROLLOUT, *records)
        if isinstance(event, OpFinalized) and event.usage is not None
    ]


def _set(**settings: Any) -> dict[str, Any]:
    return _told("event_msg", type="thread_settings_applied", thread_settings=settings)


def _said() -> dict[str, Any]:
    return _told(
        "response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "Hi"}]
    )


def test_calls_are_billed_as_the_thread_is_set_when_they_begin() -> None:
    found = _billing(
        _said(), _counted(10),
        _set(service_tier="fast"), _said(), _set(service_tier="flex"), _counted(20), _said(), _counted(30),
        _set(model_provider_id="openai"), _said(), _counted(40),
        _set(service_tier="default"), _said(), _counted(50),
        _set(service_tier=None), _said(), _counted(60),
    )  # fmt: skip
    assert [tier for tier, _ in found] == [None, "fast", "flex", "flex", None, None]


def test_searches_are_counted_once_and_pages_opened_are_none() -> None:
    def item(action: str | None) -> dict[str, Any]:
        return _told("response_item", type="web_search_call", action=action and {"type": action})

    def event(action: str | None) -> dict[str, Any]:
        return _told("event_msg", type="web_search_end", query="", action=action and {"type": action})

    assert _billing(item("search"), event("search"), _counted(10)) == [(None, 1)]
    assert _billing(item("search"), item("search"), item(None), _counted(10)) == [(None, 3)]
    assert _billing(item("open_page"), event("open_page"), _counted(10)) == [(None, None)]
    # One of the two may not tell what was done.
    assert _billing(event("open_page"), item(None), _counted(10)) == [(None, None)]
    assert _billing(item(None), event("find_in_page"), _counted(10)) == [(None, None)]
    assert _billing(item(None), event("search"), _counted(10)) == [(None, 1)]


def test_the_history_in_a_large_compaction_is_not_decoded() -> None:
    history = b'{"type":"message","role":"user","content":"' + b"x" * 100_000 + b'"}'
    record = (
        b'{"timestamp":"2026-01-02T03:04:06.000Z","type":"compacted","payload":'
        b'{"message":"short","replacement_history":[' + history + b"]}}"
    )
    artifact = CODEX.artifact(PurePosixPath(ROLLOUT))
    assert artifact is not None
    parser = CODEX.parser(artifact, None)
    parser.feed(record, 0)
    events, state, counts = parser.take()
    assert counts == {"mapped": 1}
    assert [event.text for event in events if isinstance(event, PayloadRef)] == ["short"]
    assert [event.kind for event in events if isinstance(event, OpStarted)] == [OpKind.COMPACTION]
    assert len(state) < 1_000


def test_wrong_types_are_no_reason_to_lose_a_record() -> None:
    kinds = [
        "token_count",
        "task_started",
        "exec_command_end",
        "mcp_tool_call_end",
        "item_completed",
        "error",
    ]
    values: list[Any] = [None, True, -1, 1e300, "", "x", [], [1], {}, {"a": []}]
    events = read(
        ROLLOUT,
        *(
            {"timestamp": value, "type": outer, "payload": {"type": kind, **dict.fromkeys(fields, value)}}
            for outer in ("event_msg", "response_item", "session_meta", "turn_context", "compacted")
            for kind in [*kinds, "message", "function_call", "reasoning"]
            for fields in [
                ("info", "item", "result", "duration", "call_id"),
                ("content", "role", "message", "id"),
            ]
            for value in values
        ),
    )
    assert not [event for event in events if isinstance(event, SourceError)]


def test_state_stays_small() -> None:
    """Nothing that grows with the session may be kept between two records."""
    artifact = CODEX.artifact(PurePosixPath(ROLLOUT))
    assert artifact is not None
    parser = CODEX.parser(artifact, None)
    for n in range(500):
        ts = f"2026-01-02T03:{n // 60:02}:{n % 60:02}Z"
        call: dict[str, Any] = {"type": "function_call", "name": "exec_command", "call_id": f"call_{n:020}"}
        output = {
            **call,
            "type": "function_call_output",
            "output": "a\nProcess running with session ID 7\nOutput:\n",
        }
        message = {"type": "message", "role": "user", "content": f"Prompt {n} " + "x" * 1_000}
        for payload in (message, call, output):
            record = {"timestamp": ts, "type": "response_item", "payload": payload}
            parser.feed(json.dumps(record).encode(), 0)
    _, state, _ = parser.take()
    assert len(state) < 6_000
