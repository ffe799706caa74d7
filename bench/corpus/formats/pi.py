"""pi's sessions: entries in a tree, each with its own price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Records, Session

_NAMES = {"shell": "bash", "read": "read", "edit": "edit", "search": "grep"}


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.pi/agent``; return its bytes."""
    name = f"{session.began:%Y-%m-%dT%H-%M-%S}-000Z_{session.id}.jsonl"
    folder = root / "sessions" / f"--home-dev-{session.project}--"
    with Records(folder / name) as records:
        about = {"type": "session", "version": 3, "id": session.id, "timestamp": session.stamp}
        records.write({**about, "cwd": session.cwd})
        tree = _Tree(session, records)
        for turn in session.turns:
            session.later(turn.pause)
            tree.entry({"role": "user", "content": [{"type": "text", "text": turn.prompt}]}, session.millis)
            for call in turn.calls:
                tree.call(call)
        return records.size


class _Tree:
    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.records = records
        self._parent: str | None = None

    def entry(self, message: dict[str, Any], began: int) -> None:
        name = self.session.draw(8)
        self.records.write(
            {
                "type": "message",
                "id": name,
                "parentId": self._parent,
                "timestamp": self.session.stamp,
                "message": {**message, "timestamp": began},
            }
        )
        self._parent = name

    def call(self, call: Call) -> None:
        session = self.session
        began = session.millis
        session.later(call.seconds)
        tool_id = f"toolu_01{session.draw(22)}"
        content: list[dict[str, Any]] = []
        if call.thought is not None:
            content.append(
                {"type": "thinking", "thinking": call.thought, "thinkingSignature": session.draw(200)}
            )
        if call.answer is not None:
            content.append({"type": "text", "text": call.answer})
        if call.tool is not None:
            name = _NAMES[call.tool.kind]
            content.append({"type": "toolCall", "id": tool_id, "name": name, "arguments": call.tool.given})
        usage = {
            "input": call.fresh,
            "output": call.output,
            "cacheRead": call.cached,
            "cacheWrite": call.written,
            "totalTokens": call.fresh + call.output + call.cached + call.written,
            "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": call.output * 1e-5},
        }
        answer = {
            "role": "assistant",
            "content": content,
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "usage": usage,
            "stopReason": "stop" if call.tool is None else "toolUse",
        }
        self.entry(answer, began)
        if call.tool is not None:
            self._result(call.tool, tool_id)

    def _result(self, tool: Tool, tool_id: str) -> None:
        self.session.later(tool.seconds)
        said = f"{tool.said}\n\nCommand exited with code 1" if tool.failed else tool.said
        result = {
            "role": "toolResult",
            "toolCallId": tool_id,
            "toolName": _NAMES[tool.kind],
            "content": [{"type": "text", "text": said}],
            "isError": tool.failed,
        }
        self.entry(result, self.session.millis)
