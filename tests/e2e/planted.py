"""A long session with what a test then looks for: waits, failures, compactions, known sums.

turn 0 |#-#-#-…|                     calls and tools, one after the other
       |       |··· wait ···|        the human's
turn 1              |#-#x#-…|        x: a tool that failed after a millisecond
                       ▼             the context was compacted
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

NATIVE_ID = "7b1d0c52-4e0a-4f6e-9c55-2f1d8e5a9b10"
SESSION = f"claude_code:{NATIVE_ID}"
CALL_SECONDS = 1.4
TOOL_SECONDS = 0.6


class Plan(NamedTuple):
    """What is planted: the same plan writes the same session."""

    turns: int = 8
    calls: int = 40
    """Calls of a turn, each asking for one tool."""
    wait: dt.timedelta = dt.timedelta(hours=10)
    """Between two turns."""
    failures: int = 20
    compactions: int = 2

    @property
    def tools(self) -> int:
        """Tool calls in all, as many as model calls."""
        return self.turns * self.calls

    def failed(self) -> set[int]:
        """Which tool calls fail, counted from 0."""
        return {self.tools * (2 * n + 1) // (2 * self.failures) for n in range(self.failures)}

    def compacted(self) -> dict[int, int]:
        """Behind which calls the context is compacted, and what was in it."""
        places = (self.tools * (n + 1) // (self.compactions + 1) for n in range(self.compactions))
        return {place: self.context(place) for place in places}

    def context(self, call: int) -> int:
        """Tokens that a call is sent."""
        begin = max((place for place in self._places() if place < call), default=-1) + 1
        return 20_000 + (call - begin) * (120_000 // max(1, self.tools // (self.compactions + 1)))

    def _places(self) -> list[int]:
        return [self.tools * (n + 1) // (self.compactions + 1) for n in range(self.compactions)]

    @property
    def span(self) -> dt.timedelta:
        """From the first prompt to the last answer, within a second a turn."""
        work = self.tools * (CALL_SECONDS + TOOL_SECONDS) - self.failures * (TOOL_SECONDS - 0.001)
        return dt.timedelta(seconds=work) + self.wait * (self.turns - 1)


def write(project: Path, plan: Plan) -> Path:
    """Write the session into a project's folder; its last record is a minute old."""
    path = project / f"{NATIVE_ID}.jsonl"
    project.mkdir(parents=True, exist_ok=True)
    start = dt.datetime.now(dt.UTC) - plan.span - dt.timedelta(hours=1)
    with path.open("w", encoding="utf-8") as file:
        for number, (when, record) in enumerate(_records(plan, start)):
            stamp = when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"
            common = {
                "uuid": f"u{number}",
                "parentUuid": f"u{number - 1}" if number else None,
                "sessionId": NATIVE_ID,
                "timestamp": stamp,
                "cwd": "/home/dev/project",
                "version": "2.1.220",
                "isSidechain": False,
            }
            file.write(json.dumps(common | record) + "\n")
    return path


def _records(plan: Plan, now: dt.datetime) -> Iterator[tuple[dt.datetime, dict[str, Any]]]:
    failed, compacted = plan.failed(), plan.compacted()
    for turn in range(plan.turns):
        if turn:
            now += plan.wait
        yield now, {"type": "user", "message": {"role": "user", "content": f"Part {turn + 1} of the work"}}
        for call in range(turn * plan.calls, (turn + 1) * plan.calls):
            now += dt.timedelta(seconds=CALL_SECONDS)
            yield now, _call(call, plan.context(call))
            now += dt.timedelta(seconds=0.001 if call in failed else TOOL_SECONDS)
            yield now, _result(call, call in failed)
            if call in compacted:
                yield (
                    now,
                    {
                        "type": "system",
                        "subtype": "compact_boundary",
                        "content": "Conversation compacted",
                        "compactMetadata": {"trigger": "auto", "preTokens": compacted[call]},
                    },
                )


def _call(call: int, context: int) -> dict[str, Any]:
    use = {
        "type": "tool_use",
        "id": f"toolu_{call}",
        "name": "Bash",
        "input": {"command": f"make part{call}"},
    }
    usage = {
        "input_tokens": 10,
        "output_tokens": 50,
        "cache_read_input_tokens": context - 110,
        "cache_creation_input_tokens": 100,
    }
    message = {
        "id": f"msg_{call}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-6",
        "content": [use],
        "usage": usage,
    }
    return {"type": "assistant", "requestId": f"req_{call}", "message": message}


def _result(call: int, failed: bool) -> dict[str, Any]:
    text = "Exit code 2" if failed else f"part {call} is made"
    block = {"type": "tool_result", "tool_use_id": f"toolu_{call}", "content": text, "is_error": failed}
    return {"type": "user", "message": {"role": "user", "content": [block]}}
