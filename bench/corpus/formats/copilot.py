"""Copilot CLI's event logs: outputs call by call, everything else as sums at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call
from bench.corpus.formats.session import Records, Session, millis

_NAMES = {"shell": "bash", "read": "view", "edit": "edit", "search": "grep"}
_MODEL = "gpt-5.4"


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.copilot``; return its bytes."""
    with Records(root / "session-state" / session.id / "events.jsonl") as records:
        log = _Log(session, records)
        log.event(
            "session.start",
            sessionId=session.id,
            version=1,
            producer="copilot-agent",
            copilotVersion="1.0.77",
            startTime=session.stamp,
            context={"cwd": session.cwd, "gitRoot": session.cwd, "branch": "main"},
            selectedModel=_MODEL,
        )
        for turn in session.turns:
            session.later(turn.pause)
            log.event("user.message", content=turn.prompt)
            for call in turn.calls:
                log.call(call)
        log.end()
        return records.size


class _Log:
    def __init__(self, session: Session, records: Records) -> None:
        self.session = session
        self.records = records
        self._parent: str | None = None
        names = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")
        self._sums = dict.fromkeys(names, 0)
        self._calls = 0

    def event(self, kind: str, **data: Any) -> None:
        name = self.session.uuid()
        about = {"type": kind, "data": data, "id": name, "timestamp": self.session.stamp}
        self.records.write({**about, "parentId": self._parent})
        self._parent = name

    def call(self, call: Call) -> None:
        session = self.session
        step = str(self._calls)
        self._calls += 1
        self.event("assistant.turn_start", turnId=step)
        session.later(call.seconds)
        call_id = f"call_{session.draw(24)}"
        requests: list[dict[str, Any]] = []
        if call.tool is not None:
            name = _NAMES[call.tool.kind]
            asked = {"toolCallId": call_id, "name": name, "arguments": call.tool.given, "type": "function"}
            requests.append(asked)
        thought = {} if call.thought is None else {"reasoningText": call.thought}
        self.event(
            "assistant.message",
            messageId=session.uuid(),
            apiCallId=session.draw(24),
            model=_MODEL,
            content=call.answer or "",
            toolRequests=requests,
            outputTokens=call.output,
            **thought,
        )
        if call.tool is not None:
            given = {"toolCallId": call_id, "toolName": _NAMES[call.tool.kind]}
            self.event("tool.execution_start", arguments=call.tool.given, **given)
            session.later(call.tool.seconds)
            said = call.tool.said
            outcome: dict[str, Any] = {"result": {"content": said, "detailedContent": said}}
            if call.tool.failed:
                outcome = {"error": {"message": said, "code": "failure"}}
            self.event("tool.execution_complete", success=not call.tool.failed, toolCallId=call_id, **outcome)
        self.event("assistant.turn_end", turnId=step)
        self._sums["inputTokens"] += call.fresh + call.written + call.cached
        self._sums["cacheReadTokens"] += call.cached
        self._sums["outputTokens"] += call.output
        self._sums["reasoningTokens"] += call.reasoning

    def end(self) -> None:
        requests = {"count": self._calls, "cost": 1}
        self.event(
            "session.shutdown",
            shutdownType="routine",
            totalPremiumRequests=1,
            sessionStartTime=millis(self.session.began),
            modelMetrics={_MODEL: {"requests": requests, "usage": self._sums}},
        )
