"""What the golden files of Copilot CLI do not say well: where logs are, and that sums count once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ai_viewer.adapters.base import Artifact
from ai_viewer.adapters.copilot import Copilot
from ai_viewer.adapters.copilot.usage import plus
from ai_viewer.model import Event, OpFinalized, OpKind, OpStarted, SessionStarted, SessionUpdated, Usage
from ai_viewer.testing import read, split

COPILOT = Copilot()
SESSION = "0a1b2c3d-0000-4000-8000-000000000001"
FILE = f"session-state/{SESSION}/events.jsonl"


def lines(records: Iterable[dict[str, Any]]) -> bytes:
    """Return a log with these events, a second apart, with ids."""
    return b"".join(
        json.dumps(
            {"id": f"e{n}", "timestamp": f"2026-01-02T{3 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"}
            | record
        ).encode()
        + b"\n"
        for n, record in enumerate(records)
    )


def told(*records: dict[str, Any], path: str = FILE) -> list[Event]:
    """Return the events of a log at ``path`` with these records."""
    artifact = COPILOT.artifact(PurePosixPath(path))
    assert artifact is not None
    return read(COPILOT, artifact, split(artifact, lines(records))).events


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": data}


def answer(number: int, output: int | None, model: str | None = "gpt-5.4") -> dict[str, Any]:
    fields = {"outputTokens": output, "model": model}
    present = {name: value for name, value in fields.items() if value is not None}
    return event("assistant.message", messageId=f"m{number}", content="Done", **present)


def shutdown(**usages: Usage) -> dict[str, Any]:
    """The end of a run with these sums; ``_`` in a model's name stands for a dash."""
    metrics = {
        model.replace("_", "-"): {
            "usage": {
                "inputTokens": used.input + used.cache_read + used.cache_write_5m,
                "outputTokens": used.output,
                "cacheReadTokens": used.cache_read,
                "cacheWriteTokens": used.cache_write_5m,
                "reasoningTokens": used.reasoning,
            }
        }
        for model, used in usages.items()
    }
    return event("session.shutdown", shutdownType="routine", modelMetrics=metrics)


def used(events: list[Event]) -> Usage:
    """Add up what all ops are told to have used in the end."""
    last = {
        (one.session, one.seq): one.usage
        for one in events
        if isinstance(one, OpFinalized) and one.usage is not None
    }
    whole = Usage()
    for usage in last.values():
        whole = plus(whole, usage)
    return whole


# --- where logs are ---


@pytest.mark.parametrize(
    ("env", "root"), [({}, "/home/dev/.copilot"), ({"COPILOT_HOME": "/data/copilot"}, "/data/copilot")]
)
def test_the_root_is_copilots_folder(env: dict[str, str], root: str) -> None:
    assert COPILOT.roots(env, Path("/home/dev")) == [Path(root)]


def test_only_sessions_are_searched_in_copilots_folder(tmp_path: Path) -> None:
    home = tmp_path / ".copilot"
    home.mkdir()
    assert COPILOT.folders(home) == []
    (home / "session-state").mkdir()
    assert COPILOT.folders(home) == [home / "session-state"]
    assert COPILOT.folders(tmp_path) == [tmp_path]


@pytest.mark.parametrize(
    ("path", "is_log"),
    [
        (FILE, True),
        (f"session-state/{SESSION}.jsonl", True),
        ("events.jsonl", True),
        (f"session-state/{SESSION}/workspace.yaml", False),
        (f"session-state/{SESSION}/files/data.jsonl", False),
        (f"session-state/{SESSION}/rewind-snapshots/backups/events.jsonl", False),
        ("config.json", False),
    ],
)
def test_what_a_session_worked_on_is_not_read(path: str, is_log: bool) -> None:
    assert COPILOT.artifact(PurePosixPath(path)) == (Artifact(path) if is_log else None)


def test_without_a_start_a_session_has_its_folders_name() -> None:
    (started,) = (
        one for one in told(event("user.message", content="Go on")) if isinstance(one, SessionStarted)
    )
    assert started.session == SESSION


# --- tokens ---

CALLS = st.lists(
    st.tuples(
        st.sampled_from(["gpt_5.4", "gpt_5_mini"]),
        st.builds(
            Usage,
            input=st.integers(0, 1000),
            output=st.integers(1, 1000),
            cache_read=st.integers(0, 1000),
            cache_write_5m=st.integers(0, 1000),
        ),
    ),
    min_size=1,
    max_size=5,
)


