"""A session's file as Gemini CLI writes it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from ai_viewer.demo.step import Act, iso

TOOLS = {"search": "search_file_content", "read": "read_file", "edit": "replace", "run": "run_shell_command"}


class Gemini:
    """A session's file while it is written."""

    def __init__(self, project: str, model: str, start: dt.datetime, chance: random.Random) -> None:
        self.model = model
        self.now = start
        self._chance = chance
        self._context = 9_000
        self._id = f"{chance.getrandbits(32):08x}-3c1f-4000-8000-{chance.getrandbits(48):012x}"
        folder = hashlib.sha256(f"/home/dev/{project}".encode()).hexdigest()
        name = f"session-{start:%Y-%m-%dT%H-%M}-{self._id[:8]}.jsonl"
        self._path = PurePosixPath("gemini", "tmp", folder, "chats", name)
        self._records: list[dict[str, Any]] = [
            {"sessionId": self._id, "projectHash": folder, "startTime": iso(start), "kind": "main"}
        ]

    def wait(self, seconds: float) -> None:
        """Nothing happens."""
        self.now += dt.timedelta(seconds=seconds)

    def prompt(self, text: str) -> None:
        """The user asks: a turn begins."""
        self._message("user", content=[{"text": text}])

    def step(self, say: str, *acts: Act) -> None:
        """One model call, and the tools that it asks for, one after the other."""
        self.wait(self._chance.uniform(2, 12))
        cached = self._context
        self._context += self._chance.randrange(600, 5_000)
        output, thoughts = self._chance.randrange(40, 700), self._chance.randrange(20, 300)
        tokens = {"input": self._context, "output": output, "cached": cached, "thoughts": thoughts, "tool": 0}
        tokens["total"] = self._context + output + thoughts
        answered = self.now
        calls = [self._called(act) for act in acts]
        more = {"toolCalls": calls} if calls else {}
        self._message("gemini", answered, content=say, model=self.model, thoughts=[], tokens=tokens, **more)

    def agents(self, say: str, titles: Sequence[str], act: Act, *, deeper: int) -> None:
        """Sub-agents are not written: the calls are its own, here."""
        self.step(say, *[act] * (len(titles) + deeper))

    def compact(self) -> None:
        """A compression leaves nothing of its own in the file; the next call is sent less."""
        self._context = 9_000

    def files(self) -> Iterator[tuple[PurePosixPath, str]]:
        """Yield the file."""
        yield self._path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in self._records)

    def _called(self, act: Act) -> dict[str, Any]:
        self.wait(act.seconds * self._chance.uniform(0.5, 2))
        tool, name = f"{TOOLS[act.tool]}_{self._chance.getrandbits(48)}_0", TOOLS[act.tool]
        response = {"id": tool, "name": name, "response": {"error" if act.failed else "output": act.result}}
        return {
            "id": tool,
            "name": name,
            "args": act.given,
            "result": [{"functionResponse": response}],
            "status": "error" if act.failed else "success",
            "timestamp": iso(self.now),
        }

    def _message(self, kind: str, moment: dt.datetime | None = None, **more: Any) -> None:
        name = f"{self._chance.getrandbits(64):016x}"
        self._records.append({"id": name, "timestamp": iso(moment or self.now), "type": kind, **more})
