"""Claude Code's transcripts: a message is written block by block, a result with what the program knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call, Tool
from bench.corpus.formats.session import Records, Session

_NAMES = {"shell": "Bash", "read": "Read", "edit": "Edit", "search": "Grep"}


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.claude``; return its bytes."""
    folder = root / "projects" / f"-home-dev-{session.project}"
    with Records(folder / f"{session.id}.jsonl") as records:
        transcript = _Transcript(session, records)
        for turn in session.turns:
            session.later(turn.pause)
            transcript.write("user", {"role": "user", "content": turn.prompt})
            for call in turn.calls:
                tool_id = transcript.call(call)
                if call.tool is not None:
                    transcript.result(call.tool, tool_id)
        return records.size


class _Transcript:
    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.records = records
        self._parent: str | None = None
        self._envelope = {
            "isSidechain": False,
            "userType": "external",
            "cwd": session.cwd,
            "sessionId": session.id,
            "version": "2.1.12",
            "gitBranch": "main",
        }

    def write(self, kind: str, message: dict[str, Any], **more: Any) -> None:
        uuid = self.session.uuid()
        self.records.write(
            {
                "parentUuid": self._parent,
                **self._envelope,
                "type": kind,
                "message": message,
                "uuid": uuid,
                "timestamp": self.session.stamp,
                **more,
            }
        )
        self._parent = uuid

    def call(self, call: Call) -> str:
        session = self.session
        message_id, request = f"msg_01{session.draw(22)}", f"req_01{session.draw(22)}"
        tool_id = f"toolu_01{session.draw(22)}"
        blocks: list[dict[str, Any]] = []
        if call.thought is not None:
            blocks.append({"type": "thinking", "thinking": call.thought, "signature": session.draw(300)})
        if call.answer is not None:
            blocks.append({"type": "text", "text": call.answer})
        if call.tool is not None:
            name = _NAMES[call.tool.kind]
            blocks.append({"type": "tool_use", "id": tool_id, "name": name, "input": call.tool.given})
        usage = {
            "input_tokens": call.fresh,
            "cache_creation_input_tokens": call.written,
            "cache_read_input_tokens": call.cached,
            "cache_creation": {"ephemeral_5m_input_tokens": call.written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": call.output,
            "service_tier": "standard",
        }
        for number, block in enumerate(blocks):
            is_last = number == len(blocks) - 1
            session.later(call.seconds / len(blocks))
            message = {
                "id": message_id,
                "type": "message",
                "role": "assistant",
                "model": "claude-opus-4-5-20251101",
                "content": [block],
                "stop_reason": None,
                "usage": usage if is_last else {**usage, "output_tokens": 1},
            }
            self.write("assistant", message, requestId=request)
        return tool_id

    def result(self, tool: Tool, tool_id: str) -> None:
        self.session.later(tool.seconds)
        block: dict[str, Any] = {"tool_use_id": tool_id, "type": "tool_result", "content": tool.said}
        told: Any = {"stdout": tool.said, "stderr": "", "interrupted": False, "isImage": False}
        if tool.failed:
            block["content"] = f"Exit code 1\n{tool.said}"
            block["is_error"] = True
            told = f"Error: {block['content']}"
        elif tool.kind == "read":
            told = {"type": "text", "file": {"filePath": tool.given["file_path"], "content": tool.said}}
        elif tool.kind == "edit":
            told = {
                "filePath": tool.given["file_path"],
                "oldString": tool.given["old_string"],
                "newString": tool.given["new_string"],
                "originalFile": tool.said,
                "structuredPatch": [_hunk(tool)],
            }
        elif tool.kind == "search":
            told = {"mode": "content", "numFiles": 0, "filenames": [], "content": tool.said}
        self.write("user", {"role": "user", "content": [block]}, toolUseResult=told)


def _hunk(tool: Tool) -> dict[str, Any]:
    old, new = tool.given["old_string"].split("\n"), tool.given["new_string"].split("\n")
    lines = [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    return {"oldStart": 10, "oldLines": len(old), "newStart": 10, "newLines": len(new), "lines": lines}
