"""What Claude Code's golden files do not say well: files, roots, and growth."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_viewer.adapters.base import Artifact, Shape
from ai_viewer.adapters.claude_code import ClaudeCode
from ai_viewer.model import SourceError
from ai_viewer.testing import Rows, always, never, read

SESSION = "5e551011-0000-4000-8000-000000000001"
PATH = f"projects/-home-dev-project/{SESSION}.jsonl"

claude = ClaudeCode()


def tell(*records: dict[str, Any], path: str = PATH, cut: Any = never) -> Rows:
    """Read records, one second after another, as the file at ``path``."""
    lines = []
    for number, record in enumerate(records):
        stamp = f"2026-03-01T10:{number // 60:02d}:{number % 60:02d}.000Z"
        envelope = {"uuid": f"uuid-{number}", "sessionId": SESSION, "timestamp": stamp}
        lines.append((json.dumps(envelope | record).encode(), number * 1000))
    return read(claude, Artifact(path), lines, cut).rows()


def prompt(text: str) -> dict[str, Any]:
    return {"type": "user", "message": {"role": "user", "content": text}}


def answer(message_id: str, output: int, *blocks: dict[str, Any], **usage: Any) -> dict[str, Any]:
    message = {
        "id": message_id,
        "model": "claude-sonnet-4-5",
        "content": list(blocks),
        "usage": {"input_tokens": 2, "output_tokens": output, **usage},
    }
    return {"type": "assistant", "message": message}


def ops(rows: Rows, session: str = SESSION) -> list[Rows]:
    found: list[Rows] = rows["sessions"][session]["ops"]
    return found


# --- files


@pytest.mark.parametrize(
    "path",
    [
        f"projects/P/{SESSION}.jsonl",
        f"projects/P/{SESSION}/subagents/agent-a1.jsonl",
        f"projects/P/{SESSION}/subagents/workflows/wf_1/agent-a1.jsonl",
        "projects/P/agent-0a1b2c3d.jsonl",
        "a-transcript-of-another-name.jsonl",
    ],
)
def test_transcripts_are_read_line_by_line(path: str) -> None:
    assert claude.artifact(PurePosixPath(path)) == Artifact(path)


def test_a_sidecar_is_read_whole() -> None:
    path = f"projects/P/{SESSION}/subagents/agent-a1.meta.json"
    assert claude.artifact(PurePosixPath(path)) == Artifact(path, Shape.WHOLE)


@pytest.mark.parametrize(
    "path",
    [
        "history.jsonl",
        "projects/P/memory/MEMORY.md",
        "projects/P/sessions-index.json",
        f"projects/P/{SESSION}/tool-results/toolu_1.txt",
        f"projects/P/{SESSION}/tool-results/rows.jsonl",
        f"projects/P/{SESSION}/subagents/workflows/wf_1/journal.jsonl",
        f"projects/P/{SESSION}/other.meta.json",
        f"projects/P/{SESSION}.jsonl.bak",
    ],
)
def test_other_files_are_not_sessions(path: str) -> None:
    assert claude.artifact(PurePosixPath(path)) is None


def test_a_session_is_named_by_its_file_and_never_holds_a_slash() -> None:
    assert list(tell(prompt("Hello"))["sessions"]) == [SESSION]
    assert list(tell(prompt("Hello"), path="P/chat/notes.jsonl")["sessions"]) == ["P:chat:notes"]


def test_roots_are_the_listed_folders_or_both_usual_ones() -> None:
    home = Path("/home/dev")
    assert claude.roots({}, home) == [home / ".claude", home / ".config/claude"]
    listed = {"CLAUDE_CONFIG_DIR": "/srv/claude, /mnt/claude,"}
    assert claude.roots(listed, home) == [Path("/srv/claude"), Path("/mnt/claude")]


def test_projects_is_searched_if_there_is_such_a_folder(tmp_path: Path) -> None:
    assert claude.folders(tmp_path) == [tmp_path]
    (tmp_path / "projects").mkdir()
    assert claude.folders(tmp_path) == [tmp_path / "projects"]


# --- calls and turns


def test_later_records_raise_the_output_and_never_lower_it() -> None:
    rows = tell(prompt("Hello"), answer("m", 1), answer("m", 900), answer("m", 7), cut=always)
    assert [op["usage"] for op in ops(rows)] == [{"input": 2, "output": 900}]


DRAWN = "msg_01XtaJDxbxWhDcRG6ovMdiUb"
OTHER = "projects/-home-dev-project/5e551011-0000-4000-8000-00000000000f.jsonl"


def keys_in_two_sessions(message_id: str, *before: dict[str, Any]) -> set[int]:
    """The keys of a call and of another in a second session, there after ``before``."""
    here = ops(tell(prompt("Hello"), answer(message_id, 9)))
    there = ops(tell(*before, prompt("Hello"), answer(message_id, 1), path=OTHER), PurePosixPath(OTHER).stem)
    return {here[0]["call"], there[0]["call"]}


@pytest.mark.parametrize("message_id", [DRAWN, "m"])
def test_a_copy_in_another_session_has_the_same_call_key(message_id: str) -> None:
    assert len(keys_in_two_sessions(message_id)) == 1


def test_an_id_drawn_at_random_is_the_same_call_whenever_it_was_written() -> None:
    assert len(keys_in_two_sessions(DRAWN, prompt("Hi"))) == 1


@pytest.mark.parametrize(
    "message_id", ["m", "msg_1", "chatcmpl-17", "gateway_00000000000001", "everyanswershares"]
)
def test_any_other_id_is_another_call_at_another_time(message_id: str) -> None:
    assert len(keys_in_two_sessions(message_id, prompt("Hi"))) == 2


def test_without_a_time_the_records_own_id_tells_copies_from_others() -> None:
    untimed = {"timestamp": None}
    here = ops(tell(prompt("Hello"), answer("m", 9) | untimed))
    copy = ops(tell(prompt("Hi"), answer("m", 9) | untimed, path=OTHER), PurePosixPath(OTHER).stem)
    other = ops(
        tell(prompt("Hi"), answer("m", 9) | untimed | {"uuid": "x"}, path=OTHER), PurePosixPath(OTHER).stem
    )
    assert here[0]["call"] == copy[0]["call"] != other[0]["call"]


def test_one_id_for_all_answers_is_as_many_calls_as_there_were() -> None:
    """A gateway's id: a new turn, or a longer prompt after a tool's result, is a new call."""
    tool = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}
    result = {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}}
    records = [
        prompt("One"),
        answer("m", 1, {"type": "text", "text": "I look."}),
        answer("m", 5, tool),
        result,
        answer("m", 7, input_tokens=30),
        prompt("Two"),
        answer("m", 7, input_tokens=30),
    ]
    found = [op for op in ops(tell(*records)) if op["kind"] == "llm"]
    assert [(op["turn"], op["usage"]) for op in found] == [
        (1, {"input": 2, "output": 5}),
        (1, {"input": 30, "output": 7}),
        (2, {"input": 30, "output": 7}),
    ]
    assert len({op["call"] for op in found}) == 3
    assert tell(*records, cut=always) == tell(*records)


def test_a_message_goes_on_behind_a_result_of_one_of_its_tools() -> None:
    tools = [
        {"type": "tool_use", "id": f"toolu_{n}", "name": "Bash", "input": {"command": "ls"}} for n in "12"
    ]
    result = {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}}
    rows = tell(prompt("One"), answer("m", 1, tools[0]), result, answer("m", 5, tools[1]))
    assert [op.get("usage") for op in ops(rows) if op["kind"] == "llm"] == [{"input": 2, "output": 5}]


def test_cache_writes_told_without_and_then_with_their_kind_count_once() -> None:
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 50}
    rows = tell(
        prompt("Hello"),
        answer("m", 1, cache_creation_input_tokens=50),
        answer("m", 2, cache_creation_input_tokens=50, cache_creation=split),
    )
    assert ops(rows)[0]["usage"] == {"input": 2, "output": 2, "cache_write_1h": 50}


def test_prompt_tokens_told_late_are_in_the_call_key() -> None:
    late = tell(prompt("Hello"), answer("m", 1, input_tokens=0), answer("m", 2))
    at_once = tell(prompt("Hello"), answer("m", 2))
    assert ops(late)[0]["call"] == ops(at_once)[0]["call"]


def test_the_wait_for_the_human_is_in_no_turn() -> None:
    notice = {"type": "system", "subtype": "away_summary", "content": "They waited."}
    rows = tell(prompt("One"), answer("m", 1), notice, notice | {"uuid": "x"}, prompt("Two"))
    first, second = rows["sessions"][SESSION]["turns"]
    assert (first["end"], second["start"]) == ("2026-03-01T10:00:01.000Z", "2026-03-01T10:00:04.000Z")


# --- state


def test_it_stays_small_however_long_the_session() -> None:
    records = [prompt("Go on")]
    for number in range(500):
        tool = {
            "type": "tool_use",
            "id": f"toolu_{number}",
            "name": "Bash",
            "input": {"command": "x" * 99},
        }
        result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "y" * 999}
        records += [
            answer(f"m{number}", 5, tool),
            {"type": "user", "message": {"content": [result]}},
        ]
    lines = [(json.dumps({"uuid": f"u{n}"} | record).encode(), n) for n, record in enumerate(records)]
    assert read(claude, Artifact(PATH), lines).state_bytes < 4096


@pytest.mark.parametrize(
    ("usage", "tier"),
    [
        ({"service_tier": "standard", "speed": "standard", "inference_geo": "not_available"}, None),
        ({"service_tier": None, "speed": None, "inference_geo": ""}, None),
        ({"service_tier": "batch"}, "batch"),
        ({"service_tier": "standard", "speed": "fast"}, "fast"),
        ({"service_tier": "standard", "inference_geo": "us"}, "us"),
        ({"speed": "fast", "inference_geo": "us"}, "fast+us"),
        ({"service_tier": "of_the_future"}, "of_the_future"),
    ],
)
def test_a_call_tells_what_it_was_billed_as(usage: dict[str, Any], tier: str | None) -> None:
    (op,) = ops(tell(prompt("Hello"), answer("m", 5, {"type": "text", "text": "Hi"}, **usage)))
    assert op.get("tier") == tier


def test_searches_of_a_streamed_message_are_those_of_its_last_record() -> None:
    def searched(number: int) -> dict[str, Any]:
        tool = {"server_tool_use": {"web_search_requests": number}}
        return answer("m", 5, {"type": "text", "text": f"{number}"}, **tool)

    (op,) = ops(tell(prompt("Hello"), searched(0), searched(2), searched(2)))
    assert op["web_searches"] == 2


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
_FIELDS = (
    "uuid", "parentUuid", "sessionId", "timestamp", "cwd", "version", "isSidechain", "agentId", "message",
    "toolUseResult", "requestId", "forkedFrom", "subtype", "content", "data", "attachment", "compactMetadata",
    "leafUuid", "summary", "customTitle", "permissionMode", "operation", "error", "retryInMs", "hookInfos",
)  # fmt: skip
_MESSAGE = st.dictionaries(st.sampled_from(("id", "model", "content", "usage", "stop_reason")), _JSON)
_RECORD = st.builds(
    lambda kind, fields, message: {**fields, "type": kind, **({"message": message} if message else {})},
    st.sampled_from(
        ["user", "assistant", "system", "progress", "attachment", "queue-operation", "summary", "mode"]
    ),
    st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=8),
    st.none() | _MESSAGE,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_RECORD, max_size=6))
def test_fields_of_any_type_are_read_without_a_problem(records: list[dict[str, Any]]) -> None:
    lines = [(json.dumps(record).encode(), number) for number, record in enumerate(records)]
    whole = read(claude, Artifact(PATH), lines)
    assert not [event for event in whole.events if isinstance(event, SourceError)]
    assert read(claude, Artifact(PATH), lines, always).rows() == whole.rows()
