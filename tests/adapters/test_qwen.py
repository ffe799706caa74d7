"""What the golden files of Qwen Code do not say well."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ai_viewer.adapters.base import Artifact, Shape
from ai_viewer.adapters.qwen import Qwen
from ai_viewer.adapters.qwen.contents import Counts, agent_of, begun_at, read_counts, telemetry_counts
from ai_viewer.adapters.qwen.places import Role, agent_session, place
from ai_viewer.model import (
    Event,
    OpFinalized,
    OpKind,
    OpStarted,
    OpStatus,
    Rank,
    SessionStarted,
    TurnFinalized,
    TurnStarted,
    Usage,
)
from ai_viewer.testing import read, read_folder, split

QWEN = Qwen()
CASES = Path(__file__).parents[1] / "fixtures" / "qwen"
SESSION = "0a1b2c3d-0000-4000-8000-000000000001"
FORK = "0a1b2c3d-0000-4000-8000-000000000002"
PROJECT = "projects/-home-dev-project"
FILE = f"{PROJECT}/chats/{SESSION}.jsonl"
AGENT = f"{PROJECT}/subagents/{SESSION}/agent-tester-c-2.jsonl"
USAGE = {
    "promptTokenCount": 900,
    "candidatesTokenCount": 60,
    "cachedContentTokenCount": 600,
    "thoughtsTokenCount": 20,
    "totalTokenCount": 960,
}
EVENT = {
    "event.name": "qwen-code.api_response",
    "response_id": "r-1",
    "model": "qwen3-coder-plus",
    "duration_ms": 1500,
    "input_token_count": 900,
    "output_token_count": 60,
    "cached_content_token_count": 600,
    "thoughts_token_count": 20,
    "total_token_count": 960,
}


def told(path: str, *records: dict[str, Any]) -> list[Event]:
    """Return the events of a file at ``path`` with these lines, a second apart."""
    artifact = QWEN.artifact(PurePosixPath(path))
    assert artifact is not None
    lines = [
        {"uuid": f"u-{n}", "timestamp": f"2026-01-02T03:04:{n:02d}.000Z", **record}
        for n, record in enumerate(records)
    ]
    data = b"\n".join(json.dumps(line).encode() for line in lines)
    return read(QWEN, artifact, split(artifact, data)).events


def user(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "user", "message": {"role": "user", "parts": [{"text": text}]}, **fields}


def answer(text: str, usage: dict[str, int] | None, **fields: Any) -> dict[str, Any]:
    parts = [{"text": text}]
    return {
        "type": "assistant",
        "message": {"role": "model", "parts": parts},
        "usageMetadata": usage,
        **fields,
    }


def measured(**fields: Any) -> dict[str, Any]:
    event = {**EVENT, **fields}
    return {"type": "system", "subtype": "ui_telemetry", "systemPayload": {"uiEvent": event}}


def usages(events: list[Event]) -> list[Usage]:
    return [event.usage for event in events if isinstance(event, OpFinalized) and event.usage is not None]


def calls(events: list[Event], session: str, *, copied: bool = False) -> set[int]:
    return {
        event.call
        for event in events
        if isinstance(event, OpStarted)
        and event.session == session
        and event.call is not None
        and event.copied is copied
    }


def test_the_home_is_configurable() -> None:
    home = Path("/home/dev")
    assert QWEN.roots({}, home) == [home / ".qwen"]
    assert QWEN.roots({"QWEN_HOME": "/data/qwen"}, home) == [Path("/data/qwen")]
    assert QWEN.roots({"QWEN_RUNTIME_DIR": "~/run"}, home) == [home / "run", home / ".qwen"]


def test_only_the_sessions_are_searched(tmp_path: Path) -> None:
    assert QWEN.folders(tmp_path) == [tmp_path]
    assert QWEN.folders(tmp_path / ".qwen") == []
    (tmp_path / "projects").mkdir()
    (tmp_path / "tmp").mkdir()
    assert QWEN.folders(tmp_path) == [tmp_path / "projects", tmp_path / "tmp"]


@pytest.mark.parametrize(
    "path",
    [
        FILE,
        f"{PROJECT}/chats/archive/{SESSION}.jsonl",
        f"tmp/0a1b/chats/{SESSION}.jsonl",
        f"{SESSION}.jsonl",
        AGENT,
    ],
)
def test_sessions_are_read_line_by_line(path: str) -> None:
    assert QWEN.artifact(PurePosixPath(path)) == Artifact(path)


def test_a_session_of_2025_is_one_object() -> None:
    path = "tmp/0a1b/chats/session-2025-11-02T03-04-0a1b2c3d.json"
    assert QWEN.artifact(PurePosixPath(path)) == Artifact(path, Shape.WHOLE)


def test_notes_beside_them_are_read_whole() -> None:
    note, pull_request = AGENT.replace(".jsonl", ".meta.json"), FILE.replace(".jsonl", ".pr.json")
    assert QWEN.artifact(PurePosixPath(note)) == Artifact(note, Shape.WHOLE)
    assert QWEN.artifact(PurePosixPath(pull_request)) == Artifact(pull_request, Shape.WHOLE)


@pytest.mark.parametrize(
    "path",
    [
        f"{PROJECT}/chats/{SESSION}.ledger.jsonl",
        f"{PROJECT}/chats/{SESSION}.runtime.json",
        f"{PROJECT}/chats/{SESSION}.worktree.json",
        f"{PROJECT}/memory/notes.jsonl",
        f"{AGENT}.stream",
        f"tmp/0a1b/{SESSION}.jsonl",
        "settings.json",
    ],
)
def test_nothing_else_is(path: str) -> None:
    assert QWEN.artifact(PurePosixPath(path)) is None


def test_a_file_is_the_session_of_its_name_whatever_its_records_say() -> None:
    started = [e for e in told(FILE, user("Hello", sessionId=FORK)) if isinstance(e, SessionStarted)]
    assert [event.session for event in started] == [SESSION]


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        (Counts(900, 60, 600, 20, 960), Usage(input=300, output=60, reasoning=20, cache_read=600)),
        (Counts(900, 60, 600, 20, 980), Usage(input=300, output=80, reasoning=20, cache_read=600)),
        (Counts(900, 60, 600, 20, 990, 10), Usage(input=310, output=80, reasoning=20, cache_read=600)),
        (Counts(900, 60, 0, 20, 0), Usage(input=900, output=60, reasoning=20)),
        (Counts(900, 60, 0, 90, 0), Usage(input=900, output=150, reasoning=90)),
        (Counts(0, 60, 600, 20, 660), Usage(output=60, reasoning=20, cache_read=600)),
        (Counts(10, 5, 20, 0, 15), Usage(output=5, cache_read=20)),
        (Counts(), None),
    ],
    ids=["within", "beside", "tools", "no total", "no total, more", "cached alone", "more cached", "nothing"],
)
def test_the_total_tells_whether_thoughts_are_within_the_output(counts: Counts, usage: Usage | None) -> None:
    assert counts.usage() == usage


def test_answers_and_telemetry_count_the_same() -> None:
    assert read_counts(USAGE) == telemetry_counts(EVENT) == Counts(900, 60, 600, 20, 960)
    assert read_counts("many") == telemetry_counts({"input_token_count": -1}) == Counts()


@pytest.mark.parametrize("duration", [None, True, "long", 0, -5, 1e12, float("nan")])
def test_a_duration_that_is_none_gives_no_beginning(duration: object) -> None:
    assert begun_at({"duration_ms": duration}, 1_767_323_045_000_000) is None


def test_an_agent_is_told_by_its_id_or_by_the_prompts_or_by_its_name() -> None:
    prompt = f"{SESSION}#Explore-7f3c#2"
    assert agent_of({"subagent_id": "Explore-c-1", "prompt_id": prompt}) == ("Explore-c-1", None)
    assert agent_of({"subagent_name": "Explore", "prompt_id": prompt}) == ("Explore-7f3c", "Explore")
    assert agent_of({"subagent_name": "Explore"}) == ("Explore", "Explore")
    assert agent_of({"prompt_id": f"{SESSION}########3"}) == (None, None)


def test_an_agents_session_is_named_as_its_file() -> None:
    assert agent_session(SESSION, "tester-c-2") == place(PurePosixPath(AGENT)).session
    assert agent_session(SESSION, "my agent/1") == f"{SESSION}:agent-my_agent_1"
    assert place(PurePosixPath(AGENT)).role is Role.TRANSCRIPT


def test_a_call_that_telemetry_told_is_not_told_again_by_its_answer() -> None:
    events = told(FILE, user("Go"), measured(), answer("Done.", USAGE))
    assert len([e for e in events if isinstance(e, OpStarted) and e.kind is OpKind.LLM]) == 1
    assert usages(events) == [Usage(input=300, output=60, reasoning=20, cache_read=600)]


def test_two_answers_of_the_same_counts_are_two_calls() -> None:
    events = told(FILE, user("Go"), measured(), answer("One.", USAGE), user("Go"), answer("Two.", USAGE))
    assert len(calls(events, SESSION)) == 2


def test_an_answer_written_again_with_more_tokens_is_one_call_with_the_last() -> None:
    more = {**USAGE, "candidatesTokenCount": 70, "totalTokenCount": 970}
    events = told(FILE, user("Go"), answer("One", USAGE, uuid="a"), answer("Two", more, uuid="a"))
    assert len(calls(events, SESSION)) == 1
    assert [usage.output for usage in usages(events)] == [60, 70]


def test_a_fork_counts_nothing_of_what_it_copied() -> None:
    readings = read_folder(QWEN, CASES / "fork" / "input")
    parent, fork = (readings[f"{PROJECT}/chats/{session}.jsonl"].events for session in (SESSION, FORK))
    assert calls(fork, FORK, copied=True) < calls(parent, SESSION)
    assert not calls(fork, FORK) & calls(parent, SESSION)


def test_an_agents_calls_are_the_same_in_its_file_and_in_the_sessions() -> None:
    readings = read_folder(QWEN, CASES / "sub_agents" / "input")
    agent = agent_session(SESSION, "tester-c-2")
    assert calls(readings[FILE].events, agent) & calls(readings[AGENT].events, agent)
    ranks = {
        event.rank
        for event in readings[FILE].events
        if isinstance(event, SessionStarted) and event.session == agent
    }
    assert ranks == {Rank.ECHO}


def test_many_agents_keep_the_state_small_and_no_op_takes_anothers_place() -> None:
    records = [measured(subagent_id=f"a-{n % 80}", subagent_name="a") for n in range(160)]
    artifact = Artifact(FILE)
    parser = QWEN.parser(artifact, None)
    for number, record in enumerate(records):
        parser.feed(json.dumps({**record, "timestamp": "2026-01-02T03:04:05.000Z"}).encode(), number)
    events, state, _ = parser.take()
    places = [(event.session, event.seq) for event in events if isinstance(event, OpStarted)]
    assert len(places) == len(set(places)) == 160
    assert len(state) < 16 * 1024


def test_what_is_written_when_a_session_is_closed_prolongs_no_turn() -> None:
    title = {"type": "system", "subtype": "custom_title", "systemPayload": {"customTitle": "A"}}
    late = {**title, "timestamp": "2026-01-02T09:00:00.000Z"}
    events = told(
        FILE, user("Go"), answer("Done.", USAGE), late, user("On", timestamp="2026-01-02T10:00:00.000Z")
    )
    [end] = [e.ts for e in events if isinstance(e, TurnFinalized) and e.turn == 1]
    [start] = [e.ts for e in events if isinstance(e, TurnStarted) and e.turn == 1]
    assert end is not None
    assert start is not None
    assert end - start == 1_000_000


def test_an_agent_in_the_background_runs_until_a_notification_tells_its_end() -> None:
    asked = {"functionCall": {"id": "c-1", "name": "agent", "args": {"subagent_type": "tester"}}}
    request = {"type": "assistant", "model": "m", "message": {"role": "model", "parts": [asked]}}
    response = {"functionResponse": {"id": "c-1", "name": "agent", "response": {"output": "Launched."}}}
    display = {"type": "task_execution", "subagentName": "tester", "status": "background"}
    result = {
        "type": "tool_result",
        "message": {"role": "user", "parts": [response]},
        "toolCallResult": {"callId": "c-1", "status": "success", "resultDisplay": display},
    }
    task = {"kind": "agent", "toolUseId": "c-1", "status": "failed"}
    end = user("Ended.", subtype="notification", systemPayload={"displayText": "x", "backgroundTask": task})
    running = told(FILE, user("Go"), request, result)
    ended = told(FILE, user("Go"), request, result, end)
    assert [e.status for e in running if isinstance(e, OpFinalized) and e.seq == 2] == [OpStatus.RUNNING]
    assert [e.status for e in ended if isinstance(e, OpFinalized) and e.seq == 2][-1] is OpStatus.FAILED
