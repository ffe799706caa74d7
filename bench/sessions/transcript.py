"""Writing one session's file as Claude Code does: a record a line, on a clock of its own.

    transcript.prompt("Fix it")
    [bash] = transcript.call(text("I look."), use("Bash", command="make"), seconds=2)
    transcript.result(bash, "Exit code 2", seconds=0.5, failed=True)
    transcript.close()

What is written is counted, so that the truth about it needs no reading.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]

OPUS = "claude-opus-4-5-20251101"
SONNET = "claude-sonnet-4-5-20250929"
HAIKU = "claude-haiku-4-5-20251001"
VERSION = "2.1.12"

_ASKS = {"tool_use": "tool_calls", "thinking": "reasoning"}
AGENT = "Task"
"""The tool that runs a sub-agent."""


def text(answer: str) -> Block:
    """A block: what the model answers."""
    return {"type": "text", "text": answer}


def thinking(thought: str) -> Block:
    """A block: what the model reasons."""
    return {"type": "thinking", "thinking": thought, "signature": "c2lnbmF0dXJl"}


def use(tool: str, **given: Any) -> Block:
    """A block: the model asks for a tool. `Transcript.call` gives it its id."""
    return {"type": "tool_use", "name": tool, "input": given}


class Transcript:
    """A session's, or with ``agent`` a sub-agent's, file while it is written.

    ``counts`` are its ops by kind, failures, turns and tokens; ``work`` is its time in model and
    tool calls in milliseconds, those side by side counted once.
    """

    def __init__(self, project: Path, session: str, start: dt.datetime, *, agent: str | None = None) -> None:
        self.project = project
        self.session = session
        self.agent = agent
        self.now = round(start.timestamp() * 1000)
        """The clock, in milliseconds since 1970."""
        self.counts: Counter[str] = Counter()
        self.work = 0
        self.path = project / f"{session}.jsonl"
        if agent is not None:
            self.path = project / session / "subagents" / f"agent-{agent}.jsonl"
        self._rng = random.Random(f"{session} {agent}")
        self._lines: list[str] = []
        self._parent: str | None = None

    @property
    def id(self) -> str:
        """The session's id in ai-viewer."""
        return f"claude_code:{self.session}" + (f":agent-{self.agent}" if self.agent else "")

    def draw(self, length: int) -> str:
        """A random id of so many hexadecimal digits; always the same for the same session."""
        return f"{self._rng.getrandbits(4 * length):0{length}x}"

    def wait(self, seconds: float) -> None:
        """Let time pass in which nothing is written."""
        self.now += round(seconds * 1000)

    def record(self, kind: str, **more: Any) -> None:
        """Write one record, as of now."""
        uuid = f"{self.draw(8)}-{self.draw(4)}-4000-8000-{self.draw(12)}"
        moment = dt.datetime.fromtimestamp(self.now / 1000, dt.UTC)
        agent = {} if self.agent is None else {"agentId": self.agent}
        record = {
            "parentUuid": self._parent,
            "isSidechain": self.agent is not None,
            "userType": "external",
            "cwd": "/home/dev/project",
            "sessionId": self.session,
            "version": VERSION,
            "gitBranch": "main",
            **agent,
            "type": kind,
            **more,
            "uuid": uuid,
            "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        self._parent = uuid
        self._lines.append(json.dumps(record, ensure_ascii=False))

    def raw(self, line: str) -> None:
        """Write a line that is no record."""
        self._lines.append(line)

    def prompt(self, content: str | Sequence[Block]) -> None:
        """The user asks: a turn begins."""
        self.counts["turns"] += 1
        self.record("user", message={"role": "user", "content": content})

    def call(
        self,
        *blocks: Block,
        seconds: float,
        context: int = 20_000,
        output: int = 120,
        model: str = OPUS,
        thought: float = 0.5,
    ) -> list[str]:
        """A model call of ``seconds``; return the ids of the tools that it asks for.

        It is written block by block: reasoning, if that is the first one, at ``thought`` of its
        time, everything else at its end. ``context`` is what it was sent, most of it cached.
        """
        begin, end = self.now, self.now + round(seconds * 1000)
        message, request = f"msg_01{self.draw(22)}", f"req_01{self.draw(22)}"
        fresh, written = 10, min(2_000, context // 10)
        usage = {
            "input_tokens": fresh,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": context - fresh - written,
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output,
            "service_tier": "standard",
        }
        asked = []
        for number, block in enumerate(blocks):
            is_last = number == len(blocks) - 1
            self.now = end
            if block["type"] == "thinking" and number == 0 and not is_last:
                self.now = begin + round(thought * seconds * 1000)
            told = dict(block)
            if block["type"] == "tool_use":
                told = {"type": "tool_use", "id": f"toolu_01{self.draw(22)}", **block}
                asked.append(told["id"])
            self.counts["agent_calls" if block.get("name") == AGENT else _ASKS.get(block["type"], "")] += 1
            self.record(
                "assistant",
                requestId=request,
                message={
                    "id": message,
                    "type": "message",
                    "role": "assistant",
                    "model": model,
                    "content": [told],
                    "stop_reason": ("tool_use" if asked else "end_turn") if is_last else None,
                    "usage": usage if is_last else {**usage, "output_tokens": 1},
                },
            )
        self.work += end - begin
        self.counts.update(
            llm_calls=1,
            tokens_in=fresh,
            tokens_out=output,
            tokens_cache_read=context - fresh - written,
            tokens_cache_write=written,
        )
        return asked

    def result(
        self,
        tool: str,
        content: str | Sequence[Block],
        *,
        seconds: float | None = None,
        failed: bool = False,
        told: Any = None,
    ) -> None:
        """A tool's result, ``seconds`` from now; ``told`` is what the program knows besides.

        With ``seconds`` the tool ran alone. Without, it ended now, beside others: then add to
        ``work`` what they took together.
        """
        if seconds is not None:
            self.wait(seconds)
            self.work += round(seconds * 1000)
        self.counts["tool_failures"] += failed
        block: Block = {"tool_use_id": tool, "type": "tool_result", "content": content}
        if failed:
            block["is_error"] = True
            told = f"Error: {content}"
        more = {} if told is None else {"toolUseResult": told}
        self.record("user", message={"role": "user", "content": [block]}, **more)

    def spawn(self, tool: str, agent: str, kind: str, title: str, prompt: str) -> Transcript:
        """A sub-agent begins now, for the tool call that asked for it; return its transcript."""
        start = dt.datetime.fromtimestamp(self.now / 1000, dt.UTC)
        child = Transcript(self.project, self.session, start, agent=agent)
        child.path.parent.mkdir(parents=True, exist_ok=True)
        about = {"agentType": kind, "description": title, "toolUseId": tool}
        child.path.with_suffix(".meta.json").write_text(json.dumps(about))
        child.prompt(prompt)
        return child

    def returned(self, tool: str, child: Transcript, answer: str) -> None:
        """A sub-agent gives its result, when it ended; it is the child's last."""
        self.now = child.now
        told = {
            "status": "completed",
            "agentId": child.agent,
            "content": [text(answer)],
            "totalToolUseCount": child.counts["tool_calls"],
            "totalTokens": child.counts["tokens_out"],
        }
        self.counts["sub_agents"] += 1
        self.result(tool, [text(answer)], told=told)

    def compacted(self, before: int, after: int, *, seconds: float, trigger: str = "auto") -> None:
        """The history is replaced by a summary of it."""
        self.wait(seconds)
        self.work += round(seconds * 1000)
        self.counts["compactions"] += 1
        told = {"trigger": trigger, "preTokens": before, "postTokens": after, "durationMs": seconds * 1000}
        self.record(
            "system",
            subtype="compact_boundary",
            content="Conversation compacted",
            level="info",
            compactMetadata=told,
        )
        summary = (
            "This session is being continued from a previous conversation. What is left to do: the rest."
        )
        self.record("user", isCompactSummary=True, message={"role": "user", "content": summary})

    def turn_ended(self) -> None:
        """The program says that the turn has ended."""
        self.record("system", subtype="turn_duration", durationMs=0, isMeta=False)

    def close(self) -> dict[str, int]:
        """Write the file; return its counts."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(self._lines) + "\n", encoding="utf-8")
        return totals([self.counts])


def totals(counts: Sequence[Counter[str]]) -> dict[str, int]:
    """The sums over some transcripts, with the number of ops."""
    together: Counter[str] = Counter()
    for one in counts:
        together.update(one)
    names = ("llm_calls", "reasoning", "tool_calls", "agent_calls", "compactions")
    return {
        "ops": sum(together[name] for name in names),
        **{name: together[name] for name in names},
        **{
            name: together[name]
            for name in (
                "turns",
                "sub_agents",
                "tool_failures",
                "tokens_in",
                "tokens_out",
                "tokens_cache_read",
                "tokens_cache_write",
            )
        },
    }
