"""Codex' rollouts: items of a response, and events; tokens as a counter that only grows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Records, Session

_WINDOW = 258_400


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.codex``; return its bytes."""
    name = f"rollout-{session.began:%Y-%m-%dT%H-%M-%S}-{session.id}.jsonl"
    with Records(root / "sessions" / f"{session.began:%Y/%m/%d}" / name) as records:
        rollout = _Rollout(session, records)
        rollout.begin()
        for number, turn in enumerate(session.turns, 1):
            session.later(turn.pause)
            rollout.prompt(f"turn-{number}", turn.prompt)
            for call in turn.calls:
                rollout.call(call)
            last = turn.calls[-1].answer
            rollout.event("task_complete", turn_id=f"turn-{number}", last_agent_message=last)
        return records.size


class _Rollout:
    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.records = records
        names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
        self._total = dict.fromkeys(names, 0)

    def write(self, kind: str, payload: dict[str, Any]) -> None:
        self.records.write({"timestamp": self.session.stamp, "type": kind, "payload": payload})

    def item(self, kind: str, **more: Any) -> None:
        self.write("response_item", {"type": kind, **more})

    def event(self, kind: str, **more: Any) -> None:
        self.write("event_msg", {"type": kind, **more})

    def begin(self) -> None:
        session = self.session
        about = {"id": session.id, "timestamp": session.stamp, "cwd": session.cwd, "source": "cli"}
        program = {"originator": "codex_cli_rs", "cli_version": "0.120.0", "model_provider": "openai"}
        self.write("session_meta", about | program)

    def prompt(self, turn: str, prompt: str) -> None:
        self.event("task_started", turn_id=turn, model_context_window=_WINDOW)
        self.write("turn_context", {"turn_id": turn, "cwd": self.session.cwd, "model": "gpt-5.2-codex"})
        self.item("message", role="user", content=[{"type": "input_text", "text": prompt}])
        self.event("user_message", message=prompt)

    def call(self, call: Call) -> None:
        session = self.session
        call_id = f"call_{session.draw(24)}"
        session.later(call.seconds)
        if call.thought is not None:
            summary = [{"type": "summary_text", "text": call.thought}]
            self.item("reasoning", summary=summary, encrypted_content=session.draw(600))
            self.event("agent_reasoning", text=call.thought)
        if call.answer is not None:
            self.item("message", role="assistant", content=[{"type": "output_text", "text": call.answer}])
            self.event("agent_message", message=call.answer)
        if call.tool is not None:
            arguments = json.dumps(_arguments(call.tool))
            self.item("function_call", name="shell", arguments=arguments, call_id=call_id)
        self._tokens(call)
        if call.tool is not None:
            session.later(call.tool.seconds)
            seconds = round(call.tool.seconds, 1)
            outcome = {"exit_code": int(call.tool.failed), "duration_seconds": seconds}
            output = json.dumps({"output": call.tool.said, "metadata": outcome}, ensure_ascii=False)
            self.item("function_call_output", call_id=call_id, output=output)

    def _tokens(self, call: Call) -> None:
        last = {
            "input_tokens": call.fresh + call.written + call.cached,
            "cached_input_tokens": call.cached,
            "output_tokens": call.output,
            "reasoning_output_tokens": call.reasoning,
        }
        self._total = {name: count + last[name] for name, count in self._total.items()}
        info = {
            "total_token_usage": _with_total(self._total),
            "last_token_usage": _with_total(last),
            "model_context_window": _WINDOW,
        }
        self.event("token_count", info=info, rate_limits=None)


def _arguments(tool: Tool) -> dict[str, Any]:
    """What a shell is given: this agent does all by commands."""
    if tool.kind == "edit":
        path, old, new = tool.given.values()
        change = "\n".join(
            [*(f"-{line}" for line in old.split("\n")), *(f"+{line}" for line in new.split("\n"))]
        )
        return {
            "command": [
                "apply_patch",
                f"*** Begin Patch\n*** Update File: {path}\n@@\n{change}\n*** End Patch",
            ]
        }
    words = {"read": "sed -n 1,200p", "search": "rg -n"}.get(tool.kind, "")
    return {"command": ["bash", "-lc", f"{words} {' '.join(tool.given.values())}".strip()]}


def _with_total(counts: dict[str, int]) -> dict[str, int]:
    return {**counts, "total_tokens": counts["input_tokens"] + counts["output_tokens"]}
