"""pi, the coding agent of pi-mono: session files.

**Where**: ``$PI_CODING_AGENT_DIR`` (``~/.pi/agent``), below
``sessions/--<working directory with dashes>--/<time>_<uuid>.jsonl``; that folder's name is lossy and
is never decoded, the header tells ``cwd``. Append-only, but rewritten once when a newer version opens
an older file. Producer: https://github.com/badlogic/pi-mono (``packages/coding-agent``).

**Records**, one a line, a header first::

    {"type": "session", "version": 3, "id": <uuid>, "timestamp": …, "cwd": …, "parentSession": <path>}
    {"type": "message", "id": "22a2720e", "parentId": "30c6a75f", "timestamp": "2026-01-02T03:04:08.678Z",
     "message": {"role": "assistant", "content": [text, thinking, toolCall], "provider": …, "model": …,
      "usage": {"input": 12, "output": 7, "cacheRead": 0, "cacheWrite": 0, "cost": {…, "total": 0.01}},
      "stopReason": "toolUse", "timestamp": 1767323045678}}
    {"type": "message", …, "message": {"role": "user" | "toolResult" | "bashExecution" | "custom", …}}
    {"type": "compaction" | "branch_summary" | "model_change" | "thinking_level_change" | "label" | …}

Version 1 has no ids and calls the parent ``branchedFrom``; its header names the model.

**A tree.** An entry names the entry before it; going back and on from an earlier one begins a branch
in the same file. What an abandoned branch used was used: all entries are told, in the order they
were written, and a notice says where a branch begins.

**Forks** begin with their parent's entries, copied with their times: in a session with a parent, what
is older than the header is told as ``copied``. Without a parent an older entry is no copy (the first
versions wrote the header when the first answer was there). The entry's id is no part of a call's key,
because a file of version 1 is given ids when it is next opened, other ones in each copy.

**Times.** A message has the time it was begun, its entry the time it was written, so a model call is
measured. A tool runs from the request's entry to its result's: tools of one message used to run one
after the other, and since 2026 run at once; the file does not say which. A prompt that was typed
before the latest record was written was said while the model worked, and stays in its turn.

**Tokens** are disjoint, reasoning is within output and not told apart. Cache writes are not told
apart by their life and are told as 5 minutes'. The cost is pi's own, by its own prices; 0 for a call
with tokens means that it had none, and is told as no cost.

**Lost**: the calls that compactions and branch summaries make are in no usage. There is no end of a
session on disk, so none is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ai_viewer.adapters.base import Artifact, Parser
from ai_viewer.adapters.pi.session import SessionParser

__all__ = ["Pi"]

_ELSEWHERE = frozenset({"subagent-artifacts"})
"""Folders among the sessions where extensions keep streams of events."""


class Pi:
    """The pi format."""

    name = "pi"
    title = "pi"
    version = 2

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Return ``$PI_CODING_AGENT_DIR``, else ``~/.pi/agent``."""
        configured = env.get("PI_CODING_AGENT_DIR")
        if not configured:
            return [home / ".pi" / "agent"]
        return [home / configured[2:] if configured.startswith("~/") else Path(configured)]

    def folders(self, root: Path) -> list[Path]:
        """Return ``sessions`` of ``root`` or of the ``agent`` folder in it; else ``root`` itself."""
        candidates = (root / "sessions", root / "agent" / "sessions")
        return [next((folder for folder in candidates if folder.is_dir()), root)]

    def artifact(self, path: PurePosixPath) -> Artifact | None:
        """Return how to read a session file; ``None`` for anything else in the folder."""
        if path.suffix != ".jsonl" or not _ELSEWHERE.isdisjoint(path.parent.parts):
            return None
        return Artifact(str(path))

    def parser(self, artifact: Artifact, state: bytes | None) -> Parser:
        """Return a parser at the start of a session, or where ``state`` was taken."""
        return SessionParser(artifact, state)
