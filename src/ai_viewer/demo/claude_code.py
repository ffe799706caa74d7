"""A session's files as Claude Code writes them."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from ai_viewer.demo.step import Act, iso

TOOLS = {"search": "Grep", "read": "Read", "edit": "Edit", "run": "Bash"}
HELPER = "claude-haiku-4-5-20251001"
"""The model of the sub-agents."""


class ClaudeCode:
    """A session's file, or a sub-agent's, while it is written; its sub-agents' files are with it."""

    def __init__(
        self,
        project: str,
        model: str,
        start: dt.datetime,
        chance: random.Random,
        of: tuple[str, str] | None = None,
    ) -> None:
        self.project = project
        self.model = model
        self.now = start
        self._chance = chance
        self.agent = of[1] if of else None
        self._session = of[0] if of else f"{self._draw(8)}-{self._draw(4)}-4000-8000-{self._draw(12)}"
        self._context = 0
        self._parent: str | None = None
        self._lines: list[str] = []
        self._others: list[tuple[PurePosixPath, str]] = []

    def wait(self, seconds: float) -> None:
        """Nothing happens."""
        self.now += dt.timedelta(seconds=seconds)

    def prompt(self, text: str) -> None:
        """The user asks: a turn begins."""
        self._record("user", message={"role": "user", "content": text})

    def step(self, say: str, *acts: Act) -> None:
        """One model call, and the tools that it asks for, one after the other."""
        uses = [{"type": "tool_use", "name": TOOLS[act.tool], "input": act.given} for act in acts]
        for tool, act in zip(self._call(say, uses), acts, strict=True):
            self.wait(act.seconds * self._chance.uniform(0.5, 2))
            self._result(tool, act.result, failed=act.failed)
        if not acts and self.agent is None:
            self._record("system", subtype="turn_duration", durationMs=0, isMeta=False)

    def agents(self, say: str, titles: Sequence[str], act: Act, *, deeper: int) -> None:
        """Sub-agents side by side; each searches, and asks another one while there are deeper levels."""
        asked = [
            {"description": f"Look at the {title}", "prompt": f"Look through the {title}. Do not edit."}
            for title in titles
        ]
        uses = [
            {"type": "tool_use", "name": "Agent", "input": {"subagent_type": "Explore", **one}}
            for one in asked
        ]
        done = []
        for tool, one in zip(self._call(say, uses), asked, strict=True):
            agent = ClaudeCode(self.project, HELPER, self.now, self._chance, (self._session, self._draw(17)))
            agent.prompt(one["prompt"])
            agent.step("Searching.", act)
            if deeper:
                agent.agents("One part is for another to see.", ["details"], act, deeper=deeper - 1)
            agent.step("", act)
            agent.step("One place, and it is the one that was suspected.")
            about = {"agentType": "Explore", "description": one["description"], "toolUseId": tool}
            self._others += agent.files()
            self._others.append((agent.path.with_suffix(".meta.json"), json.dumps(about)))
            done.append((agent.now, tool, agent))
        for ended, tool, agent in sorted(done, key=lambda one: one[0]):
            self.now = ended
            answer = [{"type": "text", "text": "One place, and it is the one that was suspected."}]
            told = {"status": "completed", "agentId": agent.agent, "content": answer}
            self._result(tool, answer, told=told)

    def compact(self) -> None:
        """The history is replaced by a summary of it."""
        before, self._context = self._context, 14_000
        self.wait(35)
        told = {"trigger": "auto", "preTokens": before, "postTokens": self._context, "durationMs": 35_000}
        self._record(
            "system",
            subtype="compact_boundary",
            content="Conversation compacted",
            level="info",
            compactMetadata=told,
        )
        summary = "This session is being continued from a previous conversation. Left to do: the last part."
        self._record("user", isCompactSummary=True, message={"role": "user", "content": summary})

    def files(self) -> Iterator[tuple[PurePosixPath, str]]:
        """Yield the session's file and those of its sub-agents."""
        yield self.path, "".join(self._lines)
        yield from self._others

    @property
    def path(self) -> PurePosixPath:
        """Its own file."""
        folder = PurePosixPath("claude_code", "projects", f"-home-dev-{self.project}")
        if self.agent is None:
            return folder / f"{self._session}.jsonl"
        return folder / self._session / "subagents" / f"agent-{self.agent}.jsonl"

    def _draw(self, length: int) -> str:
        return f"{self._chance.getrandbits(4 * length):0{length}x}"

    def _call(self, say: str, uses: Sequence[dict[str, Any]]) -> list[str]:
        """Write a model call; return the ids of the tools that it asks for."""
        self.wait(self._chance.uniform(2, 14))
        cached, written = (
            self._context,
            self._chance.randrange(1_500, 9_000) + (0 if self._context else 15_000),
        )
        self._context += written
        usage = {
            "input_tokens": 10,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cached,
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": self._chance.randrange(80, 1_400),
            "service_tier": "standard",
        }
        message, request = f"msg_01{self._draw(22)}", f"req_01{self._draw(22)}"
        asked = [f"toolu_01{self._draw(22)}" for _ in uses]
        blocks: list[dict[str, Any]] = [{"type": "text", "text": say}] if say else []
        blocks += [{**use, "id": tool} for tool, use in zip(asked, uses, strict=True)]
        for block in blocks:
            self._record(
                "assistant",
                requestId=request,
                message={
                    "id": message,
                    "type": "message",
                    "role": "assistant",
                    "model": self.model,
                    "content": [block],
                    "stop_reason": "tool_use" if asked else "end_turn",
                    "usage": usage,
                },
            )
        return asked

    def _result(self, tool: str, content: Any, *, failed: bool = False, told: Any = None) -> None:
        block = {"tool_use_id": tool, "type": "tool_result", "content": content}
        if failed:
            block["is_error"] = True
            told = f"Error: {content}"
        more = {} if told is None else {"toolUseResult": told}
        self._record("user", message={"role": "user", "content": [block]}, **more)

    def _record(self, kind: str, **more: Any) -> None:
        uuid = f"{self._draw(8)}-{self._draw(4)}-4000-8000-{self._draw(12)}"
        record = {
            "parentUuid": self._parent,
            "isSidechain": self.agent is not None,
            **({} if self.agent is None else {"agentId": self.agent}),
            "type": kind,
            **more,
            "uuid": uuid,
            "timestamp": iso(self.now),
            "userType": "external",
            "entrypoint": "cli",
            "cwd": f"/home/dev/{self.project}",
            "sessionId": self._session,
            "version": "2.1.220",
            "gitBranch": "main",
        }
        self._parent = uuid
        self._lines.append(json.dumps(record, ensure_ascii=False) + "\n")
