"""ai-agent's ledgers: a turn a model call, with its texts in files of their own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from bench.corpus.conversation import Call
from bench.corpus.formats.session import Records, Session, stamp

_NAMES = {"shell": "shell__run", "read": "files__read", "edit": "files__edit", "search": "files__search"}


def write(root: Path, session: Session) -> int:
    """Write a session below ``~/.ai-agent``; return its bytes."""
    folder = root / "sessions"
    with Records(folder / "session" / f"{session.id}.jsonl") as records:
        ledger = _Ledger(session, records, folder)
        about = {"agentId": "planner", "callPath": "cli:planner", "headendId": "cli", "capturePayloads": True}
        ledger.record("session_start", **about)
        number = 0
        for turn in session.turns:
            session.later(turn.pause)
            prompt: str | None = turn.prompt
            for call in turn.calls:
                number += 1
                ledger.turn(number, call, prompt)
                prompt = None
        ledger.record("session_summary", status="ok", accounting={})
        return records.size + ledger.payload_bytes


class _Ledger:
    def __init__(self, session: Session, records: Records, folder: Path) -> None:
        self.session = session
        self.records = records
        self.folder = folder
        self.payload_bytes = 0
        self._seq = 0

    def record(self, kind: str, **more: Any) -> None:
        session = self.session
        self._seq += 1
        same = {"version": 3, "seq": self._seq, "ts": session.stamp}
        self.records.write(
            {"recordType": kind, **more, **same, "originId": session.id, "sessionId": session.id}
        )

    def turn(self, number: int, call: Call, prompt: str | None) -> None:
        session = self.session
        self.record("turn_start", turn=number)
        ops = [self._model(number, call, prompt)]
        if call.tool is not None:
            ops.append(self._tool(number, call))
        self.record("turn_end", turn=number, status="ok", ops=ops, warnings=[], errors=[])
        session.later(0.01)

    def _op(self, number: int, kind: str, seconds: float, **more: Any) -> dict[str, Any]:
        session = self.session
        began = session.now
        session.later(seconds)
        return {
            "opId": f"mk{number:04}-{session.draw(6)}",
            "opIndex": number,
            "kind": kind,
            "status": "ok",
            "startedAt": stamp(began),
            "endedAt": session.stamp,
            **more,
        }

    def _model(self, number: int, call: Call, prompt: str | None) -> dict[str, Any]:
        blocks = [{"type": "thinking", "thinking": call.thought}] if call.thought else []
        answer = {"role": "assistant", "content": [*blocks, {"type": "text", "text": call.answer or ""}]}
        asked = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": prompt or "Go on."}]}
        provider = {"provider": "anthropic", "model": "claude-sonnet-4-5"}
        return self._op(
            1,
            "llm",
            call.seconds,
            **provider,
            attributes=provider,
            accounting={
                "tokensIn": call.fresh,
                "tokensOut": call.output,
                "tokensCacheRead": call.cached,
                "tokensCacheWrite": call.written,
                "costUsd": call.output * 1e-5,
            },
            payloadRefs=[
                self._payload(number, "llm", "request", asked),
                self._payload(number, "llm", "response", answer),
            ],
        )

    def _tool(self, number: int, call: Call) -> dict[str, Any]:
        tool = call.tool
        assert tool is not None, "asked for only if there is one"
        failure = {"status": "failed", "error": tool.said[:200]} if tool.failed else {}
        return (
            self._op(
                2,
                "tool",
                tool.seconds,
                name=_NAMES[tool.kind],
                provider=_NAMES[tool.kind].partition("__")[0],
                attributes={"kind": "mcp"},
                payloadRefs=[
                    self._payload(number, "tool", "request", tool.given),
                    self._payload(number, "tool", "response", {"content": tool.said}),
                ],
            )
            | failure
        )

    def _payload(self, number: int, what: str, side: str, value: object) -> dict[str, Any]:
        path = f"payloads/{self.session.id}/turn-{number:04}/{what}-{side}.json.gz"
        data = json.dumps(value, ensure_ascii=False).encode()
        packed = gzip.compress(data, 6, mtime=0)
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(packed)
        self.payload_bytes += len(packed)
        return {
            "kind": f"{what}_{side}",
            "format": "json",
            "compression": "gzip",
            "path": path,
            "originalBytes": len(data),
            "compressedBytes": len(packed),
            "captured": True,
            "truncated": False,
            "redacted": False,
        }