@given(
    runs=st.lists(CALLS, min_size=1, max_size=4),
    go_on=st.booleans(),
    tells=st.sampled_from(["all", "first", "none"]),
    named=st.booleans(),
)
def test_each_token_of_each_run_counts_once(
    runs: list[list[tuple[str, Usage]]], go_on: bool, tells: str, named: bool
) -> None:
    """Whether sums go on or begin anew, and whatever the messages tell of it."""
    if not go_on:
        tells = "all"  # those versions did
    records = [event("session.start", sessionId=SESSION)]
    truth, sums, past = Usage(), dict[str, Usage](), []
    for run in runs:
        if not go_on:
            sums = {}
        for number, (model, usage) in enumerate(run):
            truth, sums[model] = plus(truth, usage), plus(sums.get(model, Usage()), usage)
            output = usage.output if tells == "all" or (tells == "first" and number == 0) else None
            records.append(answer(len(records), output, model.replace("_", "-") if named else None))
        assume(sums not in past)  # told twice, they would be one run's
        past.append(dict(sums))
        records += [shutdown(**sums), event("session.resume")]
    assert used(told(*records)) == truth


def test_sums_told_twice_count_once() -> None:
    whole = Usage(input=90, output=10)
    run = [event("user.message", content="Go"), answer(1, 10), shutdown(gpt_5_4=whole)]
    events = told(event("session.start", sessionId=SESSION), *run, event("session.resume"), run[-1])
    assert used(events) == whole


def test_output_of_a_model_that_is_named_otherwise_is_not_told_again() -> None:
    events = told(answer(1, 10, "auto"), answer(2, 5, "gpt-5.4-2026-03-05"), shutdown(gpt_5_4=Usage(9, 15)))
    assert used(events) == Usage(9, 15)


def test_a_run_that_was_killed_keeps_the_output_it_told() -> None:
    events = told(
        event("session.start", sessionId=SESSION),
        answer(1, 100),
        event("session.resume"),
        answer(2, 7),
        shutdown(**{"gpt_5.4": Usage(input=50, output=7)}),
    )
    assert used(events) == Usage(input=50, output=107)


def test_a_message_that_comes_again_is_one_call() -> None:
    events = told(answer(1, 10), answer(1, 10))
    assert used(events) == Usage(output=10)
    assert len([one for one in events if isinstance(one, OpStarted) and one.kind is OpKind.LLM]) == 1


def test_copies_of_a_log_have_the_same_calls() -> None:
    run = (answer(1, 10), shutdown(**{"gpt_5.4": Usage(input=50, output=12)}))

    def calls(session: str) -> list[int | None]:
        events = told(event("session.start", sessionId=session), *run)
        return [one.call for one in events if isinstance(one, OpStarted)]

    assert calls("one") == calls("other")
    assert len(set(calls("one"))) == 2


# --- sub-agents ---


def test_many_sub_agents_fit_the_state_and_none_is_mixed_up_with_another() -> None:
    number = 60
    records = [event("session.start", sessionId=SESSION)]
    for n in range(number):
        started = event("subagent.started", toolCallId=f"toolu_{n:030}", agentName="explore", model="gpt-5.4")
        records += [{**started, "agentId": f"agent-{n:030}"}, {**answer(n, 1), "agentId": f"agent-{n:030}"}]
    records.append({**answer(number, 1), "agentId": "agent-" + "0" * 30})  # the first, long forgotten
    artifact = COPILOT.artifact(PurePosixPath(FILE))
    assert artifact is not None
    parser = COPILOT.parser(artifact, None)
    ops: list[tuple[str, int]] = []
    for record in lines(records).splitlines():
        parser.feed(record, 0)
        events, state, _ = parser.take()
        assert len(state) < 16 * 1024
        parser = COPILOT.parser(artifact, state)
        ops += [(one.session, one.seq) for one in events if isinstance(one, OpStarted)]
    assert len(ops) == len(set(ops)) == number + 1


def test_a_model_that_is_learnt_later_was_that_of_the_calls_before() -> None:
    events = told(
        event("session.start", sessionId=SESSION, selectedModel="auto"),
        answer(1, 10, None),
        event("tool.execution_complete", toolCallId="t1", success=True, model="gpt-5.4"),
    )
    models = [one.model for one in events if isinstance(one, OpFinalized) and one.seq == 1]
    assert models == [None, "gpt-5.4"]
    assert "auto" not in [one.facts.model for one in events if isinstance(one, SessionUpdated)]
