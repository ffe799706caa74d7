"""Gemini CLI's chats: a message comes again when its tokens, then its tool's result, are known."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Records, Session

_NAMES = {"shell": "run_shell_command", "read": "read_file", "edit": "replace", "search": "grep_search"}


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.gemini``; return its bytes."""
    project = hashlib.sha256(session.cwd.encode()).hexdigest()
    name = f"session-{session.began:%Y-%m-%dT%H-%M}-{session.id[:8]}.jsonl"
    with Records(root / "tmp" / project / "chats" / name) as records:
        records.write(
            {
                "sessionId": session.id,
                "projectHash": project,
                "startTime": session.stamp,
                "lastUpdated": session.stamp,
                "kind": "main",
            }
        )
        for turn in session.turns:
            session.later(turn.pause)
            prompt = {"id": session.uuid(), "timestamp": session.stamp, "type": "user"}
            records.write({**prompt, "content": [{"text": turn.prompt}]})
            for call in turn.calls:
                _call(session, records, call)
        return records.size


def _call(session: Session, records: Records, call: Call) -> None:
    session.later(call.seconds)
    sent = call.fresh + call.written + call.cached
    message: dict[str, Any] = {
        "id": session.uuid(),
        "timestamp": session.stamp,
        "type": "gemini",
        "content": call.answer or "",
        "thoughts": [],
        "model": "gemini-3-flash-preview",
    }
    if call.thought is not None:
        told = {"subject": "Thinking", "description": call.thought, "timestamp": session.stamp}
        message["thoughts"] = [told]
    message["tokens"] = {
        "input": sent,
        "output": call.output - call.reasoning,
        "cached": call.cached,
        "thoughts": call.reasoning,
        "tool": 0,
        "total": sent + call.output,
    }
    records.write(message)
    if call.tool is not None:
        session.later(call.tool.seconds)
        records.write({**message, "toolCalls": [_tool(session, call.tool)]})
    records.write({"$set": {"lastUpdated": session.stamp}})


def _tool(session: Session, tool: Tool) -> dict[str, Any]:
    name = _NAMES[tool.kind]
    call_id = f"{name}_{session.millis}_{session.draw(6)}"
    said = f"Output: {tool.said}\nExit Code: 1" if tool.failed else tool.said
    response = {"id": call_id, "name": name, "response": {"output": said}}
    return {
        "id": call_id,
        "name": name,
        "args": tool.given,
        "result": [{"functionResponse": response}],
        "status": "success",
        "timestamp": session.stamp,
        "displayName": name,
    }
