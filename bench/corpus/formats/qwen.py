"""Qwen Code's chats: each call twice, as telemetry and as the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Records, Session

_NAMES = {"shell": "run_shell_command", "read": "read_file", "edit": "edit", "search": "grep_search"}
_MODEL = "qwen3-coder-plus"


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.qwen``; return its bytes."""
    folder = root / "projects" / f"-home-dev-{session.project}" / "chats"
    with Records(folder / f"{session.id}.jsonl") as records:
        chat = _Chat(session, records)
        for turn in session.turns:
            session.later(turn.pause)
            chat.write("user", message={"role": "user", "parts": [{"text": turn.prompt}]})
            for call in turn.calls:
                chat.call(call)
        return records.size


class _Chat:
    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.records = records
        self._parent: str | None = None

    def write(self, kind: str, **more: Any) -> None:
        name = self.session.uuid()
        self.records.write(
            {
                "uuid": name,
                "parentUuid": self._parent,
                "sessionId": self.session.id,
                "timestamp": self.session.stamp,
                "type": kind,
                "cwd": self.session.cwd,
                "version": "0.21.13",
                "gitBranch": "main",
                **more,
            }
        )
        self._parent = name

    def call(self, call: Call) -> None:
        session = self.session
        session.later(call.seconds)
        sent = call.fresh + call.written + call.cached
        event = {
            "event.name": "qwen-code.api_response",
            "event.timestamp": session.stamp,
            "response_id": session.uuid(),
            "model": _MODEL,
            "status_code": 200,
            "duration_ms": max(1, round(call.seconds * 1000)),
            "input_token_count": sent,
            "output_token_count": call.output,
            "cached_content_token_count": call.cached,
            "thoughts_token_count": call.reasoning,
            "total_token_count": sent + call.output,
            "auth_type": "openai",
        }
        self.write("system", subtype="ui_telemetry", systemPayload={"uiEvent": event})
        call_id = f"call_{session.draw(24)}"
        parts: list[dict[str, Any]] = []
        if call.thought is not None:
            parts.append({"text": call.thought, "thought": True})
        if call.answer is not None:
            parts.append({"text": call.answer})
        if call.tool is not None:
            asked = {"id": call_id, "name": _NAMES[call.tool.kind], "args": call.tool.given}
            parts.append({"functionCall": asked})
        session.later(0.005)
        self.write(
            "assistant",
            message={"role": "model", "parts": parts},
            model=_MODEL,
            usageMetadata={
                "promptTokenCount": sent,
                "candidatesTokenCount": call.output,
                "cachedContentTokenCount": call.cached,
                "thoughtsTokenCount": call.reasoning,
                "totalTokenCount": sent + call.output,
            },
        )
        if call.tool is not None:
            self._result(call.tool, call_id)

    def _result(self, tool: Tool, call_id: str) -> None:
        self.session.later(tool.seconds)
        response = {"error": tool.said} if tool.failed else {"output": tool.said}
        told = {"id": call_id, "name": _NAMES[tool.kind], "response": response}
        status = "error" if tool.failed else "success"
        self.write(
            "tool_result",
            message={"role": "user", "parts": [{"functionResponse": told}]},
            toolCallResult={"callId": call_id, "status": status, "resultDisplay": tool.said[:200]},
        )
